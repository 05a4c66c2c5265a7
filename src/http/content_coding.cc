#include "http/content_coding.h"

#include <zlib.h>

#include <algorithm>

#include "core/assert.h"
#include "http/grammar.h"

namespace exposee::http {
namespace {

static_assert(kMaxExpansion == 200, "kBomb says so");
constexpr Fault kTooLarge{FaultKind::body_too_large, "The body is larger than this call takes."};
constexpr Fault kBomb{FaultKind::expands_too_far, "The gzip body expands to more than 200 times its size."};
constexpr Fault kDamaged{FaultKind::malformed,
                         "The body is not valid gzip, as its Content-Encoding says it is."};
constexpr Fault kCutOff{FaultKind::malformed, "The gzip body is cut off before its end."};

constexpr int kGzipAlone = 16 + MAX_WBITS;  // zlib: a gzip header, and no other format
constexpr std::size_t kStepBytes = 16 * 1024;

class Inflater {
 public:
  explicit Inflater(std::string_view packed) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // zlib only reads
    stream_.avail_in = static_cast<uInt>(packed.size());
    EXPOSEE_ASSERT(inflateInit2(&stream_, kGzipAlone) == Z_OK, "zlib has memory for one stream");
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Appends at most `room` bytes.
  int step(std::string& out, std::size_t room) {
    const std::size_t before = out.size();
    int result = Z_OK;
    out.resize_and_overwrite(before + room, [&](char* begin, std::size_t) {
      stream_.next_out = reinterpret_cast<Bytef*>(begin + before);
      stream_.avail_out = static_cast<uInt>(room);
      result = inflate(&stream_, Z_NO_FLUSH);
      return before + room - stream_.avail_out;
    });
    return result;
  }
  bool next_member() { return inflateReset(&stream_) == Z_OK; }
  std::size_t left() const { return stream_.avail_in; }

 private:
  z_stream stream_{};
};

}  // namespace

ContentCoding content_coding(const Fields& headers) {
  if (!headers.find("content-encoding")) return ContentCoding::identity;  // nearly every request
  auto coding = ContentCoding::identity;
  for (const auto& [name, value] : headers) {
    if (!equals_ignoring_case(name, "content-encoding")) continue;
    if (value.empty() || equals_ignoring_case(value, "identity")) continue;
    const bool gzip = equals_ignoring_case(value, "gzip") || equals_ignoring_case(value, "x-gzip");
    if (!gzip || coding != ContentCoding::identity) return ContentCoding::other;
    coding = ContentCoding::gzip;
  }
  return coding;
}

Fault gunzip(std::string& body, std::size_t limit_bytes) {
  const std::size_t expanded = std::max(kFreeExpansionBytes, body.size() * kMaxExpansion);
  const std::size_t limit = std::min(limit_bytes, expanded);
  Inflater inflater(body);
  std::string out;
  while (true) {
    // One byte more than may come shows that it is too much.
    const int result = inflater.step(out, std::min(kStepBytes, limit + 1 - out.size()));
    if (out.size() > limit) return limit == limit_bytes ? kTooLarge : kBomb;
    if (result == Z_STREAM_END) {
      if (inflater.left() == 0) break;
      if (!inflater.next_member()) return kDamaged;
    } else if (result == Z_BUF_ERROR && inflater.left() == 0) {
      return kCutOff;
    } else if (result != Z_OK) {
      return kDamaged;
    }
  }
  body = std::move(out);
  return {};
}

}  // namespace exposee::http
