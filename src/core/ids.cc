#include "core/ids.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/assert.h"

namespace exposee {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";  // Crockford's, lower-case
constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_digits() {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNoDigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<std::uint8_t>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return digits;
}
constexpr auto kDigits = make_digits();

// Two characters for ten bits.
constexpr auto kPairs = [] {
  std::array<std::array<char, 2>, 1024> pairs{};
  for (std::size_t bits = 0; bits < pairs.size(); ++bits)
    pairs[bits] = {kAlphabet[bits >> 5], kAlphabet[bits & 31]};
  return pairs;
}();

constexpr std::string_view kDeliveryPrefix = "dlv_";
constexpr std::string_view kAttemptPrefix = "att_";
constexpr int kAttemptBits = 16;  // below the endpoint: those of an attempt past them are on top
constexpr std::uint64_t kEndpointEnd = std::uint64_t{1} << 32;

// The 128 bits as two numbers, most significant first.
struct Halves {
  std::uint64_t high = 0, low = 0;
};

constexpr std::uint64_t big_endian(std::uint64_t value) {
  return std::endian::native == std::endian::little ? std::byteswap(value) : value;
}

std::uint64_t load(const std::uint8_t* bytes) {
  std::uint64_t value;
  std::memcpy(&value, bytes, sizeof value);
  return big_endian(value);
}

void store(std::uint64_t value, std::uint8_t* bytes) {
  value = big_endian(value);
  std::memcpy(bytes, &value, sizeof value);
}

Bits128 to_bits(const Halves& halves) {
  Bits128 bits;
  store(halves.high, bits.data());
  store(halves.low, bits.data() + 8);
  return bits;
}

// The event; then the attempt's upper 16 bits, the endpoint's 32 and the attempt's lower 16.
Bits128 pack(const DeliveryKey& key, std::uint32_t attempt) {
  const std::uint64_t upper = attempt >> kAttemptBits, lower = attempt & ((1u << kAttemptBits) - 1);
  const std::uint64_t endpoint = key.endpoint.value & (kEndpointEnd - 1);  // no other exists
  return to_bits({key.event.value, upper << 48 | endpoint << kAttemptBits | lower});
}

}  // namespace

// 26 * 5 bits hold 128; 2 stay zero. From the end: six pairs are 60 bits of the lower half, one is its last
// four and six of the higher, six the rest.
void write_base32(const Bits128& bits, char* to) {
  const std::uint64_t high = load(bits.data()), low = load(bits.data() + 8);
  char* at = to + kBase32Chars;
  const auto put = [&at](std::uint64_t bits) { std::memcpy(at -= 2, kPairs[bits & 1023].data(), 2); };
#pragma GCC unroll 6
  for (int shift = 0; shift < 60; shift += 10) put(low >> shift);
  put(low >> 60 | high << 4);
#pragma GCC unroll 6
  for (int shift = 6; shift < 64; shift += 10) put(high >> shift);
}

std::string base32_text(std::string_view prefix, const Bits128& bits) {
  std::string text(prefix.size() + kBase32Chars, '0');
  prefix.copy(text.data(), prefix.size());
  write_base32(bits, text.data() + prefix.size());
  return text;
}

std::optional<Bits128> parse_base32(std::string_view prefix, std::string_view text) {
  if (text.size() != prefix.size() + kBase32Chars || !text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  // The first character carries the top three bits only; a greater one would be a second spelling.
  if (kDigits[static_cast<std::uint8_t>(text[0])] > 7) return std::nullopt;
  Halves halves;
  for (const char c : text) {
    const std::uint8_t digit = kDigits[static_cast<std::uint8_t>(c)];
    if (digit == kNoDigit) return std::nullopt;
    halves.high = halves.high << 5 | halves.low >> 59;
    halves.low = halves.low << 5 | digit;
  }
  return to_bits(halves);
}

Bits128 uuid_v7(Instant now, const std::array<std::uint8_t, 10>& random) {
  const auto millis = std::chrono::floor<std::chrono::milliseconds>(now).time_since_epoch().count();
  EXPOSEE_ASSERT(millis >= 0 && millis < std::int64_t{1} << 48, "a UUIDv7 carries 48 bits of milliseconds");
  Bits128 bits;
  store(static_cast<std::uint64_t>(millis) << 16, bits.data());
  std::ranges::copy(random, bits.begin() + 6);
  bits[6] = static_cast<std::uint8_t>(0x70 | (bits[6] & 0x0F));  // version 7
  bits[8] = static_cast<std::uint8_t>(0x80 | (bits[8] & 0x3F));  // variant 10
  return bits;
}

std::string message_id_text(const EventId& id) {
  return base32_text(kMessagePrefix, id.bits);
}

std::optional<EventId> parse_message_id(std::string_view text) {
  const auto bits = parse_base32(kMessagePrefix, text);
  if (!bits) return std::nullopt;
  return EventId{*bits};
}

std::string delivery_id_text(const DeliveryKey& key) {
  return base32_text(kDeliveryPrefix, pack(key, 0));
}

std::optional<DeliveryKey> parse_delivery_id(std::string_view text) {
  const auto bits = parse_base32(kDeliveryPrefix, text);
  if (!bits) return std::nullopt;
  const Halves halves{load(bits->data()), load(bits->data() + 8)};
  const std::uint64_t attempt = halves.low & ((std::uint64_t{1} << kAttemptBits) - 1);
  const DeliveryKey key{EventSeq{halves.high}, EndpointNumber{halves.low >> kAttemptBits}};
  const bool possible = key.event && key.endpoint && key.endpoint.value < kEndpointEnd;
  if (attempt != 0 || !possible) return std::nullopt;
  return key;
}

std::string attempt_id_text(const DeliveryKey& key, std::uint32_t attempt) {
  return base32_text(kAttemptPrefix, pack(key, attempt));
}

}  // namespace exposee
