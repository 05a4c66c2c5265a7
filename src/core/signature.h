// Standard Webhooks 1.0.0 signatures ("Signature scheme"): `v1` HMAC-SHA256 over `id.timestamp.body`.
// SigningKey is a value that may be shared by threads; Signer holds an OpenSSL context and belongs to one
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace exposee {

constexpr std::size_t kSecretBytes = 24;  // of a secret made here (Standard Webhooks: 24 to 64)
constexpr std::size_t kMinSecretBytes = 24;
constexpr std::size_t kMaxSecretBytes = 64;

// A parsed `whsec_` secret.
class SigningKey {
 public:
  // `text`: "whsec_" and padded base64 of 24 to 64 bytes. Error: invalid, naming what is wrong (never the
  // secret).
  static Result<SigningKey> parse(std::string_view text);
  std::string_view bytes() const { return bytes_; }
  bool operator==(const SigningKey&) const = default;

 private:
  std::string bytes_;
};

// "whsec_" + base64 of exactly these bytes.
std::string secret_text(std::span<const std::uint8_t, kSecretBytes> bytes);

// Signs with reused EVP_MAC contexts (making one costs more than the signature). One thread.
class Signer {
 public:
  Signer();
  ~Signer();
  Signer(Signer&&) noexcept;
  Signer& operator=(Signer&&) noexcept;

  // Appends the value of `webhook-signature` to `out`: one "v1,<base64>" per key, divided by exactly one
  // space.
  void sign(std::span<const SigningKey> keys, std::string_view id, std::int64_t unix_seconds,
            std::string_view body, std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Whether any entry of `header` is the v1 signature under `key` (constant-time comparison).
bool verify_signature(const SigningKey& key, std::string_view id, std::int64_t unix_seconds,
                      std::string_view body, std::string_view header);

}  // namespace exposee
