// The client's commands against a server that gives one reply: what they ask, what they print, how they end.
#include "cli/commands/commands.h"

#include <gtest/gtest.h>

#include <sstream>

#include "cli/cli.h"
#include "cli/client/fake_server_for_test.h"
#include "cli/client/fields.h"

namespace exposee::cli {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::string reply_of(int status, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(status) + " Some\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct Ended {
  int code = -1;
  std::string out, err, request, last_request, server;
};

Ended run(std::vector<std::string> words, std::vector<std::string> replies, bool terminal = false,
          const std::string& input = {}, const std::string& path = {}) {
  FakeServer server(std::move(replies));
  std::istringstream in(input);
  std::ostringstream out, err;
  const auto table = common_commands();
  World world{in, out, err, from_micros(1'746'590'590'000'000), {{"TERM", "xterm"}}, terminal, {}, table};
  words.insert(words.end(), {"--url", server.url() + path});
  Ended ended;
  ended.server = server.url();
  ended.code = run_cli(std::move(words), world);
  ended.out = out.str();
  ended.err = err.str();
  ended.request = server.request();
  ended.last_request = server.last_request();
  return ended;
}

Ended run(std::vector<std::string> words, const std::string& reply, bool terminal = false,
          const std::string& input = {}) {
  return run(std::move(words), std::vector<std::string>{reply}, terminal, input);
}

TEST(ClientCommands, RefusalsBecomeSentencesAndExitCodes) {
  const struct {
    int status;
    const char *body, *err;
    int code;
  } rows[] = {
      {404, R"({"detail":"Event 'x' not found","hint":"GET /webhooks lists the events."})",
       "exposee: Event 'x' not found. exposee webhooks lists the events.\n", 5},
      {422,
       R"({"detail":[{"type":"url_scheme","loc":["body","url"],"msg":"URL scheme should be http","input":"x"}]})",
       "exposee: url: URL scheme should be http.\n", 2},
      {422,
       R"({"title":"Invalid request","code":"invalid_request","errors":[{"pointer":"/query/status","message":"is not a status"}]})",
       "exposee: status is not a status.\n", 2},
      {401, R"({"title":"No token"})", "exposee: No token.\n", 4},
      {403, "", "exposee: The server answers 403.\n", 4},
      {409, R"({"detail":"The endpoint is disabled"})", "exposee: The endpoint is disabled.\n", 6},
      {504, "<html>", "exposee: The server answers 504.\n", 7},
      {503, R"({"detail":"Overloaded"})", "exposee: Overloaded.\n", 1},
      {302, "", "exposee: The server answers 302.\n", 1},
      {200, "[]", "exposee: The reply is not a JSON object. Is this an Exposee server?\n", 1},
  };
  for (const auto& row : rows) {
    const Ended ended = run({"webhooks"}, reply_of(row.status, row.body));
    EXPECT_EQ(ended.code, row.code) << row.body;
    EXPECT_EQ(ended.err, row.err);
    EXPECT_THAT(ended.out, IsEmpty());
  }
}

// Nobody who types --endpoint has heard of /query/endpoint.
TEST(ClientCommands, WhatTheApiCallsByItsNamesIsSaidByThoseThatWereTyped) {
  const auto v1 = [](const std::string& pointer, const std::string& message) {
    return reply_of(422, R"({"title":"Invalid request","detail":"Invalid query","code":"invalid_request",)"
                         R"("hint":"Every fault is listed in errors.","errors":[{"pointer":")" +
                             pointer + R"(","message":")" + message + R"("}]})");
  };
  const auto contract = [](const std::string& place, const std::string& message) {
    return reply_of(422, R"({"detail":[{"loc":["body",")" + place + R"("],"msg":")" + message + R"("}]})");
  };
  const struct {
    std::vector<std::string> words;
    std::string reply, err;
  } rows[] = {
      {{"deliveries", "--endpoint", "x"},
       v1("/query/endpoint", "must be the id of an endpoint"),
       "--endpoint must be the id of an endpoint."},
      {{"deliveries", "--event", "evt_1"},
       v1("/query/event", "must be an event's id"),
       "--event must be an event's id."},
      {{"deliveries", "--cursor", "x"},
       v1("/query/cursor", "must be a next_cursor of this list"),
       "--cursor must be a cursor that this list ended with."},
      {{"send", "e"},
       v1("/event", "must be at most 128 bytes long"),
       "EVENT must be at most 128 bytes long."},
      {{"send", "e"}, v1("/data", "is required"), "DATA is required."},
      {{"send", "e"}, v1("", "must be a JSON object"), "must be a JSON object."},
      {{"send", "e"},
       reply_of(400, R"({"detail":"Idempotency-Key has more than 255 bytes"})"),
       "--idempotency-key has more than 255 bytes."},
      {{"register", "e", "x"},
       contract("url", "URL scheme should be http"),
       "URL: URL scheme should be http."},
      {{"register", "e-x", "x"},
       contract("event", "Value error, an event's name is an identifier"),
       "EVENT: an event's name is an identifier."},
      {{"ping", "e"},
       contract("event_filter", "Value error, too many; name one event in event_filter"),
       "EVENT: too many; name one event in EVENT."},
      {{"webhooks"},
       reply_of(503, R"({"detail":"Overloaded","hint":"Try again after the seconds in Retry-After."})"),
       "Overloaded. Try again in a second."},
  };
  for (const auto& row : rows) EXPECT_EQ(run(row.words, row.reply).err, "exposee: " + row.err + "\n");
}

