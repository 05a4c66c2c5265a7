// How much of a message the codec takes before it refuses (promises section 5 for what comes in, D7 for
// responses of receivers). Every limit is the largest size that is still accepted; one more is refused.
#pragma once

#include <cstddef>

namespace exposee::http {

// What comes in.
constexpr std::size_t kMaxRequestLineBytes = 8 * 1024;  // without its CRLF; over it: 414
constexpr std::size_t kMaxHeaderBytes = 16 * 1024;  // all field lines and the empty line, CRLFs included: 431
constexpr std::size_t kMaxHeaderFields = 100;       // over it: 431
// RFC 9112 section 2.2: a server should ignore at least one empty line before the request line (old clients
// send one after a body). Ours ignores exactly this many; more is an attack.
constexpr std::size_t kMaxLeadingEmptyLines = 1;
// Longest word that is refused as an unknown method; a longer one is not a method at all: malformed.
constexpr std::size_t kMaxMethodBytes = 32;

// Responses of receivers.
// Status line, all field lines and the empty line, CRLFs included.
constexpr std::size_t kMaxResponseHeadBytes = 16 * 1024;
constexpr std::size_t kMaxResponseBodyKept = 16 * 1024;  // bytes shown to the integrator; the rest is dropped
// Bytes of body that are read at all: what is not kept changes nothing, so the connection ends instead.
constexpr std::size_t kMaxResponseBodyRead = kMaxResponseBodyKept;
constexpr std::size_t kMaxInterimResponses = 5;  // 1xx before the final response; the sixth is refused

// Both ways, in chunked bodies (RFC 9112 section 7.1). Extensions and trailers are not used; they are read,
// checked and thrown away, so they must not be a way to send for ever.
constexpr std::size_t kMaxChunkLineBytes = 256;      // size and extensions of one chunk, without CRLF
constexpr std::size_t kOrdinaryChunkLineBytes = 16;  // the digits of the largest size there is
// What all chunk lines of a message have over the ordinary, summed.
constexpr std::size_t kMaxChunkExtensionBytes = 4 * 1024;
constexpr std::size_t kMaxTrailerBytes = 4 * 1024;  // all trailer lines and the empty line, CRLFs included

// Bodies grow as they come; only this much is set aside on the word of a Content-Length.
constexpr std::size_t kMaxBodyReserve = 16 * 1024;

}  // namespace exposee::http
