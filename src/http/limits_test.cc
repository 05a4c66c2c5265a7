// Every limit at exactly its size and one over it, cut in many ways.
#include "http/limits.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "http/request_parser.h"
#include "http/response_parser.h"
#include "http/test_transcript.h"

namespace exposee::http {
namespace {

using enum FaultKind;

constexpr std::size_t kBodyLimit = 1000;

std::string repeated(std::size_t count, std::string_view text) {
  std::string out;
  out.reserve(count * text.size());
  for (std::size_t i = 0; i < count; ++i) out.append(text);
  return out;
}

// none when the stream is one whole request; nothing when it is not whole yet.
std::optional<FaultKind> request_fault(const testing::Pieces& pieces) {
  RequestParser parser;
  const std::string told = testing::read_requests(parser, pieces, kBodyLimit);
  if (told.starts_with("error ")) return parser.fault().kind;
  return told.ends_with("more\n") ? std::nullopt : std::optional(none);
}

void expect_request_fault(const std::string& bytes, FaultKind kind) {
  ASSERT_EQ(request_fault({bytes}), kind);
  for (const std::size_t at : testing::cuts_of(bytes)) {
    ASSERT_EQ(request_fault(testing::cut_in_two(bytes, at)), kind) << "cut at " << at;
  }
  ASSERT_EQ(request_fault(testing::cut_in_bytes(bytes)), kind) << "byte by byte";
}

std::string request_with_line_of(std::size_t bytes) {
  std::string line = "GET / HTTP/1.1";
  line.insert(5, repeated(bytes - line.size(), "x"));
  return line + "\r\nHost: a\r\n\r\n";
}

TEST(RequestLimits, RequestLine) {
  expect_request_fault(request_with_line_of(kMaxRequestLineBytes), none);
  expect_request_fault(request_with_line_of(kMaxRequestLineBytes + 1), request_line_too_long);
  EXPECT_EQ(request_fault({"GET /" + repeated(kMaxRequestLineBytes, "x")}), request_line_too_long)
      << "before the line ends";
}

std::string request_with_header_of(std::size_t bytes) {
  const std::string around = "Host: a\r\nX: \r\n\r\n";
  return "GET / HTTP/1.1\r\nHost: a\r\nX: " + repeated(bytes - around.size(), "x") + "\r\n\r\n";
}

TEST(RequestLimits, HeaderBytes) {
  expect_request_fault(request_with_header_of(kMaxHeaderBytes), none);
  expect_request_fault(request_with_header_of(kMaxHeaderBytes + 1), fields_too_large);
  EXPECT_EQ(request_fault({"GET / HTTP/1.1\r\nX: " + repeated(kMaxHeaderBytes, "x")}), fields_too_large);
}

TEST(RequestLimits, HeaderFields) {
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\n";
  expect_request_fault(start + repeated(kMaxHeaderFields - 1, "X: y\r\n") + "\r\n", none);
  expect_request_fault(start + repeated(kMaxHeaderFields, "X: y\r\n") + "\r\n", fields_too_large);
}

std::string request_with_length(std::size_t bytes) {
  return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n";
}

TEST(RequestLimits, BodyByLengthIsRefusedBeforeItIsRead) {
  expect_request_fault(request_with_length(kBodyLimit) + repeated(kBodyLimit, "x"), none);
  expect_request_fault(request_with_length(kBodyLimit + 1), body_too_large);
}

TEST(RequestLimits, ChunkedBodyIsRefusedAsSoonAsAChunkAnnouncesTooMuch) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string chunk_of_500 = "1f4\r\n" + repeated(500, "x") + "\r\n";
  expect_request_fault(head + chunk_of_500 + chunk_of_500 + "0\r\n\r\n", none);
  expect_request_fault(head + chunk_of_500 + chunk_of_500 + "1\r\n", body_too_large);
  expect_request_fault(head + chunk_of_500 + "1f5\r\n", body_too_large);
  expect_request_fault(head + "3e9\r\n", body_too_large);
}

TEST(RequestLimits, ChunkLinesExtensionsAndTrailers) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  expect_request_fault(head + "0;" + repeated(kMaxChunkLineBytes - 2, "e") + "\r\n\r\n", none);
  expect_request_fault(head + "0;" + repeated(kMaxChunkLineBytes - 1, "e") + "\r\n\r\n", malformed);
  expect_request_fault(head + repeated(kMaxChunkLineBytes, "0") + "\r\n\r\n", none);
  expect_request_fault(head + repeated(kMaxChunkLineBytes + 1, "0"), malformed);

  const std::string costly = "1;" + repeated(kMaxChunkLineBytes - 2, "e") + "\r\nx\r\n";
  constexpr std::size_t kFit = kMaxChunkExtensionBytes / (kMaxChunkLineBytes - kOrdinaryChunkLineBytes);
  expect_request_fault(head + repeated(kFit, costly) + "0\r\n\r\n", none);
  expect_request_fault(head + repeated(kFit + 1, costly) + "0\r\n\r\n", malformed);
  EXPECT_EQ(request_fault({head + repeated(kBodyLimit, "1\r\nx\r\n") + "0\r\n\r\n"}), none)
      << "tiny chunks are fine";

