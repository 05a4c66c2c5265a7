#include "core/digest.h"

#include <openssl/evp.h>

#include "core/assert.h"

namespace exposee {

std::string sha256(std::string_view bytes) {
  // Fetched once: OpenSSL 3 looks an algorithm up by name on every use of EVP_sha256(), which costs more than
  // hashing.
  static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::string digest(kDigestBytes, '\0');
  unsigned size = 0;
  const int ok = EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()),
                            &size, algorithm, nullptr);
  EXPOSEE_ASSERT(ok == 1 && size == kDigestBytes, "OpenSSL has SHA-256");
  return digest;
}

std::string hex_text(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace exposee
