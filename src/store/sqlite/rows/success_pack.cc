#include "store/sqlite/rows/success_pack.h"

#include <algorithm>

#include "core/assert.h"
#include "store/sqlite/database.h"

namespace exposee::store {
namespace {

constexpr std::uint64_t kPlaceMask = (1u << kPlaceBits) - 1;
constexpr std::uint64_t kLastHttpStatus = 999;
constexpr std::size_t kProfilesCompared = 8;  // the latest: more would cost more than they save

enum Flag : std::uint8_t {
  kReused = 1,
  kOpened = 2,        // the connection was new: dns, connect and tls follow
  kKnownProfile = 4,  // of an earlier entry
};

// Writers of bytes give the place behind what they have written.
constexpr std::size_t kVarintBytes = 10;  // at most
char* put_varint(std::uint64_t value, char* at) {
  for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
  *at++ = static_cast<char>(value);
  return at;
}
char* put_text(std::string_view text, char* at) {
  return std::ranges::copy(text, put_varint(text.size(), at)).out;
}

constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

std::uint64_t micros(Duration span) {
  return static_cast<std::uint64_t>(span.count());
}

// In one piece: every success has one.
void write_profile(const Response& response, std::string& out) {
  const std::string_view texts[] = {response.reason,           response.content_type,   response.retry_after,
                                    response.webhook_delivery, response.remote_address, response.body};
  std::size_t room = kVarintBytes;
  for (const auto text : texts) room += kVarintBytes + text.size();
  out.resize_and_overwrite(room, [&](char* begin, std::size_t) {
    char* at = put_varint(static_cast<std::uint64_t>(response.status), begin);
    for (const auto text : texts) at = put_text(text, at);
    return static_cast<std::size_t>(at - begin);
  });
}

bool opened(const AttemptTiming& timing) {
  return timing.dns.count() != 0 || timing.connect.count() != 0 || timing.tls.count() != 0;
}

}  // namespace

bool is_plain_success(const AttemptRow& attempt) {
  const auto& response = attempt.response;
  const auto& t = response.timing;
  const bool forward =
      std::ranges::all_of(std::initializer_list<Duration>{t.dns, t.connect, t.tls, t.first_byte, t.total},
                          [](Duration span) { return span.count() >= 0; });
  return attempt.succeeded && attempt.number == 1 && response.status >= 0 && response.cause == Cause::none &&
         response.detail.empty() && forward;
}

// --- writing --------------------------------------------------------------------------------------------

void PackWriter::add(const AttemptRow& attempt) {
  const auto& response = attempt.response;
  const auto& timing = response.timing;
  write_profile(response, profile_);
  const auto known = find_profile(profile_);
  const bool is_known = known != profiles_.size();
  const auto started_us = to_micros(response.started_at);
  constexpr std::size_t kFixedBytes = 3, kMostNumbers = 7;
  char entry[kFixedBytes + kMostNumbers * kVarintBytes];
  char* at = entry;
  *at++ = static_cast<char>(attempt.key.event.value & kPlaceMask);
  *at++ = static_cast<char>(attempt.key.endpoint.value & kPlaceMask);
  *at++ = static_cast<char>((response.reused ? kReused : 0) | (opened(timing) ? kOpened : 0) |
                            (is_known ? kKnownProfile : 0));
  if (is_known) at = put_varint(known, at);
  at = put_varint(zigzag(started_us - started_us_), at);
  at = put_varint(micros(timing.total), at);
  at = put_varint(micros(timing.first_byte), at);
  if (opened(timing)) {
    for (const auto span : {timing.dns, timing.connect, timing.tls}) at = put_varint(micros(span), at);
  }
  pack_.append(entry, at);
  if (!is_known) {
    profiles_.push_back({pack_.size(), profile_.size()});
    pack_ += profile_;
  }
  started_us_ = started_us;
}

// The number of profiles when there is none like it.
std::size_t PackWriter::find_profile(std::string_view bytes) const {
  const auto first = profiles_.size() - std::min(profiles_.size(), kProfilesCompared);
  for (auto i = profiles_.size(); i-- > first;) {
    if (std::string_view(pack_).substr(profiles_[i].at, profiles_[i].size) == bytes) return i;
  }
  return profiles_.size();
}

std::string PackWriter::take() {
  profiles_.clear();
  started_us_ = 0;
  return std::exchange(pack_, {});
}

// --- reading --------------------------------------------------------------------------------------------

bool PackReader::next() {
  if (rest_.empty() || damaged_) return false;
  damaged_ = !read_entry();
  return !damaged_;
}

bool PackReader::read_entry() {
  constexpr std::size_t kFixedBytes = 3;
  if (rest_.size() < kFixedBytes) return false;
  if (static_cast<std::uint8_t>(rest_[0]) > kPlaceMask || static_cast<std::uint8_t>(rest_[1]) > kPlaceMask)
    return false;
  key_.event = EventSeq{place_.first_event().value | static_cast<std::uint8_t>(rest_[0])};
  key_.endpoint = EndpointNumber{place_.endpoints << kPlaceBits | static_cast<std::uint8_t>(rest_[1])};
  const auto flags = static_cast<std::uint8_t>(rest_[2]);
  rest_.remove_prefix(kFixedBytes);
  reused_ = (flags & kReused) != 0;
  const auto known = (flags & kKnownProfile) != 0 ? varint() : profiles_.size();
  started_us_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(started_us_) +
                                          static_cast<std::uint64_t>(unzigzag(varint())));
  timing_ = {};
  timing_.total = span();
  timing_.first_byte = span();
  if ((flags & kOpened) != 0) {
    for (auto* step : {&timing_.dns, &timing_.connect, &timing_.tls}) *step = span();
  }
  const bool possible = started_us_ >= 0 && started_us_ <= kLastStoredMicros;
  if ((flags & kKnownProfile) == 0 && !read_profile()) return false;
  if (damaged_ || !possible || known >= profiles_.size()) return false;
  profile_ = profiles_[known];
  return true;
}