TEST(ClientCommands, AnAddressWithoutAnApiIsNamedWithTheOneThatIsProbablyMeant) {
  for (const auto& body : {R"({"detail":"Not Found"})", "<html>", ""}) {
    for (const auto& words :
         std::vector<std::vector<std::string>>{{"status"}, {"webhooks"}, {"endpoints"}, {"retry", "dlv_1"}}) {
      const Ended ended = run(words, {reply_of(404, body)}, false, "", "/xx");
      EXPECT_EQ(ended.code, 5);
      EXPECT_EQ(ended.err, "exposee: There is no Exposee API at " + ended.server +
                               "/xx: it answers 404. Should the URL be " + ended.server +
                               "? A path belongs to it only when a proxy serves Exposee there.\n");
    }
    EXPECT_THAT(run({"status"}, reply_of(404, body)).err,
                HasSubstr(": it answers 404. Is this an Exposee server?\n"));
  }
  EXPECT_THAT(run({"healthcheck"}, reply_of(404, "")).err,
              HasSubstr("it answers 404: there is no Exposee server at that address."));
}

TEST(ClientCommands, AMistypedEventIsToldFromOneThatIsNotDeclaredYet) {
  const auto unknown =
      reply_of(404, R"({"detail":"Event type 'order.pad' is not declared",)"
                    R"("hint":"Declare it with POST /v1/event-types {\"name\": \"order.pad\"}."})");
  const auto types = [](const std::string& name) {
    return reply_of(200,
                    R"({"data":[{"name":"user_registered"},{"name":")" + name + R"("}],"has_more":false})");
  };
  const std::string declare = " -H 'content-type: application/json' -d '{\"name\": \"order.pad\"}'.\n";
  const std::string is_not = "exposee: Event type 'order.pad' is not declared.";
  const Ended near = run({"send", "order.pad"}, {unknown, types("order.paid")});
  EXPECT_EQ(near.err, is_not + " Did you mean 'order.paid'? Declare it with curl -X POST " + near.server +
                          "/v1/event-types" + declare);
  EXPECT_THAT(near.last_request, StartsWith("GET /v1/event-types?"));
  for (const auto& other : {types("else"), reply_of(503, "")}) {
    const Ended far = run({"send", "order.pad"}, {unknown, other});
    EXPECT_EQ(far.err, is_not + " Declare it with curl -X POST " + far.server + "/v1/event-types" + declare);
    EXPECT_EQ(far.code, 5);
  }
  for (const auto& words : std::vector<std::vector<std::string>>{{"register", "order.pad", "http://a/"},
                                                                 {"unregister", "order.pad", "http://a/"},
                                                                 {"webhooks", "order.pad"},
                                                                 {"ping", "order.pad"},
                                                                 {"deliveries", "--event", "order.pad"}}) {
    EXPECT_THAT(run(words, {unknown, types("order.paid")}).err, HasSubstr("Did you mean 'order.paid'?"))
        << words.front();
  }
}

constexpr const char* kEndpoint =
    R"({"id":"ep_1","url":"http://a.example/hook","status":"paused","pending":12,"events":["order.*","user_registered"]})";

