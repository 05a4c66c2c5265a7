#include "http/response_parser.h"

#include <gtest/gtest.h>

#include <string>

#include "http/test_transcript.h"

namespace exposee::http {
namespace {

using namespace std::string_literals;
using testing::read_response;

struct Row {
  std::string bytes;
  std::string told;  // what test_transcript.h says of it
  bool then_eof = false;
};

void expect_told_at_every_cut(const Row& row) {
  SCOPED_TRACE(row.bytes);
  ASSERT_EQ(read_response({row.bytes}, row.then_eof), row.told);
  for (const std::size_t at : testing::cuts_of(row.bytes)) {
    ASSERT_EQ(read_response(testing::cut_in_two(row.bytes, at), row.then_eof), row.told) << "cut at " << at;
  }
  ASSERT_EQ(read_response(testing::cut_in_bytes(row.bytes), row.then_eof), row.told) << "byte by byte";
}

TEST(ResponseParser, ReadsWellFormedResponsesCutAnywhere) {
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
      {"", " ended: The connection ended without a response.\n", true},
      {"H", " ended: The connection ended before the response's head was whole.\n", true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
       " ended: The connection ended before the response's head was whole.\n", true},
      {"HTTP/1.1 100 Continue\r\n\r\n", " ended: The connection ended before the response's head was whole.\n",
       true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n",
       "200 'OK' [Content-Length: 2] {} ended: The connection ended before the response's body was whole.\n",
       true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no",
       "200 'OK' [Content-Length: 2] {o} ended: The connection ended before the response's body was whole.\n",
       true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n",
       "200 'OK' [Transfer-Encoding: chunked] {ok} ended: The connection ended before the response's body was "
       "whole.\n",
       true},
  };
  for (const Row& row : rows) expect_told_at_every_cut(row);
}

TEST(ResponseParser, ReadsHeadsThatDepartFromTheGrammarAndThenGivesUpTheConnection) {
  const std::string ok = "HTTP/1.1 200 OK\r\n", ten = "Content-Length: 1\r\n\r\nx";
  const Row rows[] = {
      {"HTTP/1.1 200 OK\nContent-Length: 1\n\nx", "200 'OK' [Content-Length: 1] {x} last\n"},
      {"HTTP/1.1 200 OK\n\n", "200 'OK'  {} last\n", true},
      {"HTTP/1.1 204 No Content\n\n", "204 'No Content'  {} last\n"},
      {"HTTP/1.1 200 OK\r\nX: y\nContent-Length: 1\r\n\nx", "200 'OK' [X: y][Content-Length: 1] {x} last\n"},
      {ok + "X: y\r\n\r\r\nno field", "200 'OK' [X: y] {no field} more\n"},
      {ok + "X: y\r\n  z\r\n\tw \r\n" + ten, "200 'OK' [X: y z w][Content-Length: 1] {x} last\n"},
      {ok + "X:\r\n y\r\n" + ten, "200 'OK' [X: y][Content-Length: 1] {x} last\n"},
      {ok + " X: y\r\n" + ten, "200 'OK' [Content-Length: 1] {x} last\n"},
      {ok + "Content-Length:\r\n 1\r\n\r\nx", "200 'OK' [Content-Length: 1] {x} last\n"},
      {ok + "X : y\r\n" + ten, "200 'OK' [X: y][Content-Length: 1] {x} last\n"},
      {ok + "Content-Length : 1\r\n\r\nx", "200 'OK' [Content-Length: 1] {x} last\n"},
      {ok + ": y\r\n" + ten, "200 'OK' [Content-Length: 1] {x} last\n"},
      {ok + "no field\r\n folded\r\n" + ten, "200 'OK' [Content-Length: 1] {x} last\n"},
      {ok + "X: a\rb\r\n" + ten, "200 'OK' [X: a b][Content-Length: 1] {x} last\n"},
      {ok + "X: a\0b\x1b[2J\r\n"s + ten, "200 'OK' [X: a b [2J][Content-Length: 1] {x} last\n"},
      {"HTTP/1.1 200 O\0K\r\n"s + ten, "200 'O K' [Content-Length: 1] {x} last\n"},
      {"HTTP/1.1  200 OK\r\n" + ten, "200 'OK' [Content-Length: 1] {x} last\n"},
      {"HTTP/1.1\t200 OK\r\n" + ten, "200 'OK' [Content-Length: 1] {x} last\n"},
      {"HTTP/1.1 200OK\r\n" + ten, "200 'OK' [Content-Length: 1] {x} last\n"},
      {"HTTP/1.2 200 OK\r\n" + ten, "200 'OK' [Content-Length: 1] {x} reusable\n"},
      {"HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\r\n" + ten, "200 'OK' [Content-Length: 1] {x} reusable\n"},
  };
  for (const Row& row : rows) expect_told_at_every_cut(row);
}

TEST(ResponseParser, DoubtAboutTheBodysEndCostsTheConnectionAndNeverTheStatus) {
  const std::string ok = "HTTP/1.1 200 OK\r\n", chunks = "\r\n1\r\nx\r\n0\r\n\r\n";
  const Row rows[] = {
      {ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
       "200 'OK' [Content-Length: 1][Content-Length: 1] {x} last\n"},
      {ok + "Content-Length: 1, 1\r\n\r\nx", "200 'OK' [Content-Length: 1, 1] {x} last\n"},
      {ok + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n",
       "200 'OK' [Content-Length: 0][Content-Length: 0] {} last\n"},
      {ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxyz",
       "200 'OK' [Content-Length: 1][Content-Length: 2] {xyz} last\n", true},
      {ok + "Content-Length: -1\r\n\r\nx", "200 'OK' [Content-Length: -1] {x} last\n", true},
      {ok + "Content-Length: +1\r\n\r\nx", "200 'OK' [Content-Length: +1] {x} last\n", true},
      {ok + "Content-Length: x\r\n\r\nx", "200 'OK' [Content-Length: x] {x} last\n", true},
      {ok + "Content-Length:\r\n\r\nx", "200 'OK' [Content-Length: ] {x} last\n", true},
      {ok + "Content-Length: 18446744073709551616\r\n\r\nx",
       "200 'OK' [Content-Length: 18446744073709551616] {x} last\n", true},
      {ok + "Content-Length: 9\r\nTransfer-Encoding: chunked\r\n" + chunks,
       "200 'OK' [Content-Length: 9][Transfer-Encoding: chunked] {x} last\n"},
      {ok + "Transfer-Encoding: chunked\r\nContent-Length: 9\r\n" + chunks,
       "200 'OK' [Transfer-Encoding: chunked][Content-Length: 9] {x} last\n"},
      {ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n" + chunks,
       "200 'OK' [Transfer-Encoding: chunked][Transfer-Encoding: chunked] {x} last\n"},
      {ok + "Transfer-Encoding: gzip, chunked\r\n" + chunks,
       "200 'OK' [Transfer-Encoding: gzip, chunked] {x} last\n"},
      {ok + "Transfer-Encoding: chunked, identity\r\n" + chunks,
       "200 'OK' [Transfer-Encoding: chunked, identity] {x} last\n"},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n" + chunks,
       "200 'OK' [Connection: keep-alive][Transfer-Encoding: chunked] {x} last\n"},
      {ok + "Transfer-Encoding: identity\r\nContent-Length: 1\r\n\r\nx",
       "200 'OK' [Transfer-Encoding: identity][Content-Length: 1] {x} last\n"},
      {ok + "Transfer-Encoding: identity\r\n\r\nx", "200 'OK' [Transfer-Encoding: identity] {x} last\n",
       true},
      {ok + "Transfer-Encoding: gzip\r\n\r\nx", "200 'OK' [Transfer-Encoding: gzip] {x} last\n", true},
      {ok + "Transfer-Encoding: xchunked\r\n\r\nx", "200 'OK' [Transfer-Encoding: xchunked] {x} last\n",
       true},
      {ok + "Transfer-Encoding:\r\n\r\nx", "200 'OK' [Transfer-Encoding: ] {x} last\n", true},
      {"HTTP/1.1 204 No Content\r\nContent-Length: none\r\n\r\n",
       "204 'No Content' [Content-Length: none] {} last\n"},
  };
  for (const Row& row : rows) expect_told_at_every_cut(row);
}