  const std::string around = "X: \r\n\r\n";
  expect_request_fault(head + "0\r\nX: " + repeated(kMaxTrailerBytes - around.size(), "x") + "\r\n\r\n",
                       none);
  expect_request_fault(head + "0\r\nX: " + repeated(kMaxTrailerBytes - around.size() + 1, "x") + "\r\n\r\n",
                       malformed);
  expect_request_fault(head + "0\r\n" + repeated(kMaxHeaderFields, "X: y\r\n") + "\r\n", none);
  expect_request_fault(head + "0\r\n" + repeated(kMaxHeaderFields + 1, "X: y\r\n") + "\r\n", malformed);
}

struct ResponseEnd {
  ReadState state;
  std::size_t kept;
  bool truncated, reusable;
  bool operator==(const ResponseEnd&) const = default;
};

ResponseEnd response_end(const testing::Pieces& pieces) {
  ResponseParser parser;
  ReadState state = ReadState::need_more;
  for (const std::string_view piece : pieces) state = parser.feed(piece).state;
  return {state, parser.body().size(), parser.body_truncated(),
          state == ReadState::complete && parser.reusable()};
}

void expect_response_end(const std::string& bytes, const ResponseEnd& end) {
  ASSERT_EQ(response_end({bytes}), end) << response_end({bytes}).kept;
  for (const std::size_t at : testing::cuts_of(bytes)) {
    ASSERT_EQ(response_end(testing::cut_in_two(bytes, at)), end) << "cut at " << at;
  }
  ASSERT_EQ(response_end(testing::cut_in_bytes(bytes)), end) << "byte by byte";
}

constexpr ResponseEnd kRefused{ReadState::error, 0, false, false};

TEST(ResponseLimits, HeadBytes) {
  const std::string around = "HTTP/1.1 204 No Content\r\nX: \r\n\r\n";
  const auto response = [&](std::size_t bytes) {
    return "HTTP/1.1 204 No Content\r\nX: " + repeated(bytes - around.size(), "x") + "\r\n\r\n";
  };
  expect_response_end(response(kMaxResponseHeadBytes), {ReadState::complete, 0, false, true});
  expect_response_end(response(kMaxResponseHeadBytes + 1), kRefused);
  expect_response_end("HTTP/1.1 200 " + repeated(kMaxResponseHeadBytes, "x"), kRefused);
}

TEST(ResponseLimits, InterimResponses) {
  const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
                    final = "HTTP/1.1 204 \r\n\r\n";
  expect_response_end(repeated(kMaxInterimResponses, interim) + final, {ReadState::complete, 0, false, true});
  expect_response_end(repeated(kMaxInterimResponses + 1, interim) + final, kRefused);
}

std::string response_with_length(std::size_t bytes) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n";
}

TEST(ResponseLimits, BodyByLength) {
  const auto whole = [](std::size_t bytes) { return response_with_length(bytes) + repeated(bytes, "x"); };
  expect_response_end(whole(kMaxResponseBodyKept), {ReadState::complete, kMaxResponseBodyKept, false, true});
  expect_response_end(whole(kMaxResponseBodyKept + 1), {ReadState::complete, kMaxResponseBodyKept, true, false});
}

TEST(ResponseLimits, BodyKnownToBeTooLongIsNotReadPastWhatIsKept) {
  const std::string head = response_with_length(kMaxResponseBodyRead + 1);
  expect_response_end(head + repeated(kMaxResponseBodyKept, "x"),
                    {ReadState::need_more, kMaxResponseBodyKept, false, false});
  expect_response_end(head + repeated(kMaxResponseBodyKept + 1, "x"),
                    {ReadState::complete, kMaxResponseBodyKept, true, false});
}

TEST(ResponseLimits, ChunkedBody) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string chunk_of_4096 = "1000\r\n" + repeated(4096, "x") + "\r\n";
  const std::string all_that_is_read = head + repeated(kMaxResponseBodyRead / 4096, chunk_of_4096);
  expect_response_end(all_that_is_read + "0\r\n\r\n", {ReadState::complete, kMaxResponseBodyKept, false, true});
  expect_response_end(all_that_is_read + "1\r\nx", {ReadState::complete, kMaxResponseBodyKept, true, false});
}

TEST(ResponseLimits, BodyUntilTheConnectionEnds) {
  const std::string head = "HTTP/1.1 200 OK\r\n\r\n";
  expect_response_end(head + repeated(kMaxResponseBodyRead, "x"),
                    {ReadState::need_more, kMaxResponseBodyKept, false, false});
  expect_response_end(head + repeated(kMaxResponseBodyRead + 1, "x"),
                    {ReadState::complete, kMaxResponseBodyKept, true, false});
}

}  // namespace
}  // namespace exposee::http
