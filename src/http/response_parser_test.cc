#include "http/response_parser.h"

#include <gtest/gtest.h>

#include <string>

#include "http/test_transcript.h"

namespace exposee::http {
namespace {

using namespace std::string_literals;
using testing::read_answer;

struct Row {
  std::string bytes;
  std::string told;  // what test_transcript.h says of it
  bool then_eof = false;
};

void expect_told_at_every_cut(const Row& row) {
  SCOPED_TRACE(row.bytes);
  ASSERT_EQ(read_answer({row.bytes}, row.then_eof), row.told);
  for (const std::size_t at : testing::cuts_of(row.bytes)) {
    ASSERT_EQ(read_answer(testing::cut_in_two(row.bytes, at), row.then_eof), row.told) << "cut at " << at;
  }
  ASSERT_EQ(read_answer(testing::cut_in_bytes(row.bytes), row.then_eof), row.told) << "byte by byte";
}

TEST(ResponseParser, ReadsWellFormedAnswersCutAnywhere) {
  const Row rows[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 'OK' [Content-Length: 2] {ok} reusable\n"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200 'OK' [Content-Length: 0] {} reusable\n"},
      {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200 '' [Content-Length: 0] {} reusable\n"},
      {"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "200 '' [Content-Length: 0] {} reusable\n"},
      {"HTTP/1.1 500 Zu\tviel \xc3\xbc\r\nContent-Length: 0\r\n\r\n",
       "500 'Zu\tviel \xc3\xbc' [Content-Length: 0] {} reusable\n"},
      {"HTTP/1.1 799 Odd\r\nContent-Length: 0\r\n\r\n", "799 'Odd' [Content-Length: 0] {} reusable\n"},
      {"HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\nWebhook-Delivery: abort\r\nContent-Type: "
       "a/b\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
       "429 'Too Many Requests' [retry-after: 7][Webhook-Delivery: abort][Content-Type: a/b][Location: "
       "/x][Content-Length: 0] {} reusable\n"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\nX: trailer\r\n\r\n",
       "200 'OK' [Transfer-Encoding: chunked] {ok} reusable\n"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n",
       "200 'OK' [Transfer-Encoding: chunked][Connection: close] {} last\n"},
      {"HTTP/1.1 200 OK\r\nX-Empty:\r\nConnection: Foo, Close\r\nContent-Length: 1\r\n\r\nx",
       "200 'OK' [X-Empty: ][Connection: Foo, Close][Content-Length: 1] {x} last\n"},
      {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", "200 'OK' [Content-Length: 1] {x} last\n"},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx",
       "200 'OK' [Connection: keep-alive][Content-Length: 1] {x} reusable\n"},
      {"HTTP/1.1 204 No Content\r\n\r\n", "204 'No Content'  {} reusable\n"},
      {"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
       "204 'No Content' [Content-Length: 0] {} reusable\n"},
      {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
       "204 'No Content' [Content-Length: 5] {} last\n"},
      {"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
       "204 'No Content' [Transfer-Encoding: chunked] {} last\n"},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
       "304 'Not Modified' [Content-Length: 5] {} reusable\n"},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
       "200 'OK' [Content-Length: 1] {x} reusable\n"},
      {"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 7\r\n\r\nHTTP/1.1 204 \r\n\r\n",
       "204 ''  {} reusable\n"},
      {"HTTP/1.0 100 Continue\r\nConnection: close\r\n\r\nHTTP/1.1 204 \r\n\r\n", "204 ''  {} reusable\n"},
      {"HTTP/1.1 426 Upgrade Required\r\nConnection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 1\r\n\r\nx",
       "426 'Upgrade Required' [Connection: upgrade][Upgrade: h2c][Content-Length: 1] {x} reusable\n"},
      {"HTTP/1.1 200 OK\r\n\r\nall\r\n\r\nof it", "200 'OK'  {all\r\n\r\nof it} last\n", true},
      {"HTTP/1.1 200 OK\r\n\r\n", "200 'OK'  {} last\n", true},
      {"HTTP/1.1 200 OK\r\n\r\nso far", "200 'OK'  {so far} more\n"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 'OK' [Content-Length: 2] {ok} reusable\n",
       true},
  };
  for (const Row& row : rows) expect_told_at_every_cut(row);
}

TEST(ResponseParser, TellsAConnectionThatEndsTooEarly) {
  const Row rows[] = {
      {"", " ended: The connection ended without an answer.\n", true},
      {"H", " ended: The connection ended before the answer's head was whole.\n", true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
       " ended: The connection ended before the answer's head was whole.\n", true},
      {"HTTP/1.1 100 Continue\r\n\r\n", " ended: The connection ended before the answer's head was whole.\n",
       true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n",
       "200 'OK' [Content-Length: 2] {} ended: The connection ended before the answer's body was whole.\n",
       true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no",
       "200 'OK' [Content-Length: 2] {o} ended: The connection ended before the answer's body was whole.\n",
       true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n",
       "200 'OK' [Transfer-Encoding: chunked] {ok} ended: The connection ended before the answer's body was "
       "whole.\n",
       true},
  };
  for (const Row& row : rows) expect_told_at_every_cut(row);
}

TEST(ResponseParser, RefusesWhatIsNoAnswerOrHasNoCertainEnd) {
  const std::string ok = "HTTP/1.1 200 OK\r\n";
  const std::string rows[] = {
      "ICY 200 OK\r\n\r\n",
      "220 mail.example ESMTP\r\n",
      "HTTP/2.0 200 OK\r\n\r\n",
      "HTTP/0.9 200 OK\r\n\r\n",
      "HTTP/1.2 200 OK\r\n\r\n",
      "http/1.1 200 OK\r\n\r\n",
      "HTTP/1.1\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/1.1 099 OK\r\n\r\n",
      "HTTP/1.1 2000 OK\r\n\r\n",
      "HTTP/1.1 200OK\r\n\r\n",
      "HTTP/1.1 +20 OK\r\n\r\n",
      "HTTP/1.1  200 OK\r\n\r\n",
      "HTTP/1.1\t200 OK\r\n\r\n",
      " HTTP/1.1 200 OK\r\n\r\n",
      "\r\nHTTP/1.1 200 OK\r\n\r\n",
      "HTTP/1.1 200 O\0K\r\n\r\n"s,
      "HTTP/1.1 200 OK\n\n",
      "HTTP/1.1 200 OK\r\nX: y\n\r\n",
      "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
      ok + " X: y\r\n\r\n",
      ok + "X: y\r\n z\r\n\r\n",
      ok + "X : y\r\n\r\n",
      ok + ": y\r\n\r\n",
      ok + "X\r\n\r\n",
      ok + "X: a\rb\r\n\r\n",
      ok + "X: \0\r\n\r\n"s,
      ok + "\rX",
      ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
      ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n",
      ok + "Content-Length: 1, 1\r\n\r\n",
      ok + "Content-Length: -1\r\n\r\n",
      ok + "Content-Length: x\r\n\r\n",
      ok + "Content-Length:\r\n\r\n",
      ok + "Content-Length: 18446744073709551616\r\n\r\n",
      ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      ok + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
      ok + "Transfer-Encoding: gzip\r\n\r\n",
      ok + "Transfer-Encoding: gzip, chunked\r\n\r\n",
      ok + "Transfer-Encoding: chunked, identity\r\n\r\n",
      ok + "Transfer-Encoding: xchunked\r\n\r\n",
      ok + "Transfer-Encoding:\r\n\r\n",
      ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      ok + "Transfer-Encoding: chunked\r\n\r\nx\r\n",
      ok + "Transfer-Encoding: chunked\r\n\r\n2\nok\r\n",
      ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nok!\r\n0\r\n\r\n",
      ok + "Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\nok\r\n0\r\n\r\n",
      ok + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
      ok + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n z\r\n\r\n",
  };
  for (const std::string& bytes : rows) {
    const std::string told = read_answer({bytes}, false);
    EXPECT_NE(told.find(" bad: "), std::string::npos) << bytes << told;
    EXPECT_EQ(read_answer({bytes}, true), told) << "the end changes nothing";
    expect_told_at_every_cut({bytes, told});
  }
}

TEST(ResponseParser, BytesBehindAnAnswerMakeItsConnectionUnusable) {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  ResponseParser parser;
  const auto step = parser.feed(answer + "HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(step.state, ReadState::complete);
  EXPECT_EQ(step.consumed, answer.size());
  EXPECT_FALSE(parser.reusable());

  parser.next();
  EXPECT_EQ(parser.feed(answer).state, ReadState::complete);
  EXPECT_TRUE(parser.reusable());
  EXPECT_EQ(parser.feed("x").consumed, 0u);
  EXPECT_FALSE(parser.reusable());
}

TEST(ResponseParser, KeepsTheHeadWhenTheBodyGoesWrong) {
  ResponseParser parser;
  parser.feed("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_TRUE(parser.has_head());
  EXPECT_EQ(parser.feed("zz\r\n").state, ReadState::error);
  EXPECT_TRUE(parser.has_head());
  EXPECT_EQ(parser.status(), 200);
  EXPECT_FALSE(parser.ended_early());
  EXPECT_EQ(parser.fault().status, 0);
}

TEST(ResponseParser, IsAsNewAfterAnyEndOfTheAnswerBefore) {
  const std::string good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  for (const std::string before : {"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", "nonsense\r\n",
                                   "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 2", "HTTP/1.1 200 OK\r\n\r\nuntil",
                                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    for (const bool then_eof : {false, true}) {
      ResponseParser parser;
      read_answer(parser, {before}, then_eof);
      parser.next();
      EXPECT_TRUE(parser.idle());
      EXPECT_EQ(read_answer(parser, {good}, false), "200 'OK' [Content-Length: 2] {ok} reusable\n") << before;
    }
  }
}

TEST(ResponseParser, LimitsOfTheBodyAreTheOwners) {
  const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcdef";
  EXPECT_EQ(read_answer({answer}, false, {.body_kept = 4, .body_read = 6}),
            "200 'OK' [Content-Length: 6] {abcd} truncated reusable\n");
  EXPECT_EQ(read_answer({answer}, false, {.body_kept = 4, .body_read = 5}),
            "200 'OK' [Content-Length: 6] {abcd} truncated last\n");
  EXPECT_EQ(read_answer({answer}, false, {.body_kept = 0, .body_read = 6}),
            "200 'OK' [Content-Length: 6] {} truncated reusable\n");
}

}  // namespace
}  // namespace exposee::http