TEST(ResponseParser, RefusesWhatIsNotAResponse) {
  const std::string rows[] = {
      "ICY 200 OK\r\n\r\n",
      "220 mail.example ESMTP\r\n",
      "SSH-2.0-OpenSSH_9.2",
      "HTTP/2.0 200 OK\r\n\r\n",
      "HTTP/0.9 200 OK\r\n\r\n",
      "http/1.1 200 OK\r\n\r\n",
      "HTTP/1.x 200 OK\r\n\r\n",
      "HTTP/1.1\r\n\r\n",
      "HTTP/1.1 20 OK\r\n\r\n",
      "HTTP/1.1 099 OK\r\n\r\n",
      "HTTP/1.1 2000 OK\r\n\r\n",
      "HTTP/1.1 +20 OK\r\n\r\n",
      "HTTP/1.1200 OK\r\n\r\n",
      " HTTP/1.1 200 OK\r\n\r\n",
      "\r\nHTTP/1.1 200 OK\r\n\r\n",
      "<html>\n",
      "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
  };
  for (const std::string& bytes : rows) {
    const std::string told = read_response({bytes}, false);
    EXPECT_TRUE(told.starts_with(" bad: ")) << bytes << told;
    EXPECT_EQ(read_response({bytes}, true), told) << "the end changes nothing";
    expect_told_at_every_cut({bytes, told});
  }
}

