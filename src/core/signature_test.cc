#include "core/signature.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fakes/tree.h"

namespace exposee {
namespace {

constexpr std::string_view kSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
constexpr std::string_view kOther = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

boost::json::value vectors() {
  std::ifstream file(fakes::in_tree("tests/data/signature-vectors.json"));
  std::ostringstream text;
  text << file.rdbuf();
  return boost::json::parse(text.str());
}

std::string text_of(const boost::json::value& row, std::string_view member) {
  return std::string(std::string_view(row.at(member).as_string()));
}

SigningKey key_of(std::string_view secret) {
  return SigningKey::parse(secret).value();
}

std::string sign(const std::vector<SigningKey>& keys, std::string_view id, std::int64_t at,
                 std::string_view body) {
  std::string out;
  Signer().sign(keys, id, at, body, out);
  return out;
}

TEST(Signature, PublishedVectorsAreMet) {
  int checked = 0;
  const auto all = vectors();
  for (const auto& row : all.at("valid").as_array()) {
    // v1a is Ed25519, another scheme with keys of another kind; SigningKey is of v1 alone.
    if (row.at("scheme").as_string() != "v1") continue;
    const SigningKey key = key_of(text_of(row, "secret"));
    const std::string id = text_of(row, "id"), body = text_of(row, "body"),
                      expected = text_of(row, "signature");
    const std::int64_t at = row.at("timestamp").as_int64();
    EXPECT_EQ(sign({key}, id, at, body), expected) << id;
    EXPECT_TRUE(verify_signature(key, id, at, body, expected)) << id;
    ++checked;
  }
  EXPECT_EQ(checked, 4);
}

TEST(Signature, SecretsThatAreNoneAreRefusedAndNeverRepeated) {
  const auto all = vectors();
  for (const auto& row : all.at("secrets_refused").as_array()) {
    const auto key = SigningKey::parse(std::string_view(row.as_string()));
    ASSERT_FALSE(key) << row;
    EXPECT_EQ(key.error().code, ErrorCode::invalid);
    if (row.as_string().size() > 10) {
      EXPECT_EQ(key.error().message.find(std::string_view(row.as_string()).substr(8)), std::string::npos);
    }
  }
}

TEST(Signature, SecretsHave24To64BytesInPaddedCanonicalBase64) {
  const std::vector<std::pair<std::string, bool>> rows = {
      {"whsec_" + std::string(32, 'A'), true},            // 24 bytes
      {"whsec_" + std::string(84, 'A') + "AA==", true},   // 64
      {"whsec_" + std::string(84, 'A') + "AAA=", false},  // 65
      {"whsec_" + std::string(88, 'A'), false},           // 66
      {"whsec_" + std::string(4000, 'A'), false},
      {"whsec_" + std::string(30, 'A') + "A=", false},    // 23
      {"whsec_" + std::string(32, 'A') + "AA==", true},   // 25
      {"whsec_" + std::string(32, 'A') + "AB==", false},  // stray bits
      {"whsec_" + std::string(32, 'A') + "AA", false},    // no padding
      {"whsec_" + std::string(32, 'A') + "A===", false},
      {"whsec_" + std::string(32, 'A') + "====", false},
      {"whsec_" + std::string(32, 'A') + "\n", false},
      {"whsec_" + std::string(28, 'A') + "AA A", false},
      {"whsec_" + std::string(28, 'A') + "AA-_", false},  // the URL alphabet
      {"whsec_", false},
      {"", false},
      {"WHSEC_" + std::string(32, 'A'), false}};
  for (const auto& [secret, good] : rows) EXPECT_EQ(SigningKey::parse(secret).has_value(), good) << secret;
}

TEST(Signature, OwnSecretsReadBack) {
  std::array<std::uint8_t, kSecretBytes> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(secret_text(bytes), kSecret);
  const SigningKey key = key_of(kSecret);
  EXPECT_TRUE(
      std::ranges::equal(key.bytes(), bytes, {}, [](char c) { return static_cast<std::uint8_t>(c); }));
}

TEST(Signature, SeveralKeysSignDividedByOneSpaceAndAreAppended) {
  const SigningKey first = key_of(kSecret), second = key_of(kOther);
  std::string out = "x: ";
  Signer signer;
  signer.sign(std::vector{first, second}, "msg_1", 5, "{}", out);
  EXPECT_EQ(out, "x: " + sign({first}, "msg_1", 5, "{}") + " " + sign({second}, "msg_1", 5, "{}"));
}

TEST(Signature, AReusedSignerGivesTheSameAsAFreshOne) {
  Signer signer;
  const SigningKey keys[] = {key_of(kSecret), key_of(kOther)};
  for (int i = 0; i < 100; ++i) {
    const SigningKey& key = keys[i % 2];
    const std::string body(static_cast<std::size_t>(i) * 7, 'b');
    std::string out;
    signer.sign({&key, 1}, "msg_1", i, body, out);
    ASSERT_EQ(out, sign({key}, "msg_1", i, body)) << i;
  }
}

TEST(Signature, ASignerOutlivesMoreKeysThanItKeeps) {
  Signer signer;
  std::array<std::uint8_t, kSecretBytes> bytes{};
  for (unsigned i = 0; i < 5000; ++i) {
    bytes[0] = static_cast<std::uint8_t>(i);
    bytes[1] = static_cast<std::uint8_t>(i >> 8);
    const SigningKey key = key_of(secret_text(bytes));
    std::string out;
    signer.sign({&key, 1}, "msg_1", 1, "{}", out);
    ASSERT_TRUE(verify_signature(key, "msg_1", 1, "{}", out)) << i;
  }
}

TEST(Signature, VerifyingTriesEveryEntryAndNothingElse) {
  const SigningKey key = key_of(kSecret);
  const std::string good = sign({key}, "msg_1", 5, "{}");
  const std::string other = sign({key_of(kOther)}, "msg_1", 5, "{}");
  EXPECT_TRUE(verify_signature(key, "msg_1", 5, "{}", other + " " + good));
  EXPECT_TRUE(verify_signature(key, "msg_1", 5, "{}", good + " v1a,x"));
  for (const std::string& header : {std::string(), other, good.substr(1), good + "x", "v2" + good.substr(2),
                                    fmt::format("{},{}", good, good)}) {
    EXPECT_FALSE(verify_signature(key, "msg_1", 5, "{}", header)) << header;
  }
  EXPECT_FALSE(verify_signature(key, "msg_2", 5, "{}", good));
  EXPECT_FALSE(verify_signature(key, "msg_1", 6, "{}", good));
  EXPECT_FALSE(verify_signature(key, "msg_1", 5, "{} ", good));
}

}  // namespace
}  // namespace exposee
