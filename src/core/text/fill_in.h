// Puts values into the places that a text of a table keeps for them: "{endpoint}". Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace exposee {

// Every `place` of the text is replaced; what a value holds is not looked at again.
inline void fill_in(std::string& text, std::string_view place, std::string_view value) {
  for (auto at = text.find(place); at != text.npos; at = text.find(place, at + value.size()))
    text.replace(at, place.size(), value);
}

}  // namespace exposee