bool PackReader::read_profile() {
  constexpr int kTexts = 6;
  const auto* const begin = rest_.data();
  if (varint() > kLastHttpStatus) damaged_ = true;
  for (int i = 0; i < kTexts; ++i) text();
  profiles_.emplace_back(begin, static_cast<std::size_t>(rest_.data() - begin));
  return !damaged_;
}

// Zero past the end or when it is longer than 64 bits: then the pack is damaged.
std::uint64_t PackReader::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) return value;
  }
  damaged_ = true;
  return 0;
}

Duration PackReader::span() {
  const auto micros = varint();
  if (micros > static_cast<std::uint64_t>(kLongestStoredMicros)) damaged_ = true;
  return Duration{damaged_ ? 0 : static_cast<std::int64_t>(micros)};
}

std::string_view PackReader::text() {
  const auto size = varint();
  if (size > rest_.size()) damaged_ = true;
  const auto text = rest_.substr(0, static_cast<std::size_t>(size));
  rest_.remove_prefix(text.size());
  return text;
}

int PackReader::status() {
  const auto rest = std::exchange(rest_, profile_);
  const auto status = static_cast<int>(varint());
  rest_ = rest;
  return status;
}

AttemptRow PackReader::attempt() {
  AttemptRow attempt{key_, 1, true, {}};
  auto& response = attempt.response;
  const auto rest = std::exchange(rest_, profile_);
  response.status = static_cast<int>(varint());
  for (auto* field : {&response.reason, &response.content_type, &response.retry_after, &response.webhook_delivery,
                      &response.remote_address, &response.body}) {
    *field = text();
  }
  rest_ = rest;
  response.reused = reused_;
  response.started_at = started_at();
  response.timing = timing_;
  return attempt;
}

}  // namespace exposee::store