TEST(ResponseParser, MalformedChunksAreAnErrorBehindTheHead) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string chunks :
       {"x\r\n", "2\nok\r\n", "2\r\nok!\r\n0\r\n\r\n", "10000000000000002\r\nok\r\n0\r\n\r\n",
        "ffffffffffffffff\r\n", "0\r\nX: y\r\n z\r\n\r\n"}) {
    const std::string told = read_response({head + chunks}, false);
    EXPECT_TRUE(told.starts_with("200 'OK' ")) << told;
    EXPECT_NE(told.find(" bad: "), std::string::npos) << told;
    expect_told_at_every_cut({head + chunks, told});
  }
}

// The readers share words and limits, so one must not loosen the other: each of these is a response, and the
// same fields in a request are refused.
TEST(ResponseParser, WhatIsForgivenInResponsesIsRefusedInRequests) {
  const std::string fields[] = {
      "X: y\n",
      "X: y\r\n z\r\n",
      " X: y\r\n",
      "X : y\r\n",
      ": y\r\n",
      "no field\r\n",
      "X: a\rb\r\n",
      "X: a\0b\r\n"s,
      "Content-Length: 1\r\nContent-Length: 1\r\n",
      "Content-Length: 1\r\nContent-Length: 2\r\n",
      "Content-Length: 1, 1\r\n",
      "Content-Length: -1\r\n",
      "Content-Length: +1\r\n",
      "Content-Length:\r\n",
      "Content-Length: 18446744073709551616\r\n",
      "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: gzip, chunked\r\n",
      "Transfer-Encoding: chunked, identity\r\n",
      "Transfer-Encoding: identity\r\n",
      "Transfer-Encoding: xchunked\r\n",
      "Transfer-Encoding:\r\n",
  };
  for (const auto& some : fields) {
    const auto request = testing::read_requests({"POST / HTTP/1.1\r\nHost: a\r\n" + some + "\r\n"}, 1000);
    EXPECT_TRUE(request.starts_with(testing::told(FaultKind::malformed))) << some << request;
    const auto response = read_response({"HTTP/1.1 200 OK\r\n" + some + "\r\n"}, false);
    EXPECT_TRUE(response.starts_with("200 'OK' ")) << some << response;
    EXPECT_FALSE(response.ends_with("reusable\n")) << some << response;
  }
  EXPECT_TRUE(testing::read_requests({"POST / HTTP/1.1\nHost: a\n\n"}, 1000)
                  .starts_with(testing::told(FaultKind::malformed)));
  EXPECT_TRUE(testing::read_requests({"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"}, 1000)
                  .starts_with(testing::told(FaultKind::malformed)));
}