TEST(ClientCommands, EndpointsAreListedWithWhatWaitsForThem) {
  const auto list = reply_of(
      200,
      std::string(R"({"data":[)") + kEndpoint +
          R"(,{"id":"ep_22","url":"http://b/","status":"active","pending":0,"events":["*"]}],"has_more":false})");
  const Ended all = run({"endpoints"}, list);
  EXPECT_EQ(all.out,
            "ep_1   paused  12 pending  http://a.example/hook  order.* user_registered\n"
            "ep_22  active   0 pending  http://b/              *\n");
  EXPECT_THAT(all.request, StartsWith("GET /v1/endpoints?limit=200 "));
  EXPECT_THAT(run({"endpoints", "--json"}, list).out, StartsWith(R"({"data":[{"id":"ep_1")"));
  EXPECT_EQ(run({"endpoints"}, reply_of(200, R"({"data":[]})")).err,
            "No endpoints.  Try: exposee register EVENT URL\n");
  const Ended one = run({"endpoints", "ep_1"}, reply_of(200, kEndpoint));
  EXPECT_EQ(one.out, "ep_1  paused  12 pending  http://a.example/hook  order.* user_registered\n");
  EXPECT_THAT(one.request, StartsWith("GET /v1/endpoints/ep_1 "));
}

TEST(ClientCommands, AnEndpointIsPausedResumedAndEnabledByItsIdOrItsUrl) {
  const auto changed = [](const std::string& status) {
    return reply_of(
        200, R"({"id":"ep_1","url":"http://a/","status":")" + status + R"(","pending":3,"events":["*"]})");
  };
  const auto found = reply_of(200, R"({"data":[{"id":"ep_1"}],"has_more":false})");
  const struct {
    std::string command, status, request, err;
  } rows[] = {
      {"pause", "paused", "PATCH /v1/endpoints/ep_1 HTTP/1.1\r\n", ""},
      {"resume", "active", "PATCH /v1/endpoints/ep_1 HTTP/1.1\r\n", ""},
      {"resume", "disabled", "PATCH /v1/endpoints/ep_1 HTTP/1.1\r\n", "Try: exposee enable ep_1\n"},
      {"enable", "active", "POST /v1/endpoints/ep_1/enable HTTP/1.1\r\n", ""},
      {"enable", "paused", "POST /v1/endpoints/ep_1/enable HTTP/1.1\r\n", "Try: exposee resume ep_1\n"},
  };
  for (const auto& row : rows) {
    const Ended by_id = run({row.command, "ep_1"}, changed(row.status));
    EXPECT_EQ(by_id.code, 0) << by_id.err;
    EXPECT_EQ(by_id.out, "ep_1  " + row.status + "  3 pending  http://a/  *\n");
    EXPECT_EQ(by_id.err, row.err);
    EXPECT_THAT(by_id.request, StartsWith(row.request));
    const Ended by_url = run({row.command, "http://a/"}, {found, changed(row.status)});
    EXPECT_THAT(by_url.request, StartsWith("GET /v1/endpoints?url=http%3A%2F%2Fa%2F&limit=1 "));
    EXPECT_THAT(by_url.last_request, StartsWith(row.request));
    EXPECT_EQ(by_url.out, by_id.out);
  }
  const Ended none = run({"pause", "http://a/"}, reply_of(200, R"({"data":[]})"));
  EXPECT_EQ(none.code, 5);
  EXPECT_EQ(none.err,
            "exposee: No endpoint has the URL 'http://a/'. exposee endpoints lists all endpoints.\n");
  const Ended listed =
      run({"deliveries", "--endpoint", "http://a/"}, {found, reply_of(200, R"({"data":[]})")});
  EXPECT_THAT(listed.last_request, StartsWith("GET /v1/deliveries?endpoint=ep_1&limit=50 "));
}

TEST(ClientCommands, ADeliverySuggestsWhatItsEndpointAllows) {
  const auto delivery = reply_of(
      200, R"({"id":"dlv_1","endpoint_id":"ep_1","status":"exhausted","cause":"http","retries_by_hand":0})");
  const struct {
    std::string endpoint, err;
  } rows[] = {
      {reply_of(200, R"({"status":"failing"})"), "Try: exposee retry dlv_1\n"},
      {reply_of(200, R"({"status":"disabled"})"), "Try: exposee enable ep_1 && exposee retry dlv_1\n"},
      {reply_of(404, R"({"detail":"The endpoint 'ep_1' does not exist","code":"endpoint_not_found"})"), ""}};
  for (const auto& row : rows) {
    const Ended ended = run({"delivery", "dlv_1"}, {delivery, row.endpoint});
    EXPECT_EQ(ended.code, 0);
    EXPECT_EQ(ended.err, row.err);
    EXPECT_THAT(ended.last_request, StartsWith("GET /v1/endpoints/ep_1 "));
  }
  EXPECT_EQ(run({"delivery", "dlv_1", "--json"}, delivery).err, "");
}

TEST(ClientCommands, RegisterShowsTheSecretAndTheNextStep) {
  const auto body =
      R"({"message":"Webhook registered successfully","url":"http://a.example/","event":"e","endpoint_id":"ep_1","secret":"whsec_1"})";
  const Ended ended = run({"register", "e", "http://a.example"}, reply_of(200, body));
  EXPECT_EQ(ended.code, 0);
  EXPECT_EQ(ended.out, "Event     e\nURL       http://a.example/\nEndpoint  ep_1\nSecret    whsec_1\n");
  EXPECT_EQ(ended.err, "Try: exposee ping e\n");
  EXPECT_THAT(ended.request, StartsWith("POST /webhook HTTP/1.1\r\n"));
  EXPECT_EQ(run({"register", "e", "http://a.example", "--json"}, reply_of(200, body)).out, std::string(body) + "\n");
}

TEST(ClientCommands, RegisteringTwiceIsAConflict) {
  const Ended ended = run({"register", "e", "http://a.example/"},
                          reply_of(400, R"({"detail":"Webhook URL 'http://a.example/' already exists for event 'e'"})"));
  EXPECT_EQ(ended.code, 6);
  EXPECT_EQ(ended.err, "exposee: Webhook URL 'http://a.example/' already exists for event 'e'.\n");
}

TEST(ClientCommands, UnregisterSaysWhatItDid) {
  const Ended ended = run({"unregister", "e", "http://a.example/"}, "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_EQ(ended.out, "e is not sent to http://a.example/ any more.\n");
  EXPECT_THAT(ended.request, StartsWith("DELETE /webhook HTTP/1.1\r\n"));
}

TEST(ClientCommands, WebhooksListsEventsWithTheirUrlsBelow) {
  const Ended ended = run({"webhooks", "a b"}, reply_of(200, R"({"webhooks":[{"event":"e","urls":["http://a/"]},{"event":"f","urls":[]}]})"));
  EXPECT_EQ(ended.out, "e\n  http://a/\nf\n");
  EXPECT_THAT(ended.request, StartsWith("GET /webhooks?event_filter=a%20b HTTP/1.1\r\n"));
}

constexpr const char* kPinged =
    R"({"message":"m","successful_webhooks_count":1,"successful_webhooks":[{"event":"e","url":"http://a/","payload_response":{},"status_code":200,"duration_ms":41.2}],)"
    R"("failed_webhooks_count":2,"failed_webhooks":[{"event":"e","url":"http://bb/","error":"HTTP error: Oh\u001b[31m","status_code":500,"duration_ms":112.4},)"
    R"({"event":"f","url":"http://c/","error":"Connect timed out","status_code":null,"duration_ms":5000.1}]})";

TEST(ClientCommands, PingShowsEveryReceiverAndWhatToDoNext) {
  const Ended ended = run({"ping"}, reply_of(200, kPinged));
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(ended.out,
            "e · 2 receivers\n"
            "  ✓ 200   41 ms  http://a/\n"
            "  ✗ 500  112 ms  http://bb/  HTTP error: Oh [31m\n"
            "f · 1 receiver\n"
            "  ✗ ---  5.0 s  http://c/  Connect timed out\n");
  EXPECT_EQ(ended.err, "2 of 3 failed; a ping is not repeated.  Try: exposee endpoints\n");
  EXPECT_EQ(run({"ping", "--json"}, reply_of(200, kPinged)).code, 1);
}

TEST(ClientCommands, ColourIsForTerminals) {
  EXPECT_THAT(run({"ping"}, reply_of(200, kPinged), true).out, HasSubstr("\x1b[32m✓ 200\x1b[0m"));
  EXPECT_EQ(run({"ping"}, reply_of(200, kPinged)).out.find('\x1b'), std::string::npos);
}

TEST(ClientCommands, SendPublishesTheVeryBytes) {
  const auto accepted = reply_of(202, R"({"id":"evt_1","event":"e","timestamp":"t","deliveries":1})");
  const struct {
    std::vector<std::string> words;
    const char *input, *body;
  } rows[] = {{{"send", "e"}, "", R"({"event":"e","data":{}})"},
              {{"send", "e", R"( {"a": 1.0} )"}, "", R"({"event":"e","data":{"a": 1.0}})"},
              {{"send", "e", "-"}, "[1e2]\n", R"({"event":"e","data":[1e2]})"}};
  for (const auto& row : rows) {
    const Ended ended = run(row.words, accepted, false, row.input);
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_EQ(ended.out, "evt_1  e  1 delivery\n");
    EXPECT_THAT(ended.err, HasSubstr("exposee deliveries --event evt_1"));
    EXPECT_THAT(ended.request, HasSubstr("Content-Length: " + std::to_string(std::string_view(row.body).size()) + "\r\n"));
  }
}

TEST(ClientCommands, DeliveriesAsksForWhatTheWordsSay) {
  const auto page = reply_of(200, R"({"data":[{"id":"dlv_1","status":"exhausted","cause":"timeout","status_code":null,)"
                                   R"("created_at":"2025-05-07T04:03:10.779082+00:00","event":"e","url":"http://a/"}],)"
                                   R"("next_cursor":"dlv_1","has_more":true})");
  const Ended ended = run({"deliveries", "--status", "exhausted", "--since", "5m", "--limit", "1"}, page);
  EXPECT_EQ(ended.out, "dlv_1  exhausted  timeout  2025-05-07 04:03:10 UTC  e  http://a/\n");
  EXPECT_EQ(ended.err, "There are more: --cursor dlv_1\nTry: exposee delivery dlv_1\n");
  EXPECT_THAT(ended.request, StartsWith("GET /v1/deliveries?status=exhausted&since=2025-05-07T03%3A58%3A10.000000%2B00%3A00&limit=1 "));
  const Ended json = run({"deliveries", "--limit", "1", "--json"}, page);
  EXPECT_THAT(json.out, StartsWith(R"({"data":[{"id":"dlv_1")"));
  EXPECT_THAT(json.out, HasSubstr(R"(}],"next_cursor":"dlv_1","has_more":true})"));
}

TEST(ClientCommands, RetryEndsAsTheDeliveriesThatWereRefused) {
  EXPECT_EQ(run({"retry", "dlv_1"}, reply_of(202, R"({"id":"dlv_1"})")).out, "dlv_1  due now\n");
  const Ended refused = run({"retry", "dlv/1"}, reply_of(404, R"({"title":"Delivery not found"})"));
  EXPECT_EQ(refused.code, 5);
  EXPECT_EQ(refused.err, "exposee: Delivery not found.\n");
  EXPECT_THAT(refused.request, StartsWith("POST /v1/deliveries/dlv%2F1/retry HTTP/1.1\r\n"));
}

TEST(ClientCommands, AServerThatIsNotReadyIsNotWell) {
  const Ended ended = run({"status"}, reply_of(503, R"({"detail":"The disk is full"})"));
  EXPECT_EQ(ended.code, 1);
  EXPECT_THAT(ended.out, HasSubstr("  not ready\nThe disk is full.\n"));
  const Ended json = run({"status", "--json"}, reply_of(503, R"({"detail":"Draining"})"));
  EXPECT_THAT(json.out, HasSubstr(R"("ready":false,"reason":"Draining.")"));
  EXPECT_THAT(json.out, HasSubstr(R"("retrying":null,"exhausted_last_hour":null,"all_counted":false)"));
}

// What is wrong is said before anything is sent.
TEST(ClientCommands, WrongWordsAreUsage) {
  const std::vector<std::string> rows[] = {
      {"send", "e", "{"},           {"deliveries", "--since", "soon"}, {"deliveries", "--limit", "0"},
      {"ping", "--timeout", "11m"}, {"deliveries", "--cause", "x"},    {"webhooks", "--url", "ftp://a"}};
  for (auto words : rows) {
    std::istringstream in;
    std::ostringstream out, err;
    const auto table = common_commands();
    World world{in, out, err, from_micros(0), {}, false, {}, table};
    EXPECT_EQ(run_cli(words, world), 2) << words.back() << err.str();
  }
}

TEST(Fields, TextOfStrangersCannotSteerATerminal) {
  EXPECT_EQ(printable("a\x1b[2Jb\x07\x7f\n\xC2\x9B!\xff\xC3\xBC"), "a [2Jb    !\xEF\xBF\xBD\xC3\xBC");
  EXPECT_EQ(printable("a\xE2\x80\xAE" "b\xE2\x81\xA6" "c\xE2\x80\xA8" "d\xE2\x80\xA6"), "a b c d\xE2\x80\xA6");
}

}  // namespace
}  // namespace exposee::cli
