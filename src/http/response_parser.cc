#include "http/response_parser.h"

#include <algorithm>
#include <charconv>

#include "core/assert.h"
#include "core/text/ascii.h"
#include "http/grammar.h"

namespace exposee::http {
namespace {

// Of a value like "timeout=5, max=100" (RFC 2068 section 19.7.1.1).
std::optional<std::chrono::seconds> timeout_of(std::string_view list) {
  constexpr std::string_view kName = "timeout=";
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    const auto element = trimmed(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (!equals_ignoring_case(element.substr(0, kName.size()), kName)) continue;
    std::uint32_t seconds = 0;
    const auto* end = element.data() + element.size();
    const auto [stop, error] = std::from_chars(element.data() + kName.size(), end, seconds);
    if (error == std::errc{} && stop == end) return std::chrono::seconds(seconds);
  }
  return std::nullopt;
}

}  // namespace

ResponseParser::ResponseParser(ResponseLimits limits) : limits_(limits), chunks_(*this) {
  EXPOSEE_ASSERT(limits.body_read >= limits.body_kept, "what is kept must be read");
  next();
}

void ResponseParser::next() {
  head_.clear();
  body_.clear();
  body_seen_ = stop_after_ = interim_responses_ = 0;
  keep_alive_timeout_.reset();
  fault_ = {};
  phase_ = Phase::head;
  has_head_ = body_truncated_ = reusable_ = ended_early_ = false;
}

ReadState ResponseParser::state() const {
  if (phase_ == Phase::done) return ReadState::complete;
  return phase_ == Phase::failed ? ReadState::error : ReadState::need_more;
}

ReadStep ResponseParser::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (state() == ReadState::need_more && taken < bytes.size()) taken += advance(bytes.substr(taken));
  if (taken < bytes.size()) reusable_ = false;
  return {state(), taken};
}

std::size_t ResponseParser::advance(std::string_view input) {
  switch (phase_) {
    case Phase::head:
      return read_head(input);
    case Phase::counted:
      return read_counted(input);
    case Phase::chunked:
      return read_chunks(input);
    default:
      body_bytes(input);
      return input.size();
  }
}

ReadState ResponseParser::on_eof() {
  if (state() != ReadState::need_more) return state();
  if (phase_ == Phase::to_end) {
    phase_ = Phase::done;
    return state();
  }
  ended_early_ = true;
  fail(has_head_ ? "The connection ended before the response's body was whole."
       : idle()  ? "The connection ended without a response."
                 : "The connection ended before the response's head was whole.");
  return state();
}

std::size_t ResponseParser::read_head(std::string_view input) {
  const auto taken = head_.feed(input);
  if (head_.state() == ReadState::error) fail(head_.fault());
  if (head_.state() == ReadState::complete) finish_head();
  return taken;
}

void ResponseParser::finish_head() {
  if (head_.status() < 200) return finish_interim_head();
  const HeadFacts facts = gather_facts(headers());
  const bool no_body = status() == 204 || status() == 304;
  const auto framing = response_framing(facts, headers(), head_.minor_version());
  has_head_ = true;
  keep_alive_timeout_ = timeout_of(facts.keep_alive_hint);
  reusable_ = keeps_connection(facts, head_.minor_version()) && framing.certain && !head_.irregular();
  stop_after_ = limits_.body_read;
  if (!no_body) return begin_body(framing);
  // A body that is announced where none may be could still come, and would pass for the next response.
  const bool announced = framing.end == BodyEnd::chunked || (status() == 204 && framing.length > 0);
  if (announced) reusable_ = false;
  phase_ = Phase::done;
}

void ResponseParser::finish_interim_head() {
  if (head_.status() == 101) return fail("The receiver switched protocols (101), which was not requested.");
  if (++interim_responses_ > kMaxInterimResponses) {
    return fail("The receiver sent more than five interim responses (1xx).");
  }
  head_.clear();
}

void ResponseParser::begin_body(const ResponseFraming& framing) {
  body_left_ = framing.length;
  switch (framing.end) {
    case BodyEnd::counted:
      phase_ = body_left_ == 0 ? Phase::done : Phase::counted;
      break;
    case BodyEnd::chunked:
      phase_ = Phase::chunked;
      chunks_.begin();
      break;
    case BodyEnd::connection:
      phase_ = Phase::to_end;
      reusable_ = false;
      break;
  }
  // Known to be too long to be read to its end: then what is kept is all that is worth reading.
  if (framing.length > limits_.body_read) stop_after_ = limits_.body_kept;
  const auto expected = std::min<std::uint64_t>({framing.length, limits_.body_kept, kMaxBodyReserve});
  body_.reserve(static_cast<std::size_t>(expected));
}

std::size_t ResponseParser::read_counted(std::string_view input) {
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, input.size()));
  body_left_ -= size;
  if (body_bytes(input.substr(0, size)) && body_left_ == 0) phase_ = Phase::done;
  return size;
}

std::size_t ResponseParser::read_chunks(std::string_view input) {
  const auto step = chunks_.feed(input);
  if (step.state == ReadState::error) fail(chunks_.fault());
  if (step.state == ReadState::complete) phase_ = Phase::done;
  return step.consumed;
}

bool ResponseParser::body_bytes(std::string_view bytes) {
  body_.append(bytes.substr(0, limits_.body_kept - body_.size()));
  body_seen_ += bytes.size();
  body_truncated_ = body_seen_ > limits_.body_kept;
  if (body_seen_ <= stop_after_) return true;
  reusable_ = false;
  phase_ = Phase::done;
  return false;
}

void ResponseParser::fail(std::string_view sentence) {
  phase_ = Phase::failed;
  fault_ = sentence;
}

}  // namespace exposee::http
