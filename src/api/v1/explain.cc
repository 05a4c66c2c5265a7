#include "api/v1/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/failure_words.h"
#include "core/text/fill_in.h"
#include "http/message.h"

namespace exposee::api {
namespace {

// Texts name calls with the ids of what failed: {endpoint}, {delivery}.
constexpr std::string_view kEndpointPlace = "{endpoint}", kDeliveryPlace = "{delivery}", kUnknownId = "{id}";

struct HttpRow {
  int from, to;  // statuses, both included
  std::string_view code, sentence, next;
};

// The first row that fits counts.
constexpr std::array kHttpRows = {
    HttpRow{300, 399, "http_3xx", "The receiver answered with a redirect, and redirects are never followed",
            "Register the URL that it redirects to."},
    HttpRow{401, 401, "http_401", "The receiver requires authentication",
            "Its signature check often fails because it works on re-serialised JSON (verify the bytes as "
            "received) or with another endpoint's secret."},
    HttpRow{403, 403, "http_403", "The receiver forbids the call",
            "The cause is often a firewall (allow this server's address) or a signature check (verify the "
            "bytes as received)."},
    HttpRow{404, 404, "http_404", "The receiver has nothing at that path",
            "Check the path of the endpoint's URL."},
    HttpRow{405, 405, "http_405", "The receiver does not accept POST at that path",
            "Deliveries are always POST: let the path accept it."},
    HttpRow{410, 410, "http_410", "The receiver said that it is gone for good",
            "The endpoint was disabled. Once the receiver is back, enable it with POST "
            "/v1/endpoints/{endpoint}/enable."},
    HttpRow{413, 413, "http_413", "The event is too large for the receiver",
            "Raise the limit for request bodies at the receiver, or at the proxy in front of it."},
    HttpRow{415, 415, "http_415", "The receiver does not accept application/json",
            "Let the receiver read JSON bodies."},
    HttpRow{422, 422, "http_422", "The receiver refused the event's content",
            "Its response usually says which field is wrong."},
    HttpRow{429, 429, "http_429", "The receiver limits the request rate",
            "Exposee calls it less often and respects Retry-After."},
    HttpRow{502, 504, "http_gateway", "A proxy in front of the receiver could not reach it",
            "Check that the receiver behind the proxy is running."},
    HttpRow{500, 599, "http_5xx", "The receiver failed", "Check its log at that time."},
    HttpRow{0, 999, "http_other", "The receiver did not answer 2xx",
            "Answer 200 or 204 as soon as the event is stored."},
};

// "(302 Found)"
std::string status_words(int status) {
  const auto phrase = http::reason_phrase(status);
  return fmt::format("({}{}{})", status, phrase.empty() ? "" : " ", phrase);
}

Explanation explain_http(const Failure& failure) {
  const int status = failure.http_status;
  const auto row =
      std::ranges::find_if(kHttpRows, [&](const HttpRow& r) { return r.from <= status && status <= r.to; });
  if (failure.detail.starts_with(kRedirectsTo)) {
    return {std::string(row->code),
            fmt::format("{} {}, and redirects are never followed.", failure.detail, status_words(status)),
            "Register that URL."};
  }
  return {std::string(row->code), fmt::format("{} {}.", row->sentence, status_words(status)),
          std::string(row->next)};
}

// "127.0.0.1:9000"
std::string place_of(std::string_view url_text) {
  const auto url = read_stored_url(url_text);
  return url ? fmt::format("{}:{}", url->host, url->port) : "the receiver";
}

std::string host_of(std::string_view url_text) {
  const auto url = read_stored_url(url_text);
  return url ? url->host : "the receiver's name";
}

bool says(std::string_view detail, std::string_view words) {
  return detail.find(words) != detail.npos;
}

// One sentence with one full stop, however the details end.
std::string with_detail(std::string_view sentence, std::string_view detail) {
  while (detail.ends_with('.') || detail.ends_with(' ')) detail.remove_suffix(1);
  return detail.empty() ? fmt::format("{}.", sentence) : fmt::format("{}: {}.", sentence, detail);
}

// Never recorded of a delivery: its attempt has not begun, and waits. A test delivery is not repeated.
Explanation explain_own_shortage(std::string_view detail) {
  return {"own_shortage", fmt::format("{}.", detail),
          "Nothing is wrong with the receiver: see to the limits and the network of the machine that Exposee "
          "runs on."};
}

struct TlsRow {
  std::string_view words, code, next;
};

// The first row whose words the detail has.
constexpr std::array kTlsRows = {
    TlsRow{kDemandsClientCertificate, "tls_client_certificate",
           "Exposee presents no client certificate: let the receiver verify the webhook-signature instead."},
    TlsRow{kSpeaksPlainHttp, "tls_plain_http",
           "Register the URL with http:// or let the receiver speak TLS there."},
    TlsRow{kSpeaksNoTls, "tls_no_tls", "Check the port, and whether http or https is right."},
    TlsRow{kCertificateOfAnother, "tls_certificate",
           "The certificate must name the host of the URL as a subject alternative name."},
    TlsRow{kCertificateUntrusted, "tls_certificate",
           "The certificate must be valid and come with its chain; the operator can trust an authority of "
           "your own with security.extra_ca_file."},
    TlsRow{"", "tls", "TLS 1.2 is the minimum; the receiver's log usually names the reason."},
};

Explanation explain_tls(std::string_view detail) {
  const auto row = std::ranges::find_if(kTlsRows, [&](const TlsRow& r) { return says(detail, r.words); });
  return {std::string(row->code), detail.empty() ? "The TLS handshake failed." : fmt::format("{}.", detail),
          std::string(row->next)};
}

Explanation explain_timeout(std::string_view detail) {
  if (says(detail, kConnectingStalled) || says(detail, kHandshakeStalled)) {
    return {"timeout_connect", fmt::format("The receiver could not be connected to in time: {}.", detail),
            "Check host and port, and that no firewall drops the packets; the limits are "
            "delivery.connect_timeout_ms and the endpoint's timeout_ms."};
  }
  return {"timeout", with_detail("The receiver did not answer in time", detail),
          "Answer 2xx as soon as the event is stored and do the work afterwards, or raise timeout_ms."};
}

bool is_https(std::string_view url) {
  return url.starts_with("https://");
}

Explanation explain_connect(const Failure& failure) {
  const std::string place = place_of(failure.url);
  if (says(failure.detail, kConnectionRefused)) {
    return {"connect_refused", fmt::format("Nothing listens on {}.", place),
            "Start the receiver. From inside a container, use the host's name instead of localhost."};
  }
  return {"connect_failed", with_detail(fmt::format("{} cannot be reached", place), failure.detail),
          "Check host and port, and that no firewall blocks this server."};
}

Explanation explain_closed(const Failure& failure) {
  return {"closed", "The connection ended before the receiver's response had begun.",
          is_https(failure.url) || failure.url.empty()
              ? "The receiver may have crashed on the event, or a proxy gave up: check their logs."
              : "The receiver may have crashed on the event, a proxy gave up, or the port expects https://: "
                "check their logs."};
}

Explanation explain_bad_response(const Failure& failure) {
  return {"bad_response", with_detail("The response is not valid HTTP", failure.detail),
          is_https(failure.url) || failure.url.empty()
              ? "Check that an HTTP server listens on that port."
              : "Check that an HTTP server listens on that port, and that it does not expect https://."};
}

// The words are core's and net's, which say the rule before a semicolon and what it means after it. No
// setting opens what is refused always.
Explanation explain_blocked(std::string_view detail) {
  if (says(detail, kOwnAddress)) {
    return {"blocked_self", fmt::format("{}.", detail),
            "Register the URL of the receiver, not of this server."};
  }
  if (says(detail, kMetadataService)) {
    return {"blocked_metadata", fmt::format("{}.", detail),
            "Register the URL of a receiver: no setting opens that address."};
  }
  if (says(detail, kPublicReceiversOnly)) {
    return {"blocked_public_only", fmt::format("{}.", detail.substr(0, detail.find(';'))),
            "A web page of another origin registered it. If you trust its URL, open it with PATCH "
            "/v1/endpoints/{endpoint} {\"public_only\": false}."};
  }
  // A URL that was let in by the rules of an earlier version, or a disk changed.
  if (!detail.empty() && !says(detail, kOperatorCanAllow)) {
    return {"blocked_rule", fmt::format("{}.", detail),
            "Remove the endpoint, and register a URL that the rules of today allow."};
  }
  return {"blocked",
          detail.empty() ? "The address is in a blocked range."
                         : fmt::format("{}.", detail.substr(0, detail.find(';'))),
          "The operator can open it with security.allow_networks, or its host with security.allow_hosts."};
}

Explanation explain_cause(const Failure& failure) {
  if (failure.detail.starts_with(kOwnShortage)) return explain_own_shortage(failure.detail);
  switch (failure.cause) {
    case Cause::none:
      return {"none", "The attempt succeeded.", "Nothing to do."};
    case Cause::http:
      return explain_http(failure);
    case Cause::timeout:
      return explain_timeout(failure.detail);
    case Cause::dns:
      return {"dns", fmt::format("{} does not resolve.", host_of(failure.url)),
              "Check the spelling of the host and its DNS records."};
    case Cause::connect:
      return explain_connect(failure);
    case Cause::tls:
      return explain_tls(failure.detail);
    case Cause::blocked:
      return explain_blocked(failure.detail);
    case Cause::closed:
      return explain_closed(failure);
    case Cause::bad_response:
      return explain_bad_response(failure);
    case Cause::damaged:
      return {"damaged", "The stored event cannot be read any more, so nothing of it can be sent.",
              "The operator's log names the row; a backup may have it."};
    case Cause::backup:
      return {"backup",
              "The delivery was pending in the backup that this data was restored from, and the operator "
              "cancelled what was pending there.",
              "Retry it if the receiver has not got it: POST /v1/deliveries/{delivery}/retry."};
    case Cause::overflow:
      return {"overflow",
              "So many deliveries to the endpoint were waiting that no more were taken (max_pending).",
              "Find out why they wait (GET /v1/endpoints/{endpoint}), then retry it: POST "
              "/v1/deliveries/{delivery}/retry."};
  }
  return {"unknown", "The attempt failed.", "Try it again."};
}

}  // namespace

Explanation explain(const Failure& failure) {
  auto explanation = explain_cause(failure);
  fill_in(explanation.next, kEndpointPlace, failure.endpoint_id.empty() ? kUnknownId : failure.endpoint_id);
  fill_in(explanation.next, kDeliveryPlace, failure.delivery_id.empty() ? kUnknownId : failure.delivery_id);
  return explanation;
}

Cause cause_of(const Response& response) {
  if (response.status == 0) return response.cause;
  return response.status >= 200 && response.status < 300 ? Cause::none : Cause::http;
}

}  // namespace exposee::api
