// A text whose memory goes with what it held. Assigning an empty one does not do that: the library keeps the
// room that is there. Values only; any thread.
#pragma once

#include <cstddef>
#include <string>

namespace exposee {

inline void give_back(std::string& text) {
  std::string().swap(text);
}

// Empties it, and keeps no more room for its next use than that.
inline void clear_to(std::string& text, std::size_t most_bytes) {
  text.clear();
  if (text.capacity() > most_bytes) give_back(text);
}

}  // namespace exposee
