#include "app/settings/setting_codec.h"

#include <algorithm>

#include "core/text/duration_text.h"
#include "core/address/ip_address.h"
#include "core/url/url.h"

namespace exposee::app {
namespace {

std::string range_text(std::string_view unit, std::uint64_t least, std::uint64_t most) {
  return "a whole number" + std::string(unit) + " from " + std::to_string(least) + " to " +
         std::to_string(most);
}

template <class T>
Codec<T> number(std::string_view unit, std::int64_t least, std::int64_t most,
                std::function<std::int64_t(const T&)> to_integer) {
  const auto read = [least, most](const RawValue& raw) -> Reading<T> {
    const auto* value = std::get_if<std::int64_t>(&raw);
    if (value == nullptr || *value < least || *value > most) return std::unexpected("");
    return T(*value);
  };
  const auto show = [to_integer](const T& value) { return std::to_string(to_integer(value)); };
  return {SettingKind::integer, range_text(unit, least, most), read, show};
}

// `check` gives the value back in its settled form, or why it is refused.
Codec<std::string> text(std::string allowed, std::function<Reading<std::string>(const std::string&)> check) {
  const auto read = [check](const RawValue& raw) -> Reading<std::string> {
    const auto* value = std::get_if<std::string>(&raw);
    if (value == nullptr) return std::unexpected("");
    return check(*value);
  };
  return {SettingKind::text, std::move(allowed), read,
          [](const std::string& value) { return toml_text(value); }};
}

// A list whose items are read one by one; the first that is refused refuses all.
template <class T>
Codec<std::vector<T>> list_of(std::string allowed, std::function<Reading<T>(const std::string&)> read_item,
                              std::function<std::string(const T&)> show_item) {
  const auto read = [read_item](const RawValue& raw) -> Reading<std::vector<T>> {
    const auto* items = std::get_if<std::vector<std::string>>(&raw);
    if (items == nullptr) return std::unexpected("");
    std::vector<T> values;
    for (const std::string& item : *items) {
      Reading<T> value = read_item(item);
      if (!value) return std::unexpected(value.error());
      values.push_back(std::move(*value));
    }
    return values;
  };
  const auto show = [show_item](const std::vector<T>& values) {
    std::vector<std::string> items;
    for (const T& value : values) items.push_back(show_item(value));
    return toml_list(items);
  };
  return {SettingKind::list, std::move(allowed), read, show};
}

// The words of an enumeration, in the order of its values.
template <class T>
Codec<T> one_of(std::vector<std::string> words) {
  std::string allowed = "one of";
  for (const std::string& word : words) allowed += (&word == &words.front() ? " " : ", ") + toml_text(word);
  const auto read = [words](const RawValue& raw) -> Reading<T> {
    const auto* value = std::get_if<std::string>(&raw);
    const auto found = value == nullptr ? words.end() : std::ranges::find(words, *value);
    if (found == words.end()) return std::unexpected("");
    return static_cast<T>(found - words.begin());
  };
  const auto show = [words](const T& value) { return toml_text(words[static_cast<std::size_t>(value)]); };
  return {SettingKind::text, allowed, read, show};
}

// With a path when a proxy serves this server below one; references are made by putting "/docs" and the like
// behind it.
Reading<std::string> read_base_url(const std::string& value) {
  if (value.empty()) return value;
  auto url = parse_server_url(value);
  if (!url) return std::unexpected(url.error().message);
  if (url->target.find('?') != std::string::npos) return std::unexpected("it has a query");
  while (url->text.ends_with('/')) url->text.pop_back();
  return url->text;
}

// A name other than localhost would have to be looked up, and could lead anywhere.
Reading<net::ListenAddress> read_listen_address(const std::string& item) {
  auto address = net::parse_listen_address(item);
  if (!address) return std::unexpected(address.error().message);
  const auto ip = IpAddress::parse(address->host);
  if (!ip && address->host != "localhost")
    return std::unexpected(toml_text(address->host) + " is not an IP address");
  if (ip) address->host = ip->text();
  return *address;
}

Reading<milliseconds> read_wait(const std::string& item) {
  const auto span = parse_duration(item);
  if (!span) return std::unexpected(toml_text(item) + " is not a duration");
  return *span;
}

Reading<Network> read_network(const std::string& item) {
  auto network = Network::parse(item);
  if (!network) return std::unexpected(network.error().message);
  return *network;
}

// Names as the URL parser gives them: lower-case ASCII (punycode), so that comparing is exact.
Reading<std::string> read_host_pattern(const std::string& item) {
  const std::string_view all = item;
  const std::string_view name = all.starts_with("*.") ? all.substr(2) : all;
  const auto plain = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  };
  const bool ok = !name.empty() && name.size() <= 253 && std::ranges::all_of(name, plain);
  if (!ok) return std::unexpected(toml_text(item) + " is neither");
  return item;
}

Reading<std::string> read_own_host_pattern(const std::string& item) {
  return item == "*" ? item : read_host_pattern(item);
}

// As a browser sends it, so that comparing is exact: RFC 6454 section 6.2.
Reading<std::string> read_origin(const std::string& item) {
  if (item == "*") return item;
  const auto url = parse_server_url(item);
  if (!url || url->target != "/") return std::unexpected(toml_text(item) + " is not an origin");
  return url->text.substr(0, url->text.size() - 1);
}

}  // namespace

