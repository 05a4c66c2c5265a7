// SHA-256 (FIPS 180-4) for naming things by their content: idempotency keys, request bodies, ETags. No
// secrets and no signatures here (core/signature.h has those). Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace exposee {

constexpr std::size_t kDigestBytes = 32;

// The digest's 32 bytes.
std::string sha256(std::string_view bytes);

// Two lower-case hexadecimal digits per byte.
std::string hex_text(std::string_view bytes);

}  // namespace exposee
