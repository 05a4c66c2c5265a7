// The head of a delivery (promises section 2): what never changes for a target is written once, the rest per
// attempt. Owned by the sender, on its thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/event.h"
#include "core/signature.h"
#include "ports/random.h"
#include "ports/sender.h"

namespace exposee::net {

// Request line, host, content-type, user-agent.
std::string target_head(const Target& target);

// The name of an event type as a header may carry it: bytes that are not visible ASCII, and '%' itself,
// percent-encoded.
std::string_view event_header(std::string_view type_name, std::string& scratch);

// W3C Trace Context (version 00, sampled): a new trace for every attempt. Seeded once from the Random door;
// ids need to be distinct, not secret.
class TraceParents {
 public:
  explicit TraceParents(Random& random);
  std::string_view next();  // valid until the next call

 private:
  std::uint64_t draw();
  std::array<std::uint64_t, 4> state_;
  std::array<char, 55> text_;
};

class RequestHeads {
 public:
  explicit RequestHeads(Random& random) : traces_(random) {}
  // Writes the whole head of one attempt, signature included, into `out`.
  void write(std::string_view target_head, const SendJob& job, Instant now, std::string& out);

 private:
  Signer signer_;
  TraceParents traces_;
  std::string signature_;  // scratch
  std::string type_;       // scratch
};

}  // namespace exposee::net
