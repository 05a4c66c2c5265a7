// SQLite's write-ahead log as it lies on disk (https://sqlite.org/fileformat.html, section 4): a header, then frames, one
// changed page each, with checksums that run through all of them. SQLite reads it up to the first frame whose checksum is
// wrong and takes the rest for a commit that never ended; this walks it first, to tell whether that is so. Values only;
// any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "core/result.h"

namespace exposee::store {

inline constexpr int kLogHeaderBytes = 32;

struct LogHeader {
  std::uint32_t salt1 = 0, salt2 = 0;  // the first is one more in every log that follows another
  std::uint32_t page_bytes = 0;
  bool whole = false;  // its checksum is right
};
// `bytes`: kLogHeaderBytes.
LogHeader log_header(std::span<const unsigned char> bytes);

inline constexpr std::size_t kFrameHeaderBytes = 24;

struct FrameHeader {
  std::uint32_t page = 0, file_pages = 0;  // of the file after the transaction that the frame ends; 0: it ends none
  std::uint32_t salt1 = 0, salt2 = 0;      // of its log
};
// `bytes`: at least kFrameHeaderBytes.
FrameHeader frame_header(std::span<const unsigned char> bytes);

struct LogWalk {
  LogHeader header;
  std::uint64_t whole = 0;  // bytes up to the first frame that is not right
};
// Nothing: there is no log, or an empty one. Error: unavailable.
Result<std::optional<LogWalk>> walk_log(const std::string& file);

}  // namespace exposee::store
