#include "net/request_head.h"

#include <bit>
#include <charconv>

#include "http/grammar.h"
#include "http/write.h"

namespace exposee::net {
namespace {

constexpr std::string_view kUserAgent = "Exposee/" EXPOSEE_VERSION;
constexpr char kHexLower[] = "0123456789abcdef";
constexpr char kHexUpper[] = "0123456789ABCDEF";

void append_hex(std::uint64_t value, char* at) {
  for (int i = 15; i >= 0; --i, value >>= 4) at[i] = kHexLower[value & 15];
}

}  // namespace

std::string target_head(const Target& target) {
  std::string head;
  http::begin_request("POST", target.url.target, target.url.authority, head);
  http::append_field("content-type", "application/json", head);
  http::append_field("user-agent", kUserAgent, head);
  return head;
}

std::string_view event_header(std::string_view type_name, std::string& scratch) {
  const bool clean = http::is_visible_ascii(type_name) && type_name.find('%') == std::string_view::npos;
  if (clean) return type_name;
  scratch.clear();
  for (const char c : type_name) {
    if (c > ' ' && c < 0x7f && c != '%') {
      scratch += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      scratch += {'%', kHexUpper[byte >> 4], kHexUpper[byte & 15]};
    }
  }
  return scratch;
}

TraceParents::TraceParents(Random& random) {
  std::array<std::uint8_t, sizeof state_> seed;
  random.fill(seed);
  state_ = std::bit_cast<decltype(state_)>(seed);
  state_[0] |= 1;  // the generator must not start from all zeros
  constexpr std::string_view kShape = "00-00000000000000000000000000000000-0000000000000000-01";
  kShape.copy(text_.data(), text_.size());
}

// xoshiro256++ (Blackman and Vigna).
std::uint64_t TraceParents::draw() {
  const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::string_view TraceParents::next() {
  append_hex(draw(), &text_[3]);
  append_hex(draw() | 1, &text_[19]);  // all zeros would be invalid
  append_hex(draw() | 1, &text_[36]);
  return {text_.data(), text_.size()};
}

std::string_view RequestHeads::message_id(const SendJob& job) {
  if (!job.message_id.empty()) return job.message_id;
  if (id_event_ != job.event) {
    id_event_ = job.event;
    id_ = message_id_text(job.event->id);
  }
  return id_;
}

void RequestHeads::write(std::string_view target_head, const SendJob& job, Instant now, std::string& out) {
  const std::string_view id = message_id(job);
  const std::int64_t seconds = to_unix_seconds(now);
  const std::string& body = job.event->body;
  signature_.clear();
  signer_.sign(job.target->keys, id, seconds, body, signature_);

  out.assign(target_head);
  http::append_field("webhook-id", id, out);
  http::append_field("webhook-timestamp", static_cast<std::uint64_t>(seconds), out);
  http::append_field("webhook-signature", signature_, out);
  http::append_field("webhook-event", event_header(job.event->type_name, type_), out);
  http::append_field("webhook-attempt", std::uint64_t{job.attempt}, out);
  http::append_field("traceparent", traces_.next(), out);
  http::end_request_head(body.size(), out);
}

}  // namespace exposee::net