Codec<std::uint32_t> number_32(std::uint32_t least, std::uint32_t most) {
  return number<std::uint32_t>("", least, most,
                               [](const std::uint32_t& value) { return std::int64_t{value}; });
}

Codec<std::uint64_t> number_64(std::uint64_t least, std::uint64_t most) {
  return number<std::uint64_t>("", static_cast<std::int64_t>(least), static_cast<std::int64_t>(most),
                               [](const std::uint64_t& value) { return static_cast<std::int64_t>(value); });
}

Codec<milliseconds> span_of_ms(std::int64_t least, std::int64_t most) {
  return number<milliseconds>(" of milliseconds", least, most,
                              [](const milliseconds& value) { return std::int64_t{value.count()}; });
}

Codec<bool> yes_or_no() {
  const auto read = [](const RawValue& raw) -> Reading<bool> {
    const auto* value = std::get_if<bool>(&raw);
    if (value == nullptr) return std::unexpected("");
    return *value;
  };
  return {SettingKind::boolean, "true or false", read, [](bool value) { return value ? "true" : "false"; }};
}

Codec<std::optional<std::uint64_t>> automatic_or_number(std::uint64_t most) {
  using Value = std::optional<std::uint64_t>;
  const auto read = [most](const RawValue& raw) -> Reading<Value> {
    if (const auto* word = std::get_if<std::string>(&raw); word != nullptr && *word == "auto") return Value{};
    const auto* number = std::get_if<std::int64_t>(&raw);
    if (number == nullptr || *number < 0 || static_cast<std::uint64_t>(*number) > most) return std::unexpected("");
    return Value{static_cast<std::uint64_t>(*number)};
  };
  const auto show = [](const Value& value) { return value ? std::to_string(*value) : "\"auto\""; };
  return {SettingKind::integer, "\"auto\" or a whole number from 0 to " + std::to_string(most), read, show};
}

Codec<AllowPrivate> automatic_or_yes_or_no() {
  const auto read = [](const RawValue& raw) -> Reading<AllowPrivate> {
    const auto* flag = std::get_if<bool>(&raw);
    const auto* word = std::get_if<std::string>(&raw);  // of a variable, which has no types, or "auto"
    if (word != nullptr && *word == "auto") return AllowPrivate::automatic;
    if (flag == nullptr && (word == nullptr || (*word != "true" && *word != "false"))) return std::unexpected("");
    return (flag != nullptr ? *flag : *word == "true") ? AllowPrivate::yes : AllowPrivate::no;
  };
  const auto show = [](const AllowPrivate& value) {
    return value == AllowPrivate::automatic ? "\"auto\"" : value == AllowPrivate::yes ? "true" : "false";
  };
  return {SettingKind::text, "\"auto\", true or false", read, show};
}

