// A warm codec allocates nothing: counted by replacing the global operator new of this test program.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>

#include "http/request_parser.h"
#include "http/response_parser.h"
#include "http/write.h"

namespace {
std::atomic<std::size_t> allocations{0};
}  // namespace

// Out of line: inlined into callers, GCC takes free() for the partner of a different operator new and warns.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace exposee::http {
namespace {

constexpr int kWarmUp = 3;
constexpr int kRounds = 100;

template <class Round>
std::size_t allocations_when_warm(Round round) {
  for (int i = 0; i < kWarmUp; ++i) round();
  const std::size_t before = allocations;
  for (int i = 0; i < kRounds; ++i) round();
  return allocations - before;
}

TEST(Allocation, ReadingRequestsWholeAndInPieces) {
  const std::string head =
      "POST /v1/events?source=test HTTP/1.1\r\nHost: localhost:8000\r\nContent-Type: application/json\r\n"
      "Authorization: Bearer 0123456789abcdef0123456789abcdef\r\nContent-Length: 1000\r\n\r\n";
  const std::string body(1000, 'x');
  RequestParser parser;
  EXPECT_EQ(allocations_when_warm([&] {
              for (const std::size_t cut : {head.size(), head.size() / 2}) {
                parser.feed(std::string_view(head).substr(0, cut));
                if (cut < head.size()) parser.feed(std::string_view(head).substr(cut));
                parser.set_body_limit(1000);
                EXPECT_EQ(parser.feed(body).state, ReadState::complete);
                parser.next();
              }
            }),
            0u);
}

TEST(Allocation, ReadingResponsesByLengthAndByChunks) {
  ResponseParser parser;
  const std::string_view responses[] = {
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nServer: receiver\r\nContent-Length: 2\r\n\r\n{}",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
      "chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"};
  EXPECT_EQ(allocations_when_warm([&] {
              for (const std::string_view response : responses) {
                EXPECT_EQ(parser.feed(response).state, ReadState::complete);
                parser.next();
              }
            }),
            0u);
}

TEST(Allocation, WritingIntoAReusedBuffer) {
  Response response{.body = "{}"};
  response.headers.add("content-type: ", "application/json");
  std::string out;
  EXPECT_EQ(allocations_when_warm([&] {
              out.clear();
              write_response(response, {}, "Sun, 06 Nov 1994 08:49:37 GMT", out);
              begin_request("POST", "/hook", "example.com", out);
              append_field("webhook-timestamp", std::uint64_t{1715054590}, out);
              end_request_head(300, out);
            }),
            0u);
}

}  // namespace
}  // namespace exposee::http
