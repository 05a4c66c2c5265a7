// Everything a store gives back, as text: compared by the tests, and readable where they fail. Test code, any
// thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/assert.h"
#include "ports/store.h"

namespace exposee::contract {

std::string text_of(const Error& error);
std::string text_of(const EventRef& event);
std::string text_of(const AttemptRow& attempt);
std::string text_of(const DeliveryRow& row);
std::string text_of(const DeliveryView& view);
std::string text_of(const DeliveryKey& key);
std::string text_of(const EventView& view);
std::string text_of(const EventType& type);
std::string text_of(const Endpoint& endpoint);
std::string text_of(const Subscription& subscription);
std::string text_of(const UserRow& user);
std::string text_of(const MessageRow& message);
std::string text_of(const StoredReply& reply);
std::string text_of(const StartState& state);
std::string text_of(const OwedPage& page);
std::string text_of(const EventBatch& page);
std::string text_of(const Expired& expired);
inline std::string text_of(bool value) {
  return value ? "true" : "false";
}
inline std::string text_of(std::uint64_t value) {
  return std::to_string(value);
}

inline std::string text_of(const std::string& value) {
  return value;
}

template <class T>
std::string text_of(const std::optional<T>& value) {
  return value ? text_of(*value) : "nothing";
}
template <class T>
std::string text_of(const std::vector<T>& values) {
  std::string text = "[";
  for (const auto& value : values) text += "\n  " + text_of(value);
  return text + "]";
}
template <class T>
std::string text_of(const Result<T>& result) {
  return result ? text_of(*result) : text_of(result.error());
}

// The whole lists.
inline std::vector<UserRow> all_users(Reader& reader) {
  std::vector<UserRow> rows;
  const auto read = reader.users(0, [&](std::uint64_t, const UserRow& row) {
    rows.push_back(row);
    return true;
  });
  EXPOSEE_ASSERT(read.has_value(), "users can be read");
  return rows;
}
inline std::vector<MessageRow> all_messages(Reader& reader, std::string_view recipient_key) {
  std::vector<MessageRow> rows;
  const auto read = reader.messages_to(recipient_key, 0, [&](std::uint64_t, const MessageRow& row) {
    rows.push_back(row);
    return true;
  });
  EXPOSEE_ASSERT(read.has_value(), "messages can be read");
  return rows;
}

}  // namespace exposee::contract
