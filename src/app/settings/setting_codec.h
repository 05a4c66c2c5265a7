// How each kind of setting is read and written back: one codec per type of value. A codec defines what is
// allowed and says it in words, so that every message, wherever the value came from, is made the same way.
// Pure; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/settings/raw_value.h"
#include "app/settings/settings.h"

namespace exposee::app {

// The error says what is wrong beyond what `allowed` says already; it may be empty.
template <class T>
using Reading = std::expected<T, std::string>;

template <class T>
struct Codec {
  SettingKind kind;
  std::string allowed;  // completes "must be ..."
  std::function<Reading<T>(const RawValue&)> read;
  std::function<std::string(const T&)> show;  // as TOML
};

// Whole numbers from `least` to `most`, both included.
Codec<std::uint32_t> number_32(std::uint32_t least, std::uint32_t most);
Codec<std::uint64_t> number_64(std::uint64_t least, std::uint64_t most);  // most below 2^63
Codec<milliseconds> span_of_ms(std::int64_t least, std::int64_t most);
Codec<bool> yes_or_no();
Codec<AllowPrivate> automatic_or_yes_or_no();  // "auto", true or false
Codec<std::optional<std::uint64_t>> automatic_or_number(std::uint64_t most);  // "auto" is none
Codec<std::string> path_text();           // not empty
Codec<std::string> optional_path_text();  // "" means none
Codec<std::string> optional_base_url();   // no query; "" means none; a slash at the end is dropped
Codec<std::vector<net::ListenAddress>> listen_addresses();  // a text stands for a list of one
Codec<milliseconds> duration(milliseconds least);           // at most kLongestDuration
Codec<RetrySchedule> schedule_of_durations();
Codec<std::vector<Network>> networks();
Codec<std::vector<std::string>> host_patterns();
Codec<std::vector<std::string>> own_host_patterns();  // the same, or "*"
Codec<std::vector<std::string>> origins();  // "*", or scheme, host and port as browsers write them
Codec<LogLevel> log_level();
Codec<LogFormat> log_format();

}  // namespace exposee::app
