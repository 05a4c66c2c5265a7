// Names of things. Two kinds: numbers that order and join (kept in the store), and public ids that people see
// (a prefix and 26 characters of base32). Distinct types, so that one cannot stand for another.
// Values only; any thread.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/text/fixed_text.h"
#include "core/time.h"

namespace exposee {

// A number with a type of its own. Zero means "none".
template <class Tag>
struct Number {
  std::uint64_t value = 0;
  constexpr auto operator<=>(const Number&) const = default;
  constexpr explicit operator bool() const { return value != 0; }
};

// Position of an event in commit order: 16 bits of stream (1: all nodes share one), 48 bits of count.
using EventSeq = Number<struct EventSeqTag>;
using EndpointNumber = Number<struct EndpointNumberTag>;
using TypeNumber = Number<struct TypeNumberTag>;  // of an event type
// Raised by one by every change of the registry (event types, endpoints, subscriptions); one total order.
using RegistryVersion = Number<struct RegistryVersionTag>;

constexpr int kStreamBits = 16;
constexpr int kCountBits = 64 - kStreamBits;
constexpr EventSeq first_seq(std::uint16_t stream) {
  return EventSeq{(std::uint64_t{stream} << kCountBits) | 1};
}

// 128 bits shown as prefix + 26 characters (lower-case Crockford base32: 0-9 a-z without i l o u).
using Bits128 = std::array<std::uint8_t, 16>;
constexpr std::size_t kBase32Chars = 26;
void write_base32(const Bits128& bits, char* to);  // kBase32Chars characters
std::string base32_text(std::string_view prefix, const Bits128& bits);
std::optional<Bits128> parse_base32(std::string_view prefix, std::string_view text);

// UUIDv7 (RFC 9562 section 5.7): 48 bits of Unix milliseconds, then `random` with version and variant set.
Bits128 uuid_v7(Instant now, const std::array<std::uint8_t, 10>& random);

template <std::size_t N>
FixedText<N - 1 + kBase32Chars> base32_chars(const char (&prefix)[N], const Bits128& bits) {
  FixedText<N - 1 + kBase32Chars> text;
  std::string_view(prefix).copy(text.chars.data(), N - 1);
  write_base32(bits, text.chars.data() + N - 1);
  return text;
}

template <class Tag>
struct PublicId {
  Bits128 bits{};
  constexpr auto operator<=>(const PublicId&) const = default;
  std::string text() const { return base32_text(Tag::prefix, bits); }
  auto chars() const { return base32_chars(Tag::prefix, bits); }  // the same
  static std::optional<PublicId> parse(std::string_view text) {
    auto parsed = parse_base32(Tag::prefix, text);
    if (!parsed) return std::nullopt;
    return PublicId{*parsed};
  }
};

struct EventIdTag {
  static constexpr char prefix[] = "evt_";
};
struct EndpointIdTag {
  static constexpr char prefix[] = "ep_";
};
using EventId = PublicId<EventIdTag>;
using EndpointId = PublicId<EndpointIdTag>;

// The `webhook-id` of an event: the same bits under Standard Webhooks' prefix, constant over all attempts.
constexpr char kMessagePrefix[] = "msg_";
std::string message_id_text(const EventId& id);  // "msg_..."
inline auto message_id_chars(const EventId& id) {
  return base32_chars(kMessagePrefix, id.bits);
}
std::optional<EventId> parse_message_id(std::string_view text);

// One event owed to one endpoint. Its public id needs no row: it is the two numbers themselves.
struct DeliveryKey {
  EventSeq event;
  EndpointNumber endpoint;  // below 2^32
  constexpr auto operator<=>(const DeliveryKey&) const = default;
};
std::string delivery_id_text(const DeliveryKey& key);  // "dlv_..."
std::optional<DeliveryKey> parse_delivery_id(std::string_view text);
std::string attempt_id_text(const DeliveryKey& key, std::uint32_t attempt);  // "att_..."; attempt from 1

}  // namespace exposee

template <class Tag>
struct std::hash<exposee::Number<Tag>> {
  std::size_t operator()(const exposee::Number<Tag>& n) const noexcept {
    std::uint64_t x = n.value * 0x9E3779B97F4A7C15ull;
    return static_cast<std::size_t>(x ^ (x >> 32));
  }
};
template <>
struct std::hash<exposee::DeliveryKey> {
  std::size_t operator()(const exposee::DeliveryKey& k) const noexcept {
    return std::hash<exposee::EventSeq>{}(k.event) * 31 + std::hash<exposee::EndpointNumber>{}(k.endpoint);
  }
};
