#include "core/ids.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace exposee {
namespace {

constexpr Bits128 kOnes = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
constexpr Bits128 kCounting = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

TEST(Ids, BitsAreShownAsPrefixAnd26Characters) {
  EXPECT_EQ(base32_text("x_", Bits128{}), "x_00000000000000000000000000");
  EXPECT_EQ(base32_text("", kOnes), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
  EXPECT_EQ(base32_text("", kCounting),
            "00041061050r3gg28a1c60t3gf");  // ULID specification's alphabet and order
}

TEST(Ids, TextReadsBack) {
  for (const auto& bits : {Bits128{}, kOnes, kCounting})
    EXPECT_EQ(parse_base32("p_", base32_text("p_", bits)), bits);
  const EventId id{kCounting};
  EXPECT_EQ(id.text(), "evt_00041061050r3gg28a1c60t3gf");
  EXPECT_EQ(EventId::parse(id.text()), id);
  EXPECT_EQ(EndpointId::parse(id.text()), std::nullopt);
}

TEST(Ids, OnlyOneSpellingIsAccepted) {
  const std::vector<std::string_view> rows = {"",
                                              "evt_",
                                              "evt_0000000000000000000000000",
                                              "evt_000000000000000000000000000",
                                              "evt_80000000000000000000000000",
                                              "evt_zzzzzzzzzzzzzzzzzzzzzzzzzz",
                                              "evt_0000000000000000000000000A",
                                              "evt_0000000000000000000000000i",
                                              "evt_0000000000000000000000000l",
                                              "evt_0000000000000000000000000o",
                                              "evt_0000000000000000000000000u",
                                              "evt_0000000000000000000000000-",
                                              "EVT_00000000000000000000000000",
                                              "00000000000000000000000000",
                                              "evt_000000000000000000000000\xC3\xA9"};
  for (const auto text : rows) EXPECT_EQ(EventId::parse(text), std::nullopt) << text;
}

TEST(Ids, TextSortsLikeTheBits) {
  Bits128 low{}, high{};
  low[7] = 255;
  high[6] = 1;
  EXPECT_LT(low, high);
  EXPECT_LT(base32_text("", low), base32_text("", high));
}

TEST(Ids, UuidV7CarriesMillisecondsVersionAndVariant) {
  // RFC 9562 appendix A.6: 017F22E2-79B0-7CC3-98C4-DC0C0C07398F
  constexpr Bits128 kExample = {0x01, 0x7F, 0x22, 0xE2, 0x79, 0xB0, 0x7C, 0xC3,
                                0x98, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F};
  const Instant at = from_micros(0x017F22E279B0 * std::int64_t{1000} + 999);
  EXPECT_EQ(uuid_v7(at, {0x0C, 0xC3, 0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F}), kExample);
  EXPECT_EQ(uuid_v7(at, {0xFC, 0xC3, 0xD8, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F}), kExample);
}

TEST(Ids, MessageIdHasTheEventsBits) {
  const EventId id{kCounting};
  EXPECT_EQ(message_id_text(id), "msg_00041061050r3gg28a1c60t3gf");
  EXPECT_EQ(parse_message_id(message_id_text(id)), id);
  EXPECT_EQ(parse_message_id(id.text()), std::nullopt);
}

TEST(Ids, DeliveryIdIsItsTwoNumbers) {
  const DeliveryKey key{EventSeq{0x0001'0000'0000'002A}, EndpointNumber{7}};
  const std::string text = delivery_id_text(key);
  EXPECT_TRUE(text.starts_with("dlv_"));
  EXPECT_EQ(parse_delivery_id(text), key);
  const DeliveryKey greatest{EventSeq{~std::uint64_t{0}}, EndpointNumber{(std::uint64_t{1} << 32) - 1}};
  EXPECT_EQ(parse_delivery_id(delivery_id_text(greatest)), greatest);
}

TEST(Ids, NoDeliveryIsNamedByAnAttemptOrByZero) {
  const DeliveryKey key{EventSeq{1}, EndpointNumber{1}};
  std::string attempt = attempt_id_text(key, 3);
  EXPECT_TRUE(attempt.starts_with("att_"));
  EXPECT_NE(attempt, attempt_id_text(key, 4));
  attempt.replace(0, 4, "dlv_");
  EXPECT_EQ(parse_delivery_id(attempt), std::nullopt);
  EXPECT_EQ(parse_delivery_id("dlv_00000000000000000000000000"), std::nullopt);
}

TEST(Ids, FirstNumberOfAStreamCarriesTheStream) {
  EXPECT_EQ(first_seq(1).value, 0x0001'0000'0000'0001u);
  EXPECT_LT(first_seq(1), first_seq(2));
}

TEST(Ids, NoTwoAttemptsHaveOneIdHoweverManyThereAre) {
  const DeliveryKey key{first_seq(1), EndpointNumber{7}}, next{first_seq(1), EndpointNumber{8}};
  std::set<std::string> ids;
  for (const std::uint32_t attempt : {1u, 2u, 65'535u, 65'536u, 65'537u, 131'073u, ~0u}) {
    ids.insert(attempt_id_text(key, attempt));
    ids.insert(attempt_id_text(next, attempt));
  }
  EXPECT_EQ(ids.size(), 14u);
  EXPECT_EQ(attempt_id_text(key, 3), base32_text("att_",
                                                 [&] {
                                                   Bits128 bits{};
                                                   bits[1] = 1, bits[7] = 1, bits[13] = 7, bits[15] = 3;
                                                   return bits;
                                                 }()))
      << "those that were shown by earlier versions stay";
}

}  // namespace
}  // namespace exposee