Codec<std::string> path_text() {
  return text("a path", [](const std::string& value) -> Reading<std::string> {
    if (value.empty() || value.find('\0') != std::string::npos) return std::unexpected("");
    return value;
  });
}

Codec<std::string> optional_path_text() {
  return text("a path, or empty for none", [](const std::string& value) -> Reading<std::string> {
    if (value.find('\0') != std::string::npos) return std::unexpected("");
    return value;
  });
}

Codec<std::string> optional_base_url() {
  return text("an http or https URL without a query, or empty for none", read_base_url);
}

Codec<std::vector<net::ListenAddress>> listen_addresses() {
  auto codec = list_of<net::ListenAddress>(
      "an address like \"127.0.0.1:8000\" or \"[::1]:8000\", or a list of them", read_listen_address,
      [](const net::ListenAddress& address) { return address.text(); });
  codec.read = [list = codec.read](const RawValue& raw) -> Reading<std::vector<net::ListenAddress>> {
    const auto* one = std::get_if<std::string>(&raw);
    auto addresses = one == nullptr ? list(raw) : list(std::vector<std::string>{*one});
    if (addresses && addresses->empty()) return std::unexpected("nothing would be listened on");
    return addresses;
  };
  return codec;
}

Codec<milliseconds> duration(milliseconds least) {
  const auto read = [least](const RawValue& raw) -> Reading<milliseconds> {
    const auto* text = std::get_if<std::string>(&raw);
    const auto span = text == nullptr ? std::nullopt : parse_duration(*text);
    if (!span || *span < least) return std::unexpected("");
    return *span;
  };
  const auto show = [](const milliseconds& value) { return toml_text(duration_text(value)); };
  return {SettingKind::text,
          "a duration like \"90m\" or \"720h\", from " + toml_text(duration_text(least)) + " to " +
              toml_text(duration_text(kLongestDuration)),
          read, show};
}

Codec<RetrySchedule> schedule_of_durations() {
  const auto waits =
      list_of<milliseconds>("a list of durations like \"5s\", \"30m\" or \"2h\"", read_wait, duration_text);
  const auto read = [waits](const RawValue& raw) -> Reading<RetrySchedule> {
    auto values = waits.read(raw);
    if (!values) return std::unexpected(values.error());
    RetrySchedule schedule{std::move(*values)};
    if (auto checked = check_schedule(schedule); !checked) return std::unexpected(checked.error().message);
    return schedule;
  };
  const auto show = [waits](const RetrySchedule& schedule) { return waits.show(schedule.waits); };
  return {SettingKind::list, waits.allowed, read, show};
}

Codec<std::vector<Network>> networks() {
  return list_of<Network>(
      "a list of networks like \"10.0.0.0/8\" or \"fd00::/8\"", read_network,
      [](const Network& network) { return network.base.text() + "/" + std::to_string(network.prefix_bits); });
}

Codec<std::vector<std::string>> host_patterns() {
  return list_of<std::string>("a list of lower-case host names or patterns like \"*.example.com\"",
                              read_host_pattern, [](const std::string& host) { return host; });
}

Codec<std::vector<std::string>> own_host_patterns() {
  return list_of<std::string>(
      "a list of lower-case host names without port, or patterns like \"*.example.com\", or [\"*\"] for any",
      read_own_host_pattern, [](const std::string& host) { return host; });
}

Codec<std::vector<std::string>> origins() {
  return list_of<std::string>("a list of origins like \"https://shop.example\", or [\"*\"] for any",
                              read_origin, [](const std::string& origin) { return origin; });
}

Codec<LogLevel> log_level() {
  return one_of<LogLevel>({"trace", "debug", "info", "warn", "error"});
}

Codec<LogFormat> log_format() {
  return one_of<LogFormat>({"auto", "text", "json"});
}

}  // namespace exposee::app
