// What is written is read back as it was: made-up messages by the thousand, cut at made-up places. The seed
// is fixed, so a failure repeats.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/test_transcript.h"
#include "http/write.h"

namespace exposee::http {
namespace {

constexpr std::uint64_t kSeed = 20250507;
constexpr int kMessages = 3000;
constexpr std::size_t kBodyLimit = 4096;

class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }
  bool coin() { return below(2) == 0; }

  std::string text(std::string_view alphabet, std::size_t least, std::size_t most) {
    std::string out;
    for (std::size_t n = least + below(most - least + 1); n > 0; --n) out += alphabet[below(alphabet.size())];
    return out;
  }

  std::string name() { return "x" + text("abcXYZ019-_.!#$%&'*+^`|~", 0, 20); }
  std::string value() {
    std::string out = text("ab :,;=\"\\\t/()\xc3\xbc\xff<>@[]{}", 0, 40);
    while (!out.empty() && (out.front() == ' ' || out.front() == '\t')) out.erase(0, 1);
    while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) out.pop_back();
    return out;
  }
  std::string body() {
    std::string out(below(coin() ? 10 : 1500), '\0');
    for (char& c : out) c = static_cast<char>(below(256));
    return out;
  }
  Fields headers() {
    Fields fields;
    for (auto count = below(8); count > 0; --count) {
      const auto name = this->name(), value = this->value();
      fields.add(name, value);
    }
    return fields;
  }

  testing::Pieces cut(std::string_view bytes) {
    testing::Pieces pieces;
    while (!bytes.empty()) {
      const std::size_t size = std::min(bytes.size(), 1 + below(coin() ? 8 : 400));
      pieces.push_back(bytes.substr(0, size));
      bytes.remove_prefix(size);
    }
    return pieces;
  }

  std::string chunked(std::string_view body) {
    std::string out;
    for (const std::string_view piece : cut(body)) {
      char size[32];
      const int written =
          std::snprintf(size, sizeof size, coin() ? "%zx\r\n" : "%04zX;e=1\r\n", piece.size());
      out.append(size, static_cast<std::size_t>(written)).append(piece).append("\r\n");
    }
    return out + (coin() ? "0\r\n\r\n" : "0\r\nX-Trailer: y\r\n\r\n");
  }

 private:
  std::mt19937_64 random_;
};

// Appends one request's bytes to `out` and gives back what must be told of it.
std::string make_request(Maker& make, std::string& out) {
  const std::string target = "/" + make.text("abc/?&=%20.~", 0, 30), body = make.body();
  const auto headers = make.headers();
  const std::string_view method = make.coin() ? "POST" : "DELETE";
  begin_request(method, target, "example.com", out);
  for (const auto& [name, value] : headers) append_field(name, value, out);
  std::string framing;
  if (make.coin()) {
    end_request_head(body.size(), out);
    out.append(body);
    framing = "[Content-Length: " + std::to_string(body.size()) + "]";
  } else {
    append_field("Transfer-Encoding", "chunked", out);
    out.append("\r\n").append(make.chunked(body));
    framing = "[Transfer-Encoding: chunked]";
  }
  return std::string(method) + " " + target + " 1.1 keep [Host: example.com]" + testing::told(headers) +
         framing + " {" + body + "}\n";
}

TEST(RoundTrip, RequestsInOneStream) {
  Maker make(kSeed);
  RequestParser parser;
  for (int i = 0; i < kMessages; i += 3) {
    std::string bytes, expected;
    for (int k = 0; k < 3; ++k) expected += make_request(make, bytes);
    ASSERT_EQ(testing::read_requests(parser, make.cut(bytes), kBodyLimit), expected) << "message " << i;
  }
}

TEST(RoundTrip, ResponsesOnOneConnection) {
  constexpr int kStatuses[] = {200, 201, 204, 301, 304, 400, 410, 422, 429, 500, 503};
  Maker make(kSeed + 1);
  ResponseParser parser;
  for (int i = 0; i < kMessages; ++i) {
    Response response{.status = kStatuses[make.below(std::size(kStatuses))]};
    for (const auto& [name, value] : make.headers()) response.headers.add_other(name, value);
    response.body = make.body();
    response.close = make.below(10) == 0;
    std::string bytes;
    const bool open = write_response(response, {}, "Sun, 06 Nov 1994 08:49:37 GMT", bytes).stays_open;
    const bool bare = response.status == 204 || response.status == 304;
    const std::string expected =
        std::to_string(response.status) + " '" + std::string(reason_phrase(response.status)) +
        "' [Date: Sun, 06 Nov 1994 08:49:37 GMT]" + testing::told(response.headers) +
        (bare ? "" : "[Content-Length: " + std::to_string(response.body.size()) + "]") +
        (open ? "" : "[Connection: close]") + " {" + (bare ? "" : std::string(response.body.view())) + "}" +
        (open ? " reusable\n" : " last\n");
    ASSERT_EQ(testing::read_response(parser, make.cut(bytes), false), expected) << "message " << i;
    parser.next();
  }
}

}  // namespace
}  // namespace exposee::http
