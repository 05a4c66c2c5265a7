#include "contract/store_samples.h"

namespace exposee::contract {
namespace {

constexpr std::int64_t kStart = 1'746'590'590'000'000;

// Bits that follow from n alone.
std::array<std::uint8_t, 10> noise_of(std::uint64_t n) {
  std::array<std::uint8_t, 10> noise{};
  for (std::size_t i = 0; i < noise.size(); ++i)
    noise[i] = static_cast<std::uint8_t>(n * 131 + i * 29 + (n >> (i * 4)));
  return noise;
}

}  // namespace

Instant at(std::int64_t microseconds) {
  return from_micros(kStart + microseconds);
}

std::string pattern(std::uint64_t of_type) {
  return "sample.type_" + std::to_string(of_type);
}

EventType sample_type(std::uint64_t number) {
  return {type(number), pattern(number), "What type " + std::to_string(number) + " says",
          at(1)};
}

Endpoint sample_endpoint(std::uint64_t number) {
  Endpoint e;
  e.number = endpoint(number);
  e.id = EndpointId{uuid_v7(at(5), noise_of(number))};
  e.url = "http://receiver-" + std::to_string(number) + ".example/hook";
  e.secret = "whsec_" + std::to_string(number);
  e.created_at = e.updated_at = at(5);
  return e;
}

EventRef sample_event(std::uint64_t n, std::uint64_t of_type, std::uint64_t under) {
  return sample_event_at(n, at(1000 * static_cast<std::int64_t>(n)), of_type, under);
}

EventRef sample_event_at(std::uint64_t n, Instant accepted_at, std::uint64_t of_type, std::uint64_t under) {
  return std::make_shared<const Event>(
      Event{seq(n), EventId{uuid_v7(accepted_at, noise_of(n))}, type(of_type), version(under), accepted_at,
            pattern(of_type), "{\"n\":" + std::to_string(n) + "}"});
}

AttemptRow sample_attempt(const DeliveryKey& of, std::uint32_t number, int status) {
  AttemptRow attempt{of, number, status >= 200 && status < 300, {}};
  auto& response = attempt.response;
  response.status = status;
  response.reason = status == 200 ? "OK" : "";
  if (status == 0) {
    response.cause = Cause::timeout;
    response.detail = "Timed out after 15 s";
  }
  response.remote_address = "127.0.0.1:9000";
  response.started_at = at(static_cast<std::int64_t>(of.event.value % 1'000'000) * 1000 + number * 100);
  response.timing.first_byte = Duration{40};
  response.timing.total = Duration{50};
  return attempt;
}

DeliveryRow sample_row(const DeliveryKey& of, DeliveryStatus status, Instant due) {
  DeliveryRow row;
  row.key = of;
  row.status = status;
  row.attempts = 1;
  if (status == DeliveryStatus::pending) row.due = due;
  if (status != DeliveryStatus::succeeded) row.cause = Cause::http;
  row.http_status = status == DeliveryStatus::succeeded ? 200 : 500;
  row.updated_at = at(77);
  return row;
}

}  // namespace exposee::contract
