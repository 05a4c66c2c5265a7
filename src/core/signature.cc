#include "core/signature.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <functional>
#include <unordered_map>
#include <utility>

#include "core/assert.h"
#include "core/text/join.h"

namespace exposee {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::string_view kEntryPrefix = "v1,";
constexpr std::size_t kMacBytes = 32;  // of HMAC-SHA256
// Keyed contexts a Signer keeps, about 1 KiB each: enough for every busy endpoint of a large installation.
constexpr std::size_t kMaxCachedKeys = 4096;

constexpr std::size_t base64_size(std::size_t bytes) {
  return (bytes + 2) / 3 * 4;
}

void append_base64(std::span<const std::uint8_t> bytes, std::string& out) {
  const std::size_t at = out.size();
  out.resize(at + base64_size(bytes.size()) + 1);  // EVP_EncodeBlock ends with a zero byte
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(&out[at]), bytes.data(), static_cast<int>(bytes.size()));
  out.pop_back();
}

std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// The bytes of padded base64 of at most `max_bytes`; empty when it is none. EVP_DecodeBlock forgives blanks
// and stray bits, so what it gives counts only when it encodes to the same text again.
std::string decode_base64(std::string_view text, std::size_t max_bytes) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > base64_size(max_bytes)) return {};
  std::string bytes(text.size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), as_bytes(text).data(),
                                   static_cast<int>(text.size()));
  if (size < 0) return {};
  const std::size_t padding = text.size() - (text.find_last_not_of('=') + 1);
  if (padding > 2) return {};
  bytes.resize(static_cast<std::size_t>(size) - padding);
  std::string again;
  append_base64(as_bytes(bytes), again);
  return again == text ? bytes : std::string{};
}

struct FreeMac {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
};
struct FreeContext {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacPtr = std::unique_ptr<EVP_MAC, FreeMac>;
using ContextPtr = std::unique_ptr<EVP_MAC_CTX, FreeContext>;
using Mac = std::array<std::uint8_t, kMacBytes>;

ContextPtr make_context(EVP_MAC* mac, std::string_view key) {
  ContextPtr context(EVP_MAC_CTX_new(mac));
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_end()};
  const auto bytes = as_bytes(key);
  const bool keyed = context && EVP_MAC_init(context.get(), bytes.data(), bytes.size(), params) == 1;
  EXPOSEE_ASSERT(keyed, "OpenSSL offers HMAC-SHA256");
  return context;
}

// `head` and `body` in one go. The context keeps its key and starts anew.
Mac compute(EVP_MAC_CTX* context, std::string_view head, std::string_view body) {
  Mac mac;
  std::size_t size = 0;
  const bool done = EVP_MAC_init(context, nullptr, 0, nullptr) == 1 &&
                    EVP_MAC_update(context, as_bytes(head).data(), head.size()) == 1 &&
                    EVP_MAC_update(context, as_bytes(body).data(), body.size()) == 1 &&
                    EVP_MAC_final(context, mac.data(), &size, mac.size()) == 1;
  EXPOSEE_ASSERT(done && size == kMacBytes, "an HMAC over bytes in memory cannot fail");
  return mac;
}

struct HashText {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

Error invalid(std::string message) {
  return Error{ErrorCode::invalid, std::move(message),
               fmt::format("A secret is '{}' and the padded base64 of {} to {} random bytes.", kSecretPrefix,
                           kMinSecretBytes, kMaxSecretBytes)};
}

}  // namespace

Result<SigningKey> SigningKey::parse(std::string_view text) {
  if (!text.starts_with(kSecretPrefix))
    return invalid(fmt::format("The secret does not begin with '{}'", kSecretPrefix));
  text.remove_prefix(kSecretPrefix.size());
  if (text.size() > base64_size(kMaxSecretBytes)) {
    return invalid(fmt::format("The secret has more than {} bytes", kMaxSecretBytes));
  }
  Result<SigningKey> key(SigningKey{});
  std::string& bytes = key->bytes_;
  bytes = decode_base64(text, kMaxSecretBytes);
  if (bytes.empty()) return invalid("The secret is not padded base64");
  if (bytes.size() < kMinSecretBytes) {
    return invalid(
        fmt::format("The secret has {} bytes; at least {} are needed", bytes.size(), kMinSecretBytes));
  }
  if (bytes.size() > kMaxSecretBytes) {
    return invalid(
        fmt::format("The secret has {} bytes; at most {} are allowed", bytes.size(), kMaxSecretBytes));
  }
  return key;
}

std::string secret_text(std::span<const std::uint8_t, kSecretBytes> bytes) {
  std::string text(kSecretPrefix);
  append_base64(bytes, text);
  return text;
}

struct Signer::State {
  MacPtr mac{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
  std::unordered_map<std::string, ContextPtr, HashText, std::equal_to<>> contexts;  // by the key's bytes
  std::string head;                                                                 // "id.timestamp.", reused
  std::int64_t second = 0;  // of the last signature; thousands are made within one
  std::string second_text = "0";

  EVP_MAC_CTX* context(std::string_view key) {
    if (const auto found = contexts.find(key); found != contexts.end()) return found->second.get();
    // Starting over costs one keying per key and happens at most once in kMaxCachedKeys new keys, so an order
    // of use is not worth keeping.
    if (contexts.size() >= kMaxCachedKeys) contexts.clear();
    return contexts.emplace(key, make_context(mac.get(), key)).first->second.get();
  }
  std::string_view text_of(std::int64_t unix_seconds) {
    if (std::exchange(second, unix_seconds) != unix_seconds) second_text = std::to_string(unix_seconds);
    return second_text;
  }
};

Signer::Signer() : state_(std::make_unique<State>()) {
  EXPOSEE_ASSERT(state_->mac, "OpenSSL offers HMAC");
}
Signer::~Signer() = default;
Signer::Signer(Signer&&) noexcept = default;
Signer& Signer::operator=(Signer&&) noexcept = default;

void Signer::sign(std::span<const SigningKey> keys, std::string_view id, std::int64_t unix_seconds,
                  std::string_view body, std::string& out) {
  std::string& head = state_->head;
  head.clear();
  append_all(head, {id, ".", state_->text_of(unix_seconds), "."});
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i > 0) out.push_back(' ');
    out.append(kEntryPrefix);
    append_base64(compute(state_->context(keys[i].bytes()), head, body), out);
  }
}

bool verify_signature(const SigningKey& key, std::string_view id, std::int64_t unix_seconds,
                      std::string_view body, std::string_view header) {
  std::string expected;
  Signer().sign({&key, 1}, id, unix_seconds, body, expected);
  bool found = false;
  while (!header.empty()) {
    const std::string_view entry = header.substr(0, header.find(' '));
    header.remove_prefix(std::min(header.size(), entry.size() + 1));
    const bool same_size = entry.size() == expected.size();
    found |= same_size && CRYPTO_memcmp(entry.data(), expected.data(), expected.size()) == 0;
  }
  return found;
}

}  // namespace exposee
