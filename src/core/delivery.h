// What can become of a delivery and of each attempt at it: the words used everywhere (API, CLI, SQL,
// metrics). Values only; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/ids.h"
#include "core/time.h"

namespace exposee {

// Numbers are stored: never renumber.
enum class DeliveryStatus : std::uint8_t {
  pending = 0,
  in_flight = 1,
  succeeded = 2,
  exhausted = 3,
  cancelled = 4
};
enum class Cause : std::uint8_t {
  none = 0,
  http = 1,          // a response other than 2xx
  timeout = 2,       // the attempt's one deadline passed, or connecting took too long
  dns = 3,           // the name does not resolve
  connect = 4,       // nothing listens at the address, or it cannot be reached
  tls = 5,           // handshake or certificate
  blocked = 6,       // the address rules refuse where the name leads
  closed = 7,        // the connection ended before a response's head was whole
  bad_response = 8,  // what came back is not an HTTP response within the limits
  damaged = 9,       // the stored event cannot be read any more
  backup = 10,       // it was pending in a backup, and what was pending there was cancelled
  overflow = 11,     // so many deliveries to the endpoint waited that no more were taken
};
constexpr Cause kLastCause = Cause::overflow;
constexpr DeliveryStatus kLastDeliveryStatus = DeliveryStatus::cancelled;
std::string_view to_text(DeliveryStatus status);
std::string_view to_text(Cause cause);
std::optional<DeliveryStatus> parse_delivery_status(std::string_view text);
std::optional<Cause> parse_cause(std::string_view text);

// Where the time of an attempt went; zero for steps that a kept-alive connection skipped.
struct AttemptTiming {
  Duration dns{}, connect{}, tls{}, first_byte{}, total{};
};

// What came back from one POST, as the sender saw it (ports/sender.h). Nothing is decided here.
struct Response {
  int status = 0;                // 0: no response's head was read; `cause` says why
  Cause cause = Cause::none;     // only when status == 0
  std::string detail;  // plain words when there is no response ("Connection refused"), or of a redirect
  std::string reason;            // reason phrase of the response, may be empty
  std::string retry_after;       // the raw header, may be empty
  std::string webhook_delivery;  // the raw header `webhook-delivery`, may be empty
  std::string content_type;      // the raw header, may be empty
  std::string body;              // at most 16 KiB are kept
  std::string remote_address;    // "127.0.0.1:9000", empty when never connected
  bool reused = false;           // sent on a kept-alive connection
  Instant started_at;
  AttemptTiming timing;
};

}  // namespace exposee
