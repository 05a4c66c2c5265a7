#include "http/request_parser.h"

#include <gtest/gtest.h>

#include <string>

#include "http/limits.h"
#include "http/test_transcript.h"

namespace exposee::http {
namespace {

using testing::Pieces;
using testing::read_requests;

constexpr std::size_t kLimit = 16 * 1024;

struct Row {
  std::string bytes;
  std::string told;  // what test_transcript.h says of it
};

void expect_told_at_every_cut(const Row& row) {
  SCOPED_TRACE(row.bytes.substr(0, 200));
  ASSERT_EQ(read_requests({row.bytes}, kLimit), row.told);
  for (const std::size_t at : testing::cuts_of(row.bytes)) {
    ASSERT_EQ(read_requests(testing::cut_in_two(row.bytes, at), kLimit), row.told) << "cut at " << at;
  }
  ASSERT_EQ(read_requests(testing::cut_in_bytes(row.bytes), kLimit), row.told) << "byte by byte";
}

TEST(RequestParser, ReadsWellFormedRequestsCutAnywhere) {
  const Row rows[] = {
      {"GET /webhooks?event_filter=x HTTP/1.1\r\nHost: a\r\n\r\n",
       "GET /webhooks?event_filter=x 1.1 keep [Host: a] {}\n"},
      {"GET / HTTP/1.1\r\nhOST:a\r\nX:\r\nY: \t b c\t \r\nZ: \r\n\r\n",
       "GET / 1.1 keep [hOST: a][X: ][Y: b c][Z: ] {}\n"},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET / 1.1 keep [Host: ] {}\n"},
      {"GET / HTTP/1.1\r\nHost: [::1]:8000\r\nX: \xc3\xbc\xff\r\n\r\n",
       "GET / 1.1 keep [Host: [::1]:8000][X: \xc3\xbc\xff] {}\n"},
      {"POST /users HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
       "POST /users 1.1 keep [Host: a][Content-Length: 5] {hello}\n"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
       "POST / 1.1 keep [Host: a][Content-Length: 0] {}\n"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 007 \r\n\r\n\r\n\r\n\r\nX",
       "POST / 1.1 keep [Host: a][Content-Length: 007] {\r\n\r\n\r\nX}\n"},
      {"DELETE /webhook HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
       "DELETE /webhook 1.1 keep [Host: a][Content-Length: 2] {{}}\n"},
      {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx",
       "GET / 1.1 keep [Host: a][Content-Length: 1] {x}\n"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n00006\r\n "
       "world\r\n0\r\n\r\n",
       "POST / 1.1 keep [Host: a][Transfer-Encoding: chunked] {hello world}\n"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
       "CHUNKED\r\n\r\n1;name=value\r\nh\r\nA;x=\"q\"\r\n0123456789\r\n000\r\nX-Sum: 1\r\n\r\n",
       "POST / 1.1 keep [Host: a][Transfer-Encoding: CHUNKED] {h0123456789}\n"},
      {"GET / HTTP/1.0\r\n\r\n", "GET / 1.0 close  {}\n"},
      {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", "GET / 1.0 keep [Connection: Keep-Alive] {}\n"},
      {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n",
       "GET / 1.0 close [Connection: keep-alive, close] {}\n"},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: x ,\tCLOSE,\r\n\r\n",
       "GET / 1.1 close [Host: a][Connection: x ,\tCLOSE,] {}\n"},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nConnection: y\r\n\r\n",
       "GET / 1.1 close [Host: a][Connection: close][Connection: y] {}\n"},
      {"GET http://A:80/b?c HTTP/1.1\r\nHost: a:80\r\n\r\n", "GET /b?c 1.1 keep [Host: A:80] {}\n"},
      {"GET http://b/ HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n", "GET / 1.1 keep [Host: b][X: y] {}\n"},
      {"GET http://a:81/ HTTP/1.1\r\nHost: a\r\n\r\n", "GET / 1.1 keep [Host: a:81] {}\n"},
      {"GET http://b/ HTTP/1.0\r\n\r\n", "GET / 1.0 close [Host: b] {}\n"},
      {"POST / HTTP/1.1\r\nHost: a\t\r\nContent-Length: 5\t\r\n\r\nhello",
       "POST / 1.1 keep [Host: a][Content-Length: 5] {hello}\n"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\t5 \t \r\n\r\nhello",
       "POST / 1.1 keep [Host: a][Content-Length: 5] {hello}\n"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\tchunked\t\r\n\r\n2 ; a\r\nhi\r\n2;\tb = "
       "\"c d\"\r\nho\r\n0; e\r\nX: y\t\r\n\r\n",
       "POST / 1.1 keep [Host: a][Transfer-Encoding: chunked] {hiho}\n"},
      {"GET HTTPS://a?c HTTP/1.1\r\nHost: a\r\n\r\n", "GET /?c 1.1 keep [Host: a] {}\n"},
      {"GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", "GET / 1.1 keep [Host: a] {}\n"},
      {"OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * 1.1 keep [Host: a] {}\n"},
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * 1.1 keep [Host: a] {}\n"},
      {"PROPFIND /x HTTP/1.1\r\nHost: a\r\n\r\n", "PROPFIND /x 1.1 keep [Host: a] {}\n"},
      {"GET //a/../%zz?\"|`{}^<>\\ HTTP/1.1\r\nHost: a\r\n\r\n",
       "GET //a/../%zz?\"|`{}^<>\\ 1.1 keep [Host: a] {}\n"},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n",
       "GET / 1.1 keep [Host: a][Connection: Upgrade, HTTP2-Settings][Upgrade: h2c] {}\n"},
      {"POST / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: "
       "1\r\n\r\nx",
       "POST / 1.1 keep [Host: a][Connection: Upgrade][Upgrade: websocket][Content-Length: 1] {x}\n"},
      {"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / 1.1 keep [Host: a] {}\n"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\nx",
       "100-continue POST / 1.1 keep [Host: a][Content-Length: 1][Expect: 100-Continue] {x}\n"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n0\r\n\r\n",
       "100-continue POST / 1.1 keep [Host: a][Transfer-Encoding: chunked][Expect: 100-continue] {}\n"},
      {"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
       "GET / 1.1 keep [Host: a][Expect: 100-continue] {}\n"},
      {"POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\nx",
       "POST / 1.0 close [Content-Length: 1][Expect: 100-continue] {x}\n"},
      {"GET / HTTP/1.1\r\nHost: a\r\n", "more\n"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab", "more\n"},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "more\n"},
      {"", ""},
      {"\r\n", ""},
  };
  for (const Row& row : rows) expect_told_at_every_cut(row);
}

TEST(RequestParser, LeavesThePipelinedRestWithTheCaller) {
  const std::string first = "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
  const std::string second = "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
  RequestParser parser;
  auto step = parser.feed(first + second);
  ASSERT_EQ(step.state, ReadState::head_complete);
  EXPECT_EQ(step.consumed, first.size() - 3);
  ASSERT_EQ(parser.set_body_limit(3), ReadState::need_more);
  step = parser.feed("abc" + second);
  ASSERT_EQ(step.state, ReadState::complete);
  EXPECT_EQ(step.consumed, 3u);
  EXPECT_EQ(parser.request().body, "abc");
  EXPECT_EQ(parser.feed(second).consumed, 0u) << "takes nothing before next()";
  parser.next();
  EXPECT_EQ(parser.feed(second).consumed, second.size());
  EXPECT_EQ(parser.request().target, "/2");
}

TEST(RequestParser, ReadsPipelinedRequestsCutAnywhere) {
  const std::string get = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string post = "POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
  const std::string chunked =
      "POST /3 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nz\r\n0\r\n\r\n";
  const std::string get_told = "GET /1 1.1 keep [Host: a] {}\n";
  const std::string post_told = "POST /2 1.1 keep [Host: a][Content-Length: 3] {abc}\n";
  const std::string chunked_told = "POST /3 1.1 keep [Host: a][Transfer-Encoding: chunked] {z}\n";
  expect_told_at_every_cut({get + get, get_told + get_told});
  expect_told_at_every_cut({post + chunked + get, post_told + chunked_told + get_told});
  expect_told_at_every_cut({chunked + "\r\n" + post, chunked_told + post_told});
  expect_told_at_every_cut({post + "GET / HTTP/1.1\r\n\r\n",
                            post_told + testing::told(FaultKind::malformed) + "Host is missing.\n"});
}

TEST(RequestParser, SetsTheBodyLimitBetweenHeadAndBody) {
  RequestParser parser;
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n";
  ASSERT_EQ(parser.feed(head).state, ReadState::head_complete);
  EXPECT_FALSE(parser.reading_head());
  EXPECT_EQ(parser.feed("0123456789").state, ReadState::head_complete) << "waits for the limit";
  ASSERT_EQ(parser.set_body_limit(10), ReadState::need_more);
  EXPECT_TRUE(parser.expects_continue());
  EXPECT_EQ(parser.feed("012345678").state, ReadState::need_more);
  EXPECT_FALSE(parser.expects_continue()) << "the client did not wait";
  EXPECT_EQ(parser.feed("9").state, ReadState::complete);

  parser.next();
  ASSERT_EQ(parser.feed(head).state, ReadState::head_complete);
  EXPECT_EQ(parser.set_body_limit(9), ReadState::error);
  EXPECT_EQ(parser.fault().kind, FaultKind::body_too_large);
  EXPECT_FALSE(parser.expects_continue());
}

TEST(RequestParser, TellsIdleFromReading) {
  RequestParser parser;
  EXPECT_TRUE(parser.idle());
  parser.feed("\r\n");
  EXPECT_TRUE(parser.idle()) << "an empty line left over from a body is no request";
  parser.feed("G");
  EXPECT_FALSE(parser.idle());
  EXPECT_TRUE(parser.reading_head());
  parser.feed("ET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_FALSE(parser.reading_head());
}

TEST(RequestParser, IsAsNewAfterAnyEndOfTheMessageBefore) {
  const std::string good = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok";
  const std::string told = "POST /x 1.1 keep [Host: a][Content-Length: 2] {ok}\n";
  for (const std::string before :
       {"GET / HTTP/1.0\r\nConnection: close\r\n\r\n", "BAD\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Enc",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "\x16\x03\x01",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n"}) {
    RequestParser parser;
    read_requests(parser, {before}, kLimit);
    parser.next();
    EXPECT_EQ(read_requests(parser, {good}, kLimit), told) << "after " << before;
  }
}

TEST(RequestParser, KeepsTheRoomOfAnOrdinaryRequestAndNoMore) {
  const auto room_after = [](std::size_t body_bytes, std::size_t target_bytes) {
    RequestParser parser;
    parser.feed("POST /" + std::string(target_bytes, 't') + " HTTP/1.1\r\nHost: a\r\nContent-Length: " +
                std::to_string(body_bytes) + "\r\n\r\n");
    parser.set_body_limit(body_bytes);
    EXPECT_EQ(parser.feed(std::string(body_bytes, 'b')).state, ReadState::complete);
    parser.next();
    return parser.request().body.capacity() + parser.request().target.capacity();
  };
  EXPECT_GE(room_after(300, 20), 300u);
  EXPECT_LT(room_after(100'000, 5'000), 100u);
}

}  // namespace
}  // namespace exposee::http
