// What is kept beside the events, written in the same turns: today users and their messages. A document is made by
// the room that knows what it means, and stored by the store in a table of its kind; what carries it from the one
// to the other, the engine above all, knows only that some kinds have a key that no two of them may have. A new kind
// is a row here, an entry of `Document` and `DocumentKind`, and a table. Values only; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/time.h"

namespace exposee {

struct UserRow {
  std::string name;  // lower-cased, unique
  Instant registered_at;
};

struct MessageRow {
  std::string sender;         // lower-cased
  std::string recipient;      // as given
  std::string recipient_key;  // lower-cased
  std::string subject;
  std::string message;
  Instant received_at;
};

using Document = std::variant<UserRow, MessageRow>;
enum class DocumentKind : std::uint8_t { user, message };  // in the order of the variant

// By which a document is found; no two of one kind have the same.
struct DocumentKey {
  DocumentKind kind = DocumentKind::user;
  std::string_view text;
  friend bool operator==(const DocumentKey&, const DocumentKey&) = default;
  friend auto operator<=>(const DocumentKey&, const DocumentKey&) = default;
};

// Nothing: documents of its kind have no key, and there may be any number of the same.
inline std::optional<DocumentKey> key_of(const Document& document) {
  const auto* user = std::get_if<UserRow>(&document);
  return user ? std::optional(DocumentKey{DocumentKind::user, user->name}) : std::nullopt;
}

}  // namespace exposee

template <>
struct std::hash<exposee::DocumentKey> {
  std::size_t operator()(const exposee::DocumentKey& key) const noexcept {
    return std::hash<std::string_view>{}(key.text) + static_cast<std::size_t>(key.kind);
  }
};
