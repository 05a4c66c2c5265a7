// The settings of an endpoint: what the integrator decides about it, and the one table that describes them.
// From the table follow the bodies under /v1/endpoints and their refusals, the replies, the JSON Schemas, the
// columns of the data and the step of the schema that adds them, and the samples of the tests. A new setting
// is a member here, a row in endpoint_settings.cc, and its use (CONTRIBUTING.md, "A setting of an endpoint").
// Values only; any thread.
#pragma once

#include <array>
#include <bitset>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "core/assert.h"
#include "core/retry_schedule.h"

namespace exposee {

struct EndpointSettings {
  std::string description;
  std::optional<std::chrono::milliseconds> timeout;  // of a whole attempt; none: the server's default
  std::optional<RetrySchedule> schedule;             // none: the server's default
  std::uint32_t max_in_flight = 0;                   // 0: the server's default
  std::uint32_t rate_per_second = 0;                 // attempts started per second at most; 0: no limit
  bool ordered = false;                              // event k+1 is attempted only after k is final (D10)
  bool paused = false;
  // Deliveries go to public addresses only, whatever the settings open: a page of another origin registered
  // it, whose author may have the URL's name lead to any address.
  bool public_only = false;
  // How much of a receiver's Retry-After counts, zero: nothing of it; none: the server's bounds
  // (core/verdict.h).
  std::optional<std::chrono::milliseconds> max_retry_after;
  std::uint32_t max_pending =
      0;  // deliveries that may wait: further ones end at once; 0: the server's default
  bool operator==(const EndpointSettings&) const = default;
};

constexpr std::chrono::milliseconds kMinAttemptTimeout{1'000}, kMaxAttemptTimeout{30'000};  // promise D7
constexpr std::size_t kMaxDescriptionBytes = 500;
constexpr std::uint32_t kMaxPending = 1'000'000'000;  // deliveries that may wait for an endpoint
constexpr std::uint32_t kMaxInFlight = 1'000;         // concurrent attempts that an endpoint may ask for

// The kinds of settings: which member it is, what it may be, and an example. Whatever shows or stores
// settings has one codec a kind.
struct TextSetting {
  std::string EndpointSettings::* member;
  std::size_t max_bytes;
  std::string_view example;
};
struct FlagSetting {
  bool EndpointSettings::* member;
};
// 1 to `most`; 0 in memory and in the data is null outside: the default, or no limit.
struct CountSetting {
  std::uint32_t EndpointSettings::* member;
  std::uint32_t most, example;
};
// Whole milliseconds, in the name too; null: the default.
struct SpanSetting {
  std::optional<std::chrono::milliseconds> EndpointSettings::* member;
  std::chrono::milliseconds least, most, example;
};
// What check_schedule() lets pass; null: the default.
struct ScheduleSetting {
  std::optional<RetrySchedule> EndpointSettings::* member;
  std::array<std::chrono::milliseconds, 3> example;
};
using SettingKind = std::variant<TextSetting, FlagSetting, CountSetting, SpanSetting, ScheduleSetting>;

struct EndpointSetting {
  std::string_view name;           // of the member in bodies and replies, and of the column in the data
  std::uint32_t schema;            // of the data: the first one that has the column
  std::string_view request_text;   // about it, for whoever sets it: sentences; what null means is one of them
  std::string_view response_text;  // ... for whoever reads it
  SettingKind kind;
};

// In the order of bodies, replies and columns.
std::span<const EndpointSetting> endpoint_settings();

// Sets the one setting to its example; a flag to true. No example is the value of an endpoint that sets
// nothing.
void set_example(const EndpointSetting& setting, EndpointSettings& settings);

// Some of the settings, and what they are to be: what a body says of them.
class SettingChanges {
 public:
  template <class T>
  SettingChanges& set(T EndpointSettings::* member, std::type_identity_t<T> value) {
    to_.*member = std::move(value);
    which_.set(place_of(member));
    return *this;
  }
  bool empty() const { return which_.none(); }
  bool has(const EndpointSetting& setting) const;
  // Whether that flag is to become `value`.
  bool sets(bool EndpointSettings::* flag, bool value) const {
    return which_.test(place_of(flag)) && to_.*flag == value;
  }
  void apply_to(EndpointSettings& settings) const;

 private:
  template <class T>
  static std::size_t place_of(T EndpointSettings::* member);

  static constexpr std::size_t kMostSettings = 64;  // far more than there are
  EndpointSettings to_;
  std::bitset<kMostSettings> which_;  // by place in the table
};

template <class T>
SettingChanges setting_change(T EndpointSettings::* member, std::type_identity_t<T> value) {
  return std::move(SettingChanges().set(member, std::move(value)));
}

template <class T>
std::size_t SettingChanges::place_of(T EndpointSettings::* member) {
  const auto is_it = [&](const auto& kind) {
    if constexpr (std::is_same_v<decltype(kind.member), T EndpointSettings::*>) return kind.member == member;
    return false;
  };
  const auto table = endpoint_settings();
  for (std::size_t place = 0; place < table.size(); ++place) {
    if (std::visit(is_it, table[place].kind)) return place;
  }
  EXPOSEE_ASSERT(false, "every member of EndpointSettings has a row in the table");
  return 0;
}

}  // namespace exposee
