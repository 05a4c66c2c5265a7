#include "api/v1/explain.h"

#include <gtest/gtest.h>

#include "core/address/address.h"
#include "core/failure_words.h"

namespace exposee::api {
namespace {

TEST(Explain, EveryCauseHasASentenceAndANextStep) {
  const struct {
    Failure failure;
    std::string_view code, sentence;
  } rows[] = {
      {{Cause::http, 302, "", ""},
       "http_3xx",
       "The receiver answered with a redirect, and redirects are never followed (302 Found)."},
      {{Cause::http, 401, "", ""}, "http_401", "The receiver requires authentication (401 Unauthorized)."},
      {{Cause::http, 403, "", ""}, "http_403", "The receiver forbids the call (403 Forbidden)."},
      {{Cause::http, 404, "", ""}, "http_404", "The receiver has nothing at that path (404 Not Found)."},
      {{Cause::http, 405, "", ""},
       "http_405",
       "The receiver does not accept POST at that path (405 Method Not Allowed)."},
      {{Cause::http, 410, "", ""}, "http_410", "The receiver said that it is gone for good (410 Gone)."},
      {{Cause::http, 413, "", ""},
       "http_413",
       "The event is too large for the receiver (413 Content Too Large)."},
      {{Cause::http, 415, "", ""},
       "http_415",
       "The receiver does not accept application/json (415 Unsupported Media Type)."},
      {{Cause::http, 422, "", ""},
       "http_422",
       "The receiver refused the event's content (422 Unprocessable Content)."},
      {{Cause::http, 429, "", ""},
       "http_429",
       "The receiver limits the request rate (429 Too Many Requests)."},
      {{Cause::http, 500, "", ""}, "http_5xx", "The receiver failed (500 Internal Server Error)."},
      {{Cause::http, 503, "", ""},
       "http_gateway",
       "A proxy in front of the receiver could not reach it (503 Service Unavailable)."},
      {{Cause::http, 418, "", ""}, "http_other", ""},
      {{Cause::connect, 0, "Connection refused", "http://127.0.0.1:9000/hook"},
       "connect_refused",
       "Nothing listens on 127.0.0.1:9000."},
      {{Cause::connect, 0, "No route to host", "http://a.example/"},
       "connect_failed",
       "a.example:80 cannot be reached: No route to host."},
      {{Cause::connect, 0, "", ""}, "connect_failed", "the receiver cannot be reached."},
      {{Cause::timeout, 0, "Timed out after 15 s", ""},
       "timeout",
       "The receiver did not answer in time: Timed out after 15 s."},
      {{Cause::dns, 0, "", "http://nope.example/"}, "dns", "nope.example does not resolve."},
      {{Cause::tls, 0, "Certificate not trusted: certificate has expired", ""},
       "tls_certificate",
       "Certificate not trusted: certificate has expired."},
      {{Cause::tls, 0, "", ""}, "tls", "The TLS handshake failed."},
      {{Cause::blocked, 0, "", ""}, "blocked", "The address is in a blocked range."},
      {{Cause::blocked, 0,
        "Deliveries to 10.0.0.7 are not allowed (private); the operator can allow it in "
        "security.allow_networks",
        ""},
       "blocked",
       "Deliveries to 10.0.0.7 are not allowed (private)."},
      {{Cause::blocked, 0, "127.0.0.1:8000 is Exposee's own address; it never sends to itself", ""},
       "blocked_self",
       "127.0.0.1:8000 is Exposee's own address; it never sends to itself."},
      {{Cause::blocked, 0, "169.254.169.254 is a cloud's metadata service; deliveries never go there", ""},
       "blocked_metadata",
       "169.254.169.254 is a cloud's metadata service; deliveries never go there."},
      {{Cause::blocked, 0,
        "Deliveries to 10.0.0.7 are not allowed (private, and the endpoint takes public receivers only); set "
        "the endpoint's public_only to false if you trust its URL",
        ""},
       "blocked_public_only",
       "Deliveries to 10.0.0.7 are not allowed (private, and the endpoint takes public receivers only)."},
      {{Cause::closed, 0, "", ""}, "closed", ""},
      {{Cause::bad_response, 0, "", ""}, "bad_response", ""},
      {{Cause::timeout, 0, "Connecting timed out after 5 s", ""}, "timeout_connect", ""},
      {{Cause::timeout, 0, "The TLS handshake was not finished within 5 s", ""}, "timeout_connect", ""},
      {{Cause::tls, 0, "TLS failed: the receiver demands a client certificate", ""},
       "tls_client_certificate",
       "TLS failed: the receiver demands a client certificate."},
      {{Cause::tls, 0, "TLS handshake failed: the receiver speaks plain HTTP on that port", ""},
       "tls_plain_http",
       ""},
      {{Cause::tls, 0, "TLS handshake failed: the receiver does not speak TLS on that port", ""},
       "tls_no_tls",
       ""},
      {{Cause::tls, 0, "Certificate is for another name", ""}, "tls_certificate", ""},
      {{Cause::connect, 0, "This server has run out of a resource: Too many open files", ""},
       "own_shortage",
       "This server has run out of a resource: Too many open files."},
      {{Cause::blocked, 0, "Port 25 is never used for webhooks", ""},
       "blocked_rule",
       "Port 25 is never used for webhooks."},
      {{Cause::damaged, 0, "", ""},
       "damaged",
       "The stored event cannot be read any more, so nothing of it can be sent."},
      {{Cause::backup, 0, "", ""},
       "backup",
       "The delivery was pending in the backup that this data was restored from, and the operator cancelled "
       "what was pending there."},
      {{Cause::overflow, 0, "", ""},
       "overflow",
       "So many deliveries to the endpoint were waiting that no more were taken (max_pending)."},
      {{Cause::none, 0, "", ""}, "none", ""},
  };
  for (const auto& row : rows) {
    const auto explanation = explain(row.failure);
    EXPECT_EQ(explanation.code, row.code);
    EXPECT_FALSE(explanation.sentence.empty());
    EXPECT_TRUE(explanation.next.ends_with('.')) << explanation.next;
    EXPECT_TRUE(row.sentence.empty() || explanation.sentence == row.sentence) << explanation.sentence;
  }
}

// What was misleading once: each names the true cause, in whole sentences.
TEST(Explain, TheHintLeadsToTheCause) {
  const struct {
    Failure failure;
    std::string_view code, hint;
  } rows[] = {
      {{Cause::closed, 0, "The connection was closed before a response came", "http://a.example:8443/"},
       "closed",
       "The connection ended before the receiver's response had begun. The receiver may have crashed on the "
       "event, a proxy gave up, or the port expects https://: check their logs."},
      {{Cause::closed, 0, "The connection was closed before a response came", "https://a.example/"},
       "closed",
       "The connection ended before the receiver's response had begun. The receiver may have crashed on the "
       "event, or a proxy gave up: check their logs."},
      {{Cause::bad_response, 0, "Not HTTP.", "http://a.example:8443/"},
       "bad_response",
       "The response is not valid HTTP: Not HTTP. Check that an HTTP server listens on that port, and that "
       "it does not expect https://."},
      {{Cause::timeout, 0, "Timed out after 15 s", "http://a.example/"},
       "timeout",
       "The receiver did not answer in time: Timed out after 15 s. Answer 2xx as soon as the event is stored "
       "and do the work afterwards, or raise timeout_ms."},
      {{Cause::http, 401, "", ""},
       "http_401",
       "The receiver requires authentication (401 Unauthorized). Its signature check often fails because "
       "it works on re-serialised JSON (verify the bytes as received) or with another endpoint's secret."},
      {{Cause::http, 410, "", ""},
       "http_410",
       "The receiver said that it is gone for good (410 Gone). The endpoint was disabled. Once the receiver "
       "is back, enable it with POST /v1/endpoints/{id}/enable."},
      {{Cause::http, 301, "The receiver redirects to https://new.example/hook", ""},
       "http_3xx",
       "The receiver redirects to https://new.example/hook (301 Moved Permanently), and redirects are never "
       "followed. Register that URL."},
  };
  for (const auto& row : rows) {
    const auto explanation = explain(row.failure);
    EXPECT_EQ(explanation.code, row.code);
    EXPECT_EQ(explanation.hint(), row.hint);
    EXPECT_EQ(explanation.hint().find(".."), std::string::npos);
  }
}

// What is copied from a hint is the call for this very delivery or endpoint.
TEST(Explain, CallsAreNamedWithTheIdsOfWhatFailed) {
  for (int cause = 0; cause <= static_cast<int>(kLastCause); ++cause) {
    for (const int status : {0, 302, 410, 500}) {
      for (const std::string_view detail : {"", kPublicReceiversOnly.data()}) {
        const auto hint = explain({static_cast<Cause>(cause), status, detail, "", "ep_1", "dlv_1"}).hint();
        EXPECT_EQ(hint.find("/{"), std::string::npos) << hint;
      }
    }
  }
  EXPECT_TRUE(
      explain({Cause::http, 410, "", "", "ep_1", "dlv_1"}).next.ends_with("POST /v1/endpoints/ep_1/enable."));
  EXPECT_TRUE(explain({Cause::backup, 0, "", "", "ep_1", "dlv_1"})
                  .next.ends_with("POST /v1/deliveries/dlv_1/retry."));
}

// The words as they come from the rules themselves, so that a rule that is worded anew keeps its explanation.
TEST(Explain, ARefusedAddressIsExplainedByTheRuleThatRefusedIt) {
  const AddressPolicy closed;
  const auto code_of = [](const AddressPolicy& policy, const std::string& host) {
    const auto url = parse_url("http://" + host + "/");
    const auto why = url ? refuse_url(policy, *url) : std::nullopt;
    return why ? explain({Cause::blocked, 0, *why, ""}).code : "allowed";
  };
  const struct {
    AddressPolicy policy;
    std::string host;
    std::string_view code;
  } rows[] = {
      {closed, "169.254.169.254", "blocked_metadata"},
      {closed, "metadata.google.internal", "blocked_metadata"},
      {closed, "10.0.0.7", "blocked"},
      {closed, "localhost", "blocked"},
      {closed.public_only(PrivateRule::endpoint), "10.0.0.7", "blocked_public_only"},
      {closed.public_only(PrivateRule::endpoint), "localhost", "blocked_public_only"},
      {{.https_only = true}, "93.184.216.34", "blocked_rule"},
  };
  for (const auto& row : rows) EXPECT_EQ(code_of(row.policy, row.host), row.code) << row.host;
}

TEST(Explain, AResponseOtherThan2xxIsACauseOfItsOwn) {
  const auto with = [](int status, Cause cause) {
    Response answer;
    answer.status = status;
    answer.cause = cause;
    return cause_of(answer);
  };
  EXPECT_EQ(with(200, Cause::none), Cause::none);
  EXPECT_EQ(with(299, Cause::none), Cause::none);
  EXPECT_EQ(with(300, Cause::none), Cause::http);
  EXPECT_EQ(with(0, Cause::dns), Cause::dns);
}

}  // namespace
}  // namespace exposee::api
