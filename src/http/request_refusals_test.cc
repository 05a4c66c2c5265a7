// What must never become a request: two parsers could read it differently, or only an attacker sends it.
#include <gtest/gtest.h>

#include <string>

#include "http/limits.h"
#include "http/request_parser.h"
#include "http/test_transcript.h"

namespace exposee::http {
namespace {

using namespace std::string_literals;
using enum FaultKind;

constexpr std::size_t kLimit = 16 * 1024;

struct Refusal {
  const char* name;
  FaultKind kind;
  std::string bytes;
};

std::string with(const std::string& fields) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}
std::string line(const std::string& start) {
  return start + "\r\nHost: a\r\n\r\n";
}
std::string chunks(const std::string& body) {
  return with("Transfer-Encoding: chunked\r\n") + body;
}

// A request smuggled behind the refused one must not be read: the stream ends at the error.
constexpr const char* kSmuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";

void expect_refused_at_every_cut(const Refusal& row) {
  SCOPED_TRACE(row.name);
  const std::string whole = testing::read_requests({row.bytes + kSmuggled}, kLimit);
  ASSERT_TRUE(whole.starts_with(testing::told(row.kind))) << whole;
  for (const std::size_t at : testing::cuts_of(row.bytes)) {
    ASSERT_EQ(testing::read_requests(testing::cut_in_two(row.bytes + kSmuggled, at), kLimit), whole)
        << "cut at " << at;
  }
  ASSERT_EQ(testing::read_requests(testing::cut_in_bytes(row.bytes + kSmuggled), kLimit), whole);
}

TEST(RequestRefusals, RequestLines) {
  const std::string longest_method(kMaxMethodBytes, 'A');
  const std::string endless_method(kMaxMethodBytes + 1, 'A');
  const Refusal rows[] = {
      {"no version", malformed, line("GET /")},
      {"only a word", malformed, line("GET")},
      {"empty line twice", malformed, "\r\n\r\n" + line("GET / HTTP/1.1")},
      {"two spaces after the method", malformed, line("GET  / HTTP/1.1")},
      {"two spaces before the version", malformed, line("GET /  HTTP/1.1")},
      {"space after the version", malformed, line("GET / HTTP/1.1 ")},
      {"tab after the version", malformed, line("GET / HTTP/1.1\t")},
      {"space before the method", malformed, line(" GET / HTTP/1.1")},
      {"tab after the method", malformed, line("GET\t/ HTTP/1.1")},
      {"tab in the target", malformed, line("GET /\ta HTTP/1.1")},
      {"space in the target", malformed, line("GET /a b HTTP/1.1")},
      {"method of odd bytes", malformed, line("G@T / HTTP/1.1")},
      {"method in UTF-8", malformed, line("G\xc3\x84T / HTTP/1.1")},
      {"endless method", malformed, line(endless_method + " / HTTP/1.1")},
      {"unknown method", method_not_implemented, line("FROB / HTTP/1.1")},
      {"unknown method that begins like one", method_not_implemented, line("GETX / HTTP/1.1")},
      {"method in lower case", method_not_implemented, line("get / HTTP/1.1")},
      {"method of RTSP", method_not_implemented, line("DESCRIBE / HTTP/1.1")},
      {"longest unknown method", method_not_implemented, line(longest_method + " / HTTP/1.1")},
      {"CONNECT", method_not_implemented, line("CONNECT a:80 HTTP/1.1")},
      {"unknown method, and two Hosts", malformed, line("FROB / HTTP/1.1\r\nHost: b")},
      {"unknown method, and a field without a colon", malformed, line("FROB / HTTP/1.1\r\nnonsense")},
      {"unknown method, and both lengths", malformed,
       line("FROB / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked")},
      {"CONNECT to odd bytes", malformed, line("CONNECT a\xff:80 HTTP/1.1")},
      {"version 0.9", version_not_supported, line("GET / HTTP/0.9")},
      {"version 1.2", version_not_supported, line("GET / HTTP/1.2")},
      {"version 2.0", version_not_supported, line("GET / HTTP/2.0")},
      {"preface of HTTP/2", version_not_supported, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {"version without minor", malformed, line("GET / HTTP/1")},
      {"version with three digits", malformed, line("GET / HTTP/1.10")},
      {"version in lower case", malformed, line("GET / http/1.1")},
      {"other protocol", malformed, line("GET / RTSP/1.0")},
      {"absolute-form, userinfo", malformed, line("GET http://a@a/ HTTP/1.1")},
      {"absolute-form, no host", malformed, line("GET http:///x HTTP/1.1")},
      {"absolute-form, other scheme", malformed, line("GET ftp://a/ HTTP/1.1")},
      {"authority-form", malformed, line("GET a:80 HTTP/1.1")},
      {"relative target", malformed, line("GET a/b HTTP/1.1")},
      {"asterisk for GET", malformed, line("GET * HTTP/1.1")},
      {"asterisk and more", malformed, line("OPTIONS *x HTTP/1.1")},
      {"fragment", malformed, line("GET /#x HTTP/1.1")},
      {"raw UTF-8 in the target", malformed,
       line("GET /gr\xc3\xb6\xc3\x9f"
            "e HTTP/1.1")},
      {"NUL in the target", malformed, line("GET /\0 HTTP/1.1"s)},
      {"DEL in the target", malformed, line("GET /\x7f HTTP/1.1")},
      {"TLS on a plain port", malformed, "\x16\x03\x01\x02\x00\x01\x00\x01\xfc"s},
      {"a banner", malformed, "SSH-2.0-OpenSSH_9.2\r\n"},
  };
  for (const Refusal& row : rows) expect_refused_at_every_cut(row);
}

// Who calls decides what is answered, so the head is read whole.
TEST(RequestRefusals, WhoCallsAnUnknownMethodIsKnown) {
  for (const std::string start : {"FROB /x HTTP/1.1", "CONNECT a:80 HTTP/1.1"}) {
    RequestParser parser;
    const auto half = parser.feed(start + "\r\nHost: a\r\nOrigin: https://e");
    EXPECT_EQ(half.state, ReadState::need_more) << start;
    EXPECT_FALSE(parser.request().whole_head);
    EXPECT_EQ(parser.feed("vil.example\r\n\r\nrest").state, ReadState::error) << start;
    EXPECT_EQ(parser.fault().kind, method_not_implemented);
    EXPECT_TRUE(parser.request().whole_head);
    EXPECT_EQ(parser.request().header("origin"), "https://evil.example");
    EXPECT_EQ(start.substr(0, parser.request().method_text.size()), parser.request().method_text);
  }
}

TEST(RequestRefusals, LinesAndFields) {
  const Refusal rows[] = {
      {"bare LF after the request line", malformed, "GET / HTTP/1.1\nHost: a\r\n\r\n"},
      {"bare LF everywhere", malformed, "GET / HTTP/1.1\nHost: a\n\n"},
      {"bare LF after a field", malformed, with("X: y\nContent-Length: 5\r\n")},
      {"bare LF as the head's end", malformed, "GET / HTTP/1.1\r\nHost: a\r\n\n"},
      {"bare LF before the request", malformed, "\n" + line("GET / HTTP/1.1")},
      {"bare CR in a value", malformed, with("X: a\rb\r\n")},
      {"bare CR for a line end", malformed, with("X: a\rContent-Length: 5\r\n")},
      {"bare CR after an empty value", malformed, with("X:\rTransfer-Encoding: chunked\r\n")},
      {"bare CR as the head's end", malformed, "GET / HTTP/1.1\r\nHost: a\r\n\rX"},
      {"CR twice", malformed, with("X: a\r\r\n")},
      {"CR twice as the head's end", malformed, "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n"},
      {"folded by a space", malformed, with("X: a\r\n b\r\n")},
      {"folded by a tab", malformed, with("X: a\r\n\tb\r\n")},
      {"folded length", malformed, with("Content-Length:\r\n 5\r\n")},
      {"folded coding", malformed, with("Transfer-Encoding:\r\n chunked\r\n")},
      {"white space before the first field", malformed, "GET / HTTP/1.1\r\n X: a\r\nHost: a\r\n\r\n"},
      {"white space line", malformed, with(" \r\n")},
      {"no name", malformed, with(": a\r\n")},
      {"no colon", malformed, with("Content-Length\r\n")},
      {"space before the colon", malformed, with("Content-Length : 5\r\n")},
      {"tab before the colon", malformed, with("Transfer-Encoding\t: chunked\r\n")},
      {"space in a name", malformed, with("X Y: a\r\n")},
      {"odd byte in a name", malformed, with("X(Y): a\r\n")},
      {"UTF-8 in a name", malformed, with("\xc3\xa4: a\r\n")},
      {"NUL in a name", malformed, with("X\0Y: a\r\n"s)},
      {"NUL in a value", malformed, with("X: a\0b\r\n"s)},
      {"NUL at a value's end", malformed, with("X: a\0\r\n"s)},
      {"control byte in a value", malformed, with("X: a\x01\r\n")},
      {"vertical tab before a coding", malformed,
       with("Transfer-Encoding: \x0b"
            "chunked\r\n")},
      {"form feed in a value", malformed, with("X: \x0c\r\n")},
      {"escape in a value", malformed, with("X: \x1b[31m\r\n")},
      {"DEL in a value", malformed, with("X: a\x7f\r\n")},
      {"no Host", malformed, "GET / HTTP/1.1\r\nX: a\r\n\r\n"},
      {"two Hosts", malformed, with("Host: a\r\n")},
      {"two Hosts in 1.0", malformed, "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n"},
      {"a list of Hosts", malformed, "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"},
      {"Host with userinfo", malformed, "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"},
      {"Host with a path", malformed, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
      {"Host in UTF-8", malformed, "GET / HTTP/1.1\r\nHost: \xc3\xa4\r\n\r\n"},
  };
  for (const Refusal& row : rows) expect_refused_at_every_cut(row);
}

TEST(RequestRefusals, LengthsAndCodings) {
  const Refusal rows[] = {
      {"length, then coding", malformed, with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")},
      {"coding, then length", malformed, with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")},
      {"length of 0 and coding", malformed, with("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n")},
      {"length and an empty coding", malformed, with("Content-Length: 5\r\nTransfer-Encoding:\r\n")},
      {"length and an unknown coding", malformed,
       with("Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n")},
      {"two lengths", malformed, with("Content-Length: 5\r\nContent-Length: 6\r\n")},
      {"the same length twice", malformed, with("Content-Length: 5\r\nContent-Length: 5\r\n")},
      {"two lengths of 0", malformed, with("Content-Length: 0\r\nContent-Length: 0\r\n")},
      {"list of lengths", malformed, with("Content-Length: 5, 5\r\n")},
      {"list of lengths without spaces", malformed, with("Content-Length: 5,6\r\n")},
      {"list with an empty member", malformed, with("Content-Length: 5,\r\n")},
      {"signed length", malformed, with("Content-Length: +5\r\n")},
      {"negative length", malformed, with("Content-Length: -5\r\n")},
      {"hexadecimal length", malformed, with("Content-Length: 0x5\r\n")},
      {"length with letters", malformed, with("Content-Length: 5a\r\n")},
      {"length with a space inside", malformed, with("Content-Length: 1 5\r\n")},
      {"length with a tab inside", malformed, with("Content-Length: 1\t5\r\n")},
      {"length with a tab and more", malformed, with("Content-Length: 5\tx\r\n")},
      {"coding with a tab inside", malformed, with("Transfer-Encoding: chun\tked\r\n")},
      {"coding, a tab and more", malformed, with("Transfer-Encoding: chunked\t, identity\r\n")},
      {"length and a coding with a tab", malformed,
       with("Content-Length: 5\r\nTransfer-Encoding: chunked\t\r\n")},
      {"length with a point", malformed, with("Content-Length: 5.0\r\n")},
      {"length in exponent form", malformed, with("Content-Length: 1e1\r\n")},
      {"empty length", malformed, with("Content-Length:\r\n")},
      {"blank length", malformed, with("Content-Length:  \r\n")},
      {"quoted length", malformed, with("Content-Length: \"5\"\r\n")},
      {"length of 2^64", malformed, with("Content-Length: 18446744073709551616\r\n")},
      {"length that wraps to 5", malformed, with("Content-Length: 18446744073709551621\r\n")},
      {"length of 2^64 - 1", body_too_large, with("Content-Length: 18446744073709551615\r\n")},
      {"chunked, identity", malformed, with("Transfer-Encoding: chunked, identity\r\n")},
      {"identity, chunked", malformed, with("Transfer-Encoding: identity, chunked\r\n")},
      {"identity", malformed, with("Transfer-Encoding: identity\r\n")},
      {"gzip", malformed, with("Transfer-Encoding: gzip\r\n")},
      {"gzip, chunked", malformed, with("Transfer-Encoding: gzip, chunked\r\n")},
      {"chunked twice in a list", malformed, with("Transfer-Encoding: chunked, chunked\r\n")},
      {"chunked twice in fields", malformed,
       with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {"identity, then chunked", malformed,
       with("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n")},
      {"chunked, then identity", malformed,
       with("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n")},
      {"chunked, then nothing", malformed, with("Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n")},
      {"xchunked", malformed, with("Transfer-Encoding: xchunked\r\n")},
      {"chunkedx", malformed, with("Transfer-Encoding: chunkedx\r\n")},
      {"quoted chunked", malformed, with("Transfer-Encoding: \"chunked\"\r\n")},
      {"chunked with a parameter", malformed, with("Transfer-Encoding: chunked;q=1\r\n")},
      {"chunked, comma", malformed, with("Transfer-Encoding: chunked,\r\n")},
      {"comma, chunked", malformed, with("Transfer-Encoding: ,chunked\r\n")},
      {"empty coding", malformed, with("Transfer-Encoding:\r\n")},
      {"coding in 1.0", malformed, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
  };
  for (const Refusal& row : rows) expect_refused_at_every_cut(row);
}

TEST(RequestRefusals, Chunks) {
  const Refusal rows[] = {
      {"no size", malformed, chunks("\r\nhello\r\n0\r\n\r\n")},
      {"no size but an extension", malformed, chunks(";a\r\nhello\r\n0\r\n\r\n")},
      {"size with a sign", malformed, chunks("+5\r\nhello\r\n0\r\n\r\n")},
      {"negative size", malformed, chunks("-5\r\nhello\r\n0\r\n\r\n")},
      {"size with 0x", malformed, chunks("0x5\r\nhello\r\n0\r\n\r\n")},
      {"size that is not a number", malformed, chunks("5g\r\nhello\r\n0\r\n\r\n")},
      {"space before the size", malformed, chunks(" 5\r\nhello\r\n0\r\n\r\n")},
      {"space after the size", malformed, chunks("5 \r\nhello\r\n0\r\n\r\n")},
      {"tab after the size", malformed, chunks("5\t\r\nhello\r\n0\r\n\r\n")},
      {"blanks and nothing after the size", malformed, chunks("5 \t \r\nhello\r\n0\r\n\r\n")},
      {"blank inside the size", malformed, chunks("5 5;a\r\nhello\r\n0\r\n\r\n")},
      {"blank after an extension", malformed, chunks("5;a \r\nhello\r\n0\r\n\r\n")},
      {"blank before the size and an extension", malformed, chunks(" 5; a\r\nhello\r\n0\r\n\r\n")},
      {"blank and no name after the semicolon", malformed, chunks("5 ; \r\nhello\r\n0\r\n\r\n")},
      {"two names in an extension", malformed, chunks("5; a b\r\nhello\r\n0\r\n\r\n")},
      {"unclosed quotes in an extension", malformed, chunks("5; a=\"b\r\nhello\r\n0\r\n\r\n")},
      {"underscore in the size", malformed, chunks("1_0\r\nhello\r\n0\r\n\r\n")},
      {"size of 2^64", malformed, chunks("10000000000000000\r\nhello\r\n0\r\n\r\n")},
      {"size that wraps to 5", malformed, chunks("10000000000000005\r\nhello\r\n0\r\n\r\n")},
      {"size of 2^64 - 1", body_too_large, chunks("ffffffffffffffff\r\nhello\r\n0\r\n\r\n")},
      {"bare LF after the size", malformed, chunks("5\nhello\r\n0\r\n\r\n")},
      {"bare CR after the size", malformed, chunks("5\rhello\r\n0\r\n\r\n")},
      {"CR twice after the size", malformed, chunks("5\r\r\nhello\r\n0\r\n\r\n")},
      {"bare LF in an extension", malformed, chunks("5;a\nhello\r\n0\r\n\r\n")},
      {"bare CR in an extension", malformed, chunks("5;a\rb\r\nhello\r\n0\r\n\r\n")},
      {"NUL in an extension", malformed, chunks("5;a\0\r\nhello\r\n0\r\n\r\n"s)},
      {"bare LF in a quoted extension", malformed, chunks("5;a=\"\n\"\r\nhello\r\n0\r\n\r\n")},
      {"data longer than the size", malformed, chunks("4\r\nhello\r\n0\r\n\r\n")},
      {"data shorter than the size", malformed, chunks("6\r\nhello\r\n0\r\n\r\n")},
      {"bare LF after the data", malformed, chunks("5\r\nhello\n0\r\n\r\n")},
      {"bare CR after the data", malformed, chunks("5\r\nhello\r0\r\n\r\n")},
      {"nothing after the data", malformed, chunks("5\r\nhello0\r\n\r\n")},
      {"bare LF as the end", malformed, chunks("0\r\n\n")},
      {"bare CR as the end", malformed, chunks("0\r\n\rX")},
      {"data after the last chunk", malformed, chunks("0\r\nhello\r\n\r\n")},
      {"length in a trailer", malformed, chunks("0\r\nX: a\r\nContent-Length: 9\r\n\r\n")},
      {"coding in a trailer", malformed, chunks("0\r\ntransfer-encoding: chunked\r\n\r\n")},
      {"host in a trailer", malformed, chunks("0\r\nHost: b\r\n\r\n")},
      {"folded trailer", malformed, chunks("0\r\nX: a\r\n b\r\n\r\n")},
      {"nameless trailer", malformed, chunks("0\r\n: a\r\n\r\n")},
      {"trailer without a colon", malformed, chunks("0\r\nXa\r\n\r\n")},
      {"bare LF in a trailer", malformed, chunks("0\r\nX: a\nY: b\r\n\r\n")},
      {"NUL in a trailer", malformed, chunks("0\r\nX: \0\r\n\r\n"s)},
  };
  for (const Refusal& row : rows) expect_refused_at_every_cut(row);
}

}  // namespace
}  // namespace exposee::http
