#include "cli/print/api_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "core/text/fill_in.h"

namespace exposee::cli {
namespace {

// A '*' in a path is one part of it, which stands in the command for its own '*'.
struct CommandRow {
  std::string_view method, path, command, body = "";
};
constexpr std::array kCommands = {
    CommandRow{"GET", "/webhooks", "exposee webhooks"},
    CommandRow{"POST", "/webhook", "exposee register EVENT URL"},
    CommandRow{"DELETE", "/webhook", "exposee unregister EVENT URL"},
    CommandRow{"POST", "/ping", "exposee ping"},
    CommandRow{"POST", "/v1/events", "exposee send EVENT DATA"},
    CommandRow{"GET", "/v1/deliveries", "exposee deliveries"},
    CommandRow{"GET", "/v1/deliveries/*", "exposee delivery *"},
    CommandRow{"POST", "/v1/deliveries/*/retry", "exposee retry *"},
    CommandRow{"GET", "/v1/endpoints", "exposee endpoints"},
    CommandRow{"GET", "/v1/endpoints/*", "exposee endpoints *"},
    CommandRow{"POST", "/v1/endpoints/*/enable", "exposee enable *"},
    CommandRow{"PATCH", "/v1/endpoints/*", "exposee pause *", R"({"paused": true})"},
    CommandRow{"PATCH", "/v1/endpoints/*", "exposee resume *", R"({"paused": false})"},
};

// Bodies of calls that no command makes, when the hint brings none: of what was typed, or of the example.
struct BodyRow {
  std::string_view method, path, body;
};
constexpr std::string_view kEvent = "{EVENT}", kUrl = "{URL}";
constexpr std::string_view kExampleEvent = "order.paid", kExampleUrl = "https://shop.example/hook";
constexpr std::array kBodies = {
    BodyRow{"POST", "/v1/event-types", R"({"name": "{EVENT}"})"},
    BodyRow{"POST", "/v1/endpoints", R"({"url": "{URL}", "events": ["{EVENT}"]})"},
};

struct ApiCall {
  std::string_view method, path, body;
  std::size_t length = 0;  // of all of it in the hint
};

constexpr std::string_view kMethods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_path_char(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') ||
         std::string_view("/_-.{}").find(c) != std::string_view::npos;
}

// What single quotes of a shell hold as it is: the hint is a server's.
bool is_plain_json_char(char c) {
  return is_path_char(c) || std::string_view(" \":,[]*").find(c) != std::string_view::npos;
}

std::size_t count_while(std::string_view text, bool (*is)(char)) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is) - text.begin());
}

// The JSON object that `rest` begins with after a blank; empty: none.
std::string_view body_of(std::string_view rest) {
  if (!rest.starts_with(" {")) return {};
  const std::string_view json = rest.substr(1, count_while(rest.substr(1), is_plain_json_char));
  const auto end = json.rfind('}');
  return end == json.npos ? std::string_view{} : json.substr(0, end + 1);
}

// A call whose end is something else may be read otherwise by a shell than it is meant.
bool ends_there(std::string_view rest) {
  return rest.empty() || std::string_view(" .,;:)").find(rest.front()) != std::string_view::npos;
}

// The call that `text` begins with; length 0: none.
ApiCall call_of(std::string_view text) {
  for (const std::string_view method : kMethods) {
    if (!text.starts_with(method) || !text.substr(method.size()).starts_with(" /")) continue;
    const std::string_view rest = text.substr(method.size() + 1);
    std::string_view path = rest.substr(0, count_while(rest, is_path_char));
    while (path.ends_with('.')) path.remove_suffix(1);  // the sentence's
    const std::string_view body = body_of(rest.substr(path.size()));
    const std::size_t length = path.size() + (body.empty() ? 0 : 1 + body.size());
    const std::string_view after = rest.substr(length);
    if (!ends_there(after) || after.starts_with(" {")) return {};
    return {method, path, body, method.size() + 1 + length};
  }
  return {};
}

// "{endpoint_id}" is "ENDPOINT_ID" for people, and nothing that a shell or curl reads otherwise.
std::string shown(std::string_view path) {
  std::string out;
  bool name = false;
  for (const char c : path) {
    if (c == '{' || c == '}')
      name = c == '{';
    else
      out += name && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

// The part of `path` that stands for the pattern's '*', "" when it has none; nothing when they differ.
std::optional<std::string_view> matched(std::string_view pattern, std::string_view path) {
  const auto star = pattern.find('*');
  if (star == pattern.npos) return pattern == path ? std::optional(std::string_view{}) : std::nullopt;
  const auto before = pattern.substr(0, star), after = pattern.substr(star + 1);
  const bool fits =
      path.size() > before.size() + after.size() && path.starts_with(before) && path.ends_with(after);
  if (!fits) return std::nullopt;
  const auto part = path.substr(before.size(), path.size() - before.size() - after.size());
  return part.find('/') == part.npos ? std::optional(part) : std::nullopt;
}

// A text that means nothing else inside of quotes of a shell and of JSON.
bool is_plain(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return is_path_char(c) || std::string_view(":?&=%+~@,").find(c) != std::string_view::npos;
  });
}

std::string usual_body(const ApiCall& call, const Typed& typed) {
  for (const auto& row : kBodies) {
    if (row.method != call.method || row.path != call.path) continue;
    std::string body(row.body);
    fill_in(body, kEvent, is_plain(typed.event) ? typed.event : kExampleEvent);
    fill_in(body, kUrl, is_plain(typed.url) ? typed.url : kExampleUrl);
    return body;
  }
  return {};
}

std::string curl_command(const ApiCall& call, std::string_view server, const Typed& typed) {
  const std::string body = call.body.empty() ? usual_body(call, typed) : std::string(call.body);
  const std::string method = call.method == "GET" ? "" : fmt::format("-X {} ", call.method);
  const std::string data =
      body.empty() ? "" : fmt::format(" -H 'content-type: application/json' -d '{}'", body);
  if (server.ends_with('/')) server.remove_suffix(1);
  return fmt::format("curl {}{}{}{}", method, server, shown(call.path), data);
}

std::string command_of(const ApiCall& call, std::string_view server, const Typed& typed) {
  for (const auto& row : kCommands) {
    const auto part =
        row.method == call.method && row.body == call.body ? matched(row.path, call.path) : std::nullopt;
    if (!part) continue;
    const auto star = row.command.find('*');
    return star == row.command.npos ? std::string(row.command)
                                    : fmt::format("{}{}", row.command.substr(0, star), shown(*part));
  }
  return curl_command(call, server, typed);
}

}  // namespace

std::string with_commands(std::string_view hint, std::string_view server, const Typed& typed) {
  std::string out;
  while (!hint.empty()) {
    const bool begins_word = out.empty() || !is_letter(out.back());
    const ApiCall call = begins_word ? call_of(hint) : ApiCall{};
    if (call.length > 0)
      out += command_of(call, server, typed);
    else
      out += hint.front();
    hint.remove_prefix(std::max<std::size_t>(call.length, 1));
  }
  return out;
}

}  // namespace exposee::cli
