#include "core/endpoint_settings.h"

#include "core/token_bucket.h"

namespace exposee {
namespace {

using std::chrono::milliseconds;
using S = EndpointSettings;

constexpr EndpointSetting kTable[] = {
    {.name = "description",
     .schema = 1,
     .request_text = "",
     .response_text = "",
     .kind = TextSetting{&S::description, kMaxDescriptionBytes, "shop"}},
    {.name = "timeout_ms",
     .schema = 1,
     .request_text = "Time for one attempt in milliseconds. null: the server's default.",
     .response_text = "Time for one attempt. null: the server's default.",
     .kind = SpanSetting{&S::timeout, kMinAttemptTimeout, kMaxAttemptTimeout, milliseconds{5'000}}},
    {.name = "schedule_ms",
     .schema = 1,
     .request_text = "Waits in milliseconds before attempts 2, 3, and so on. null: the server's default.",
     .response_text = "Waits before attempts 2, 3, and so on. null: the server's default.",
     .kind =
         ScheduleSetting{&S::schedule, {milliseconds{5'000}, milliseconds{60'000}, milliseconds{600'000}}}},
    {.name = "max_in_flight",
     .schema = 1,
     .request_text = "Attempts at the same time. null: the server's default.",
     .response_text =
         "Attempts at the same time. null: the server's default, raised up to 64 while the endpoint "
         "answers within 10 ms.",
     .kind = CountSetting{&S::max_in_flight, kMaxInFlight, 4}},
    {.name = "rate_per_second",
     .schema = 1,
     .request_text = "Attempts started per second. null: no limit.",
     .response_text = "Attempts started per second. null: no limit.",
     .kind = CountSetting{&S::rate_per_second, kMaxRatePerSecond, 50}},
    {.name = "ordered",
     .schema = 1,
     .request_text = "Send an event only after the one before it is final.",
     .response_text = "An event is sent only after the one before it is final.",
     .kind = FlagSetting{&S::ordered}},
    {.name = "paused",
     .schema = 1,
     .request_text = "Keep deliveries waiting until this is false again.",
     .response_text = "",
     .kind = FlagSetting{&S::paused}},
    {.name = "public_only",
     .schema = 5,
     .request_text = "Deliver to public addresses only, whatever the settings open.",
     .response_text =
         "Deliveries go to public addresses only, whatever the settings open. true of an endpoint that a web "
         "page of another origin registered.",
     .kind = FlagSetting{&S::public_only}},
    {.name = "max_retry_after_ms",
     .schema = 7,
     .request_text =
         "How long a Retry-After of the receiver may hold the endpoint and postpone a delivery, in "
         "milliseconds; it counts from the next response on. 0: Retry-After is ignored. null: 1 hour "
         "for the endpoint, 24 hours for the delivery.",
     .response_text =
         "How long a Retry-After of the receiver may hold the endpoint and postpone a delivery. null: 1 "
         "hour for the endpoint, 24 hours for the delivery.",
     .kind = SpanSetting{&S::max_retry_after, milliseconds{0}, kMaxRetryAfter, milliseconds{60'000}}},
    {.name = "max_pending",
     .schema = 13,
     .request_text =
         "Deliveries that may wait; while so many do, further ones end at once as exhausted, cause "
         "overflow. null: the server's default.",
     .response_text =
         "Deliveries that may wait; while so many do, further ones end at once as exhausted, cause "
         "overflow. null: the server's default.",
     .kind = CountSetting{&S::max_pending, kMaxPending, 100'000}},
};

void put_example(const TextSetting& kind, S& settings) {
  settings.*kind.member = kind.example;
}
void put_example(const FlagSetting& kind, S& settings) {
  settings.*kind.member = true;
}
void put_example(const CountSetting& kind, S& settings) {
  settings.*kind.member = kind.example;
}
void put_example(const SpanSetting& kind, S& settings) {
  settings.*kind.member = kind.example;
}
void put_example(const ScheduleSetting& kind, S& settings) {
  settings.*kind.member = RetrySchedule{{kind.example.begin(), kind.example.end()}};
}

}  // namespace

std::span<const EndpointSetting> endpoint_settings() {
  return kTable;
}

void set_example(const EndpointSetting& setting, EndpointSettings& settings) {
  std::visit([&](const auto& kind) { put_example(kind, settings); }, setting.kind);
}

bool SettingChanges::has(const EndpointSetting& setting) const {
  return which_.test(static_cast<std::size_t>(&setting - endpoint_settings().data()));
}

void SettingChanges::apply_to(EndpointSettings& settings) const {
  for (const auto& setting : endpoint_settings()) {
    if (!has(setting)) continue;
    std::visit([&](const auto& kind) { settings.*kind.member = to_.*kind.member; }, setting.kind);
  }
}

}  // namespace exposee
