#include "net/client/request_head.h"

#include <bit>
#include <cstring>

#include "core/assert.h"
#include "http/grammar.h"
#include "http/write.h"

namespace exposee::net {
namespace {

constexpr std::string_view kUserAgent = "Exposee/" EXPOSEE_VERSION;
constexpr char kHexUpper[] = "0123456789ABCDEF";

// "00" to "ff".
constexpr auto kHexPairs = [] {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> pairs{};
  for (std::size_t byte = 0; byte < pairs.size(); ++byte)
    pairs[byte] = {kDigits[byte >> 4], kDigits[byte & 15]};
  return pairs;
}();

void put_hex(std::uint64_t value, char* at) {
  for (int shift = 56; shift >= 0; shift -= 8, at += 2) {
    std::memcpy(at, kHexPairs[value >> shift & 0xFF].data(), 2);
  }
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
  put_hex(draw(), &text_[3]);
  put_hex(draw() | 1, &text_[19]);  // all zeros would be invalid
  put_hex(draw() | 1, &text_[36]);
  return {text_.data(), text_.size()};
}

void RequestHeads::write(std::string_view target_head, const SendJob& job, Instant now, std::string& out) {
  const auto of_event = message_id_chars(job.event->id);
  const std::string_view id = job.message_id.empty() ? std::string_view(of_event) : job.message_id;
  const auto seconds = to_unix_seconds(now);
  const std::string& body = job.event->body;
  signature_.clear();
  signer_.sign(job.target->keys, id, seconds, body, signature_);
  const auto type = event_header(job.event->type_name, type_);
  const auto trace = traces_.next();

  constexpr std::size_t kFields = 7;  // six below, and Content-Length with the end
  const auto room = target_head.size() +
                    kFields * (http::HeadPen::kFieldBytes + http::HeadPen::kNumberBytes) + id.size() +
                    signature_.size() + type.size() + trace.size();
  out.resize_and_overwrite(room, [&](char* begin, std::size_t) {
    http::HeadPen pen(begin);
    pen.raw(target_head);
    pen.field("webhook-id: ", id);
    pen.field("webhook-timestamp: ", static_cast<std::uint64_t>(seconds));
    pen.field("webhook-signature: ", signature_);
    pen.field("webhook-event: ", type);
    pen.field("webhook-attempt: ", std::uint64_t{job.attempt});
    pen.field("traceparent: ", trace);
    pen.end(body.size());
    const auto written = static_cast<std::size_t>(pen.at() - begin);
    EXPOSEE_ASSERT(written <= room, "a field more needs kFields raised");
    return written;
  });
}

}  // namespace exposee::net
