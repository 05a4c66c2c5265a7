// Texts put together from pieces whose sizes are known: one look at the room, then plain copies. Appending
// piece by piece costs several times as much, and every event and every reply is such a text. Values only;
// any thread.
#pragma once

#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>

namespace exposee {

// Appends the pieces in order. None of them may lie within `out`.
inline void append_all(std::string& out, std::initializer_list<std::string_view> pieces) {
  const std::size_t before = out.size();
  std::size_t size = before;
  for (const auto piece : pieces) size += piece.size();
  out.resize_and_overwrite(
      size, [&](char* begin, std::size_t) {  // GCC 12 may name a larger size than was asked for
        char* at = begin + before;
        for (const auto piece : pieces) {
          if (piece.empty()) continue;  // its pointer may be null
          std::memcpy(at, piece.data(), piece.size());
          at += piece.size();
        }
        return size;
      });
}

inline std::string joined(std::initializer_list<std::string_view> pieces) {
  std::string text;
  append_all(text, pieces);
  return text;
}

}  // namespace exposee
