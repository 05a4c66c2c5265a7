// The original service's own replies (tests/data/original-replies.jsonl), replayed in order on one API.
#include <fmt/format.h>

#include <fstream>
#include <regex>

#include "fakes/test_api.h"
#include "fakes/tree.h"

namespace exposee::api {
namespace {

namespace json = boost::json;

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : "";
}

bool is_time(const json::value& value) {
  static const std::regex form(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00)");
  return std::regex_match(text_of(value), form);
}

// Members may be added to a reply, never taken away.
bool contains(const json::value& got, const json::value& expected) {
  if (text_of(expected) == "TIME") return is_time(got);
  if (expected.is_object()) {
    if (!got.is_object()) return false;
    for (const auto& [name, value] : expected.as_object()) {
      const auto* member = got.as_object().if_contains(name);
      if (!member || !contains(*member, value)) return false;
    }
    return true;
  }
  if (expected.is_array()) {
    if (!got.is_array() || got.as_array().size() != expected.as_array().size()) return false;
    for (std::size_t i = 0; i < expected.as_array().size(); ++i) {
      if (!contains(got.as_array()[i], expected.as_array()[i])) return false;
    }
    return true;
  }
  return got == expected;
}

bool is_same(const Got& got, int status, const json::value& answer) {
  if (status == 500) return got.status == 422;  // the original broke on it
  if (got.status != status) return false;
  return answer.is_null() ? got.body.empty() : contains(got.json(), answer);
}

bool holds(std::string_view rule, const Got& got, int status, const json::value& answer) {
  if (rule == "free") return got.status / 100 == status / 100;
  if (rule == "whole") return got.status == 200;
  if (rule == "stricter" && got.status / 100 == 4) return true;
  return is_same(got, status, answer);
}

void unregister_everything(TestApi& api) {
  const auto listing = api.call("GET", "/webhooks").json();
  for (const auto& entry : listing.at("webhooks").as_array()) {
    for (const auto& url : entry.at("urls").as_array()) {
      const json::object body{{"event", entry.at("event")}, {"url", url}};
      EXPECT_EQ(api.call("DELETE", "/webhook", json::serialize(body)).status, 204) << url;
    }
  }
}

TEST(OriginalReplies, AreAllGivenAgain) {
  TestApi api;
  std::ifstream file(fakes::in_tree("tests/data/original-replies.jsonl"));
  std::string line;
  int rows = 0;
  while (std::getline(file, line)) {
    const auto row = json::parse(line).as_object();
    if (text_of(row.at("name")) == "user alice") unregister_everything(api);
    const auto& type = row.at("content_type");
    Headers headers{{"content-type", type.is_null() ? "-" : text_of(type)}};
    if (text_of(row.at("name")).starts_with("cors")) headers.emplace_back("origin", "https://shop.example");
    const auto got =
        api.call(text_of(row.at("method")), text_of(row.at("path")), text_of(row.at("body")), headers);
    const int status = static_cast<int>(row.at("status").as_int64());
    EXPECT_TRUE(holds(text_of(row.at("rule")), got, status, row.at("answer")))
        << line << "\n  got " << got.status << " " << got.body;
    ++rows;
  }
  EXPECT_EQ(rows, 219);
}

}  // namespace
}  // namespace exposee::api
