#include "http/write.h"

#include <gtest/gtest.h>

#include <string>

namespace exposee::http {
namespace {

constexpr std::string_view kDate = "Sun, 06 Nov 1994 08:49:37 GMT";

FieldLines one(std::string_view name, std::string_view value) {
  FieldLines fields;
  fields.add_other(name, value);
  return fields;
}

struct Row {
  const char* name;
  Response response;
  ResponseContext context;
  std::string bytes;
  bool stays_open;
};

TEST(WriteResponse, SaysLengthDateAndConnectionAsTheRequestNeedsThem) {
  const std::string date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
  const Row rows[] = {
      {"1.1, kept",
       {200, one("Content-Type", "text/plain"), "hi"},
       {},
       "HTTP/1.1 200 OK\r\n" + date + "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi",
       true},
      {"1.1, empty",
       {404, {}, ""},
       {},
       "HTTP/1.1 404 Not Found\r\n" + date + "Content-Length: 0\r\n\r\n",
       true},
      {"1.1, the client closes",
       {200, {}, "hi"},
       {.keep_alive = false},
       "HTTP/1.1 200 OK\r\n" + date + "Content-Length: 2\r\nConnection: close\r\n\r\nhi",
       false},
      {"1.1, the server closes",
       {400, {}, "hi", true},
       {},
       "HTTP/1.1 400 Bad Request\r\n" + date + "Content-Length: 2\r\nConnection: close\r\n\r\nhi",
       false},
      {"1.0, kept",
       {200, {}, "hi"},
       {.minor_version = 0},
       "HTTP/1.1 200 OK\r\n" + date + "Content-Length: 2\r\nConnection: keep-alive\r\n\r\nhi",
       true},
      {"1.1, kept, and for how long",
       {200, {}, "hi"},
       {.keep_alive_lines = "Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n"},
       "HTTP/1.1 200 OK\r\n" + date +
           "Content-Length: 2\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n\r\nhi",
       true},
      {"1.0, kept, and for how long",
       {200, {}, "hi"},
       {.minor_version = 0, .keep_alive_lines = "Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n"},
       "HTTP/1.1 200 OK\r\n" + date +
           "Content-Length: 2\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n\r\nhi",
       true},
      {"closed, whatever could be announced",
       {200, {}, "hi"},
       {.keep_alive = false, .keep_alive_lines = "Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n"},
       "HTTP/1.1 200 OK\r\n" + date + "Content-Length: 2\r\nConnection: close\r\n\r\nhi",
       false},
      {"1.0, closed",
       {200, {}, "hi"},
       {.minor_version = 0, .keep_alive = false},
       "HTTP/1.1 200 OK\r\n" + date + "Content-Length: 2\r\nConnection: close\r\n\r\nhi",
       false},
      {"HEAD",
       {200, {}, "hi"},
       {.head = true},
       "HTTP/1.1 200 OK\r\n" + date + "Content-Length: 2\r\n\r\n",
       true},
      {"204", {204, {}, ""}, {}, "HTTP/1.1 204 No Content\r\n" + date + "\r\n", true},
      {"304",
       {304, one("ETag", "\"a\""), ""},
       {},
       "HTTP/1.1 304 Not Modified\r\n" + date + "ETag: \"a\"\r\n\r\n",
       true},
      {"204 with a body by mistake",
       {204, {}, "hi"},
       {},
       "HTTP/1.1 204 No Content\r\n" + date + "\r\n",
       true},
      {"a status without a name",
       {299, {}, ""},
       {},
       "HTTP/1.1 299 \r\n" + date + "Content-Length: 0\r\n\r\n",
       true},
  };
  for (const Row& row : rows) {
    std::string out = "before|";
    const auto written = write_response(row.response, row.context, kDate, out);
    EXPECT_EQ(written.stays_open, row.stays_open) << row.name;
    EXPECT_FALSE(written.body_follows) << row.name;
    EXPECT_EQ(out, "before|" + row.bytes) << row.name;
  }
}

TEST(WriteResponse, LeavesALargeBodyWhereItLies) {
  const std::string lasting(100, 'x');
  struct Case {
    const char* name;
    Body body;
    ResponseContext context;
    std::size_t inline_bytes;
    bool follows;
  };
  const Case rows[] = {
      {"at the limit", Body(lasting), {}, 100, false},
      {"over it", Body(lasting), {}, 99, true},
      {"of the program", Body::of_program(lasting), {}, 99, true},
      {"shared", Body::shared(std::make_shared<const std::string>(lasting)), {}, 99, true},
      {"nothing follows HEAD", Body::of_program(lasting), {.head = true}, 99, false},
      {"nothing follows an empty body", Body(), {}, 0, false},
  };
  for (const Case& row : rows) {
    std::string out;
    const Response response{.body = row.body};
    EXPECT_EQ(write_response(response, row.context, kDate, out, row.inline_bytes).body_follows, row.follows)
        << row.name;
    EXPECT_NE(out.find("Content-Length: " + std::to_string(row.body.size()) + "\r\n"), out.npos) << row.name;
    const bool whole = !row.follows && !row.context.head && !row.body.empty();
    EXPECT_EQ(out.ends_with(lasting), whole) << row.name;
  }
}

TEST(KeepAliveLines, AnnounceWholeSeconds) {
  EXPECT_EQ(keep_alive_lines(std::chrono::seconds(75)),
            "Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n");
  EXPECT_EQ(keep_alive_lines(std::chrono::seconds(0)), "");
}

TEST(Body, CountsOnlyWhatGoesWithIt) {
  static constexpr std::string_view kLasting = "bytes of the program";
  const auto common = std::make_shared<const std::string>(1000, 's');
  EXPECT_GE(Body(std::string(1000, 'o')).held_bytes(), 1000u);
  EXPECT_EQ(Body::of_program(kLasting).held_bytes(), 0u);
  EXPECT_EQ(Body::of_program(kLasting).view().data(), kLasting.data());
  EXPECT_EQ(Body::shared(common).held_bytes(), 1000u);
  EXPECT_EQ(Body::shared(common).view().data(), common->data());
}

TEST(FieldLines, AreFoundByNameAndToldInOrder) {
  FieldLines fields;
  EXPECT_FALSE(fields.has("location"));
  fields.add("content-type: ", "text/plain");
  fields.add("location: ", "/v1/events/", "msg_1");
  fields.add("x-empty: ", "");
  fields.add("vary: origin");
  fields.add_other("X-Odd", "a: b");
  EXPECT_EQ(fields.bytes(),
            "content-type: text/plain\r\nlocation: /v1/events/msg_1\r\nx-empty: \r\nvary: origin\r\n"
            "X-Odd: a: b\r\n");
  EXPECT_EQ(fields.find("location"), "/v1/events/msg_1");
  EXPECT_EQ(fields.find("x-empty"), "");
  EXPECT_EQ(fields.find("x-odd"), "a: b");
  EXPECT_FALSE(fields.find("text/plain"));
  std::string told;
  for (const auto& [name, value] : fields) told.append(name).append("=").append(value).append(";");
  EXPECT_EQ(told, "content-type=text/plain;location=/v1/events/msg_1;x-empty=;vary=origin;X-Odd=a: b;");
}

TEST(WriteResponse, TakesItsContextFromTheRequest) {
  Request request;
  request.method = Method::head;
  request.minor_version = 0;
  request.keep_alive = false;
  const ResponseContext context = response_context(request);
  EXPECT_TRUE(context.head);
  EXPECT_EQ(context.minor_version, 0);
  EXPECT_FALSE(context.keep_alive);
}

TEST(WriteContinue, IsAnInterimResponseWithoutFields) {
  std::string out;
  write_continue(out);
  EXPECT_EQ(out, "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST(WriteRequest, AppendsAHeadPieceByPiece) {
  std::string out;
  begin_request("POST", "/hook?a=%20", "example.com:8080", out);
  append_field("webhook-id", "msg_1", out);
  append_field("webhook-timestamp", std::uint64_t{18446744073709551615u}, out);
  append_field("x-empty", "", out);
  end_request_head(3, out);
  EXPECT_EQ(out,
            "POST /hook?a=%20 HTTP/1.1\r\nHost: example.com:8080\r\nwebhook-id: msg_1\r\n"
            "webhook-timestamp: 18446744073709551615\r\nx-empty: \r\nContent-Length: 3\r\n\r\n");
}

TEST(WriteDeathTest, BytesThatWouldForgeHeadersEndTheProcess) {
  EXPECT_DEATH(one("X", "a\r\nSet-Cookie: b"), "a field value has no control bytes");
  EXPECT_DEATH(one("X", "a\nb"), "a field value has no control bytes");
  EXPECT_DEATH(one("X", "a\rb"), "a field value has no control bytes");
  EXPECT_DEATH(one("X", std::string("a\0b", 3)), "a field value has no control bytes");
  EXPECT_DEATH(one("X: y\r\nZ", "a"), "a field name is a token");
  EXPECT_DEATH(one("", "a"), "a field name is a token");
  EXPECT_DEATH(one("content-LENGTH", "1"), "framing and connection");
  EXPECT_DEATH(one("Transfer-Encoding", "chunked"), "framing and connection");
  FieldLines fields;
  EXPECT_DEATH(fields.add("location: ", "/", "a\r\nb"), "a field value has no control bytes");
  std::string out;
  EXPECT_DEATH(begin_request("POST", "/a b", "a", out), "a request target is visible ASCII");
  EXPECT_DEATH(begin_request("POST", "/", "a\r\nX: y", out), "a field value has no control bytes");
  EXPECT_DEATH(begin_request("PO ST", "/", "a", out), "a method is a token");
  EXPECT_DEATH(write_response({100, {}, ""}, {}, kDate, out), "a final response has a final status");
}

TEST(WriteStream, AHeadSaysHowTheEndOfTheBodyIsFound) {
  const std::string begin =
      "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain\r\n";
  struct {
    const char* name;
    ResponseContext context;
    bool close;
    std::string end;
    bool stays_open;
  } const rows[] = {
      {"1.1, kept", {}, false, "Transfer-Encoding: chunked\r\n\r\n", true},
      {"1.1, kept, and for how long",
       {.keep_alive_lines = "Keep-Alive: timeout=75\r\n"},
       false,
       "Transfer-Encoding: chunked\r\nKeep-Alive: timeout=75\r\n\r\n",
       true},
      {"1.1, closed", {}, true, "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n", false},
      {"1.0, where only the end of the connection is its end",
       {.minor_version = 0, .keep_alive_lines = "Keep-Alive: timeout=75\r\n"},
       false,
       "Connection: close\r\n\r\n",
       false},
  };
  for (const auto& row : rows) {
    std::string out;
    const Response head{200, one("Content-Type", "text/plain"), "", row.close};
    EXPECT_EQ(write_stream_head(head, row.context, kDate, out), row.stays_open) << row.name;
    EXPECT_EQ(out, begin + row.end) << row.name;
  }
}

TEST(WriteStream, PiecesBecomeChunks) {
  struct {
    std::string piece;
    bool last;
    std::string before, behind;
  } const rows[] = {
      {"hello", false, "5\r\n", "\r\n"},
      {std::string(0x1f00, 'x'), false, "1f00\r\n", "\r\n"},
      {"hello", true, "5\r\n", "\r\n0\r\n\r\n"},
      {"", true, "0\r\n\r\n", ""},
      {"", false, "", ""},
  };
  for (const auto& row : rows) {
    std::string piece = row.piece, out;
    frame_chunk(piece, row.last, out);
    EXPECT_EQ(out, row.before);
    EXPECT_EQ(piece, row.piece + row.behind);
  }
}

}  // namespace
}  // namespace exposee::http