TEST(ResponseParser, AHeadFullOfFoldsCostsNoMoreThanItsBytes) {
  std::string response = "HTTP/1.1 200 OK\r\nX:\n";
  std::string value;
  while (response.size() < kMaxResponseHeadBytes - 8) {
    response += " a\n";
    value += value.empty() ? "a" : " a";
  }
  EXPECT_EQ(read_response({response + "\n"}, true), "200 'OK' [X: " + value + "] {} last\n");
}

TEST(ResponseParser, TellsHowLongTheReceiverKeepsTheConnection) {
  const std::pair<std::string, std::optional<std::chrono::seconds>> rows[] = {
      {"timeout=5", std::chrono::seconds(5)},
      {"timeout=5, max=100", std::chrono::seconds(5)},
      {"max=100, Timeout=0", std::chrono::seconds(0)},
      {"max=100", std::nullopt},
      {"timeout=", std::nullopt},
      {"timeout=x", std::nullopt},
      {"timeout=99999999999", std::nullopt},
      {"5", std::nullopt},
  };
  ResponseParser parser;
  for (const auto& [value, expected] : rows) {
    parser.next();
    parser.feed("HTTP/1.1 204 No Content\r\nKeep-Alive: " + value + "\r\n\r\n");
    EXPECT_EQ(parser.keep_alive_timeout(), expected) << value;
  }
  parser.next();
  EXPECT_EQ(parser.keep_alive_timeout(), std::nullopt);
}

TEST(ResponseParser, BytesBehindAResponseMakeItsConnectionUnusable) {
  const std::string response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  ResponseParser parser;
  const auto step = parser.feed(response + "HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(step.state, ReadState::complete);
  EXPECT_EQ(step.consumed, response.size());
  EXPECT_FALSE(parser.reusable());

  parser.next();
  EXPECT_EQ(parser.feed(response).state, ReadState::complete);
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
}

TEST(ResponseParser, IsAsNewAfterAnyEndOfTheResponseBefore) {
  const std::string good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  for (const std::string before : {"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", "nonsense\r\n",
                                   "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 2", "HTTP/1.1 200 OK\r\n\r\nuntil",
                                   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    for (const bool then_eof : {false, true}) {
      ResponseParser parser;
      read_response(parser, {before}, then_eof);
      parser.next();
      EXPECT_TRUE(parser.idle());
      EXPECT_EQ(read_response(parser, {good}, false), "200 'OK' [Content-Length: 2] {ok} reusable\n") << before;
    }
  }
}

TEST(ResponseParser, LimitsOfTheBodyAreTheOwners) {
  const std::string response = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcdef";
  EXPECT_EQ(read_response({response}, false, {.body_kept = 4, .body_read = 6}),
            "200 'OK' [Content-Length: 6] {abcd} truncated reusable\n");
  EXPECT_EQ(read_response({response}, false, {.body_kept = 4, .body_read = 5}),
            "200 'OK' [Content-Length: 6] {abcd} truncated last\n");
  EXPECT_EQ(read_response({response}, false, {.body_kept = 0, .body_read = 6}),
            "200 'OK' [Content-Length: 6] {} truncated reusable\n");
}

}  // namespace
}  // namespace exposee::http
