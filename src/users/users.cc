#include "users/users.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/text/text.h"
#include "json/writer.h"

namespace exposee::users {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::size_t count_chars(std::string_view utf8) {
  return utf8.size() - static_cast<std::size_t>(std::ranges::count_if(utf8, is_continuation));
}

// C0 and DEL are single bytes; C1 (U+0080 to U+009F) is 0xC2 and 0x80 to 0x9F.
bool has_control(std::string_view utf8) {
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x20 || byte == 0x7F) return true;
    if (byte == 0xC2 && i + 1 < utf8.size() && static_cast<unsigned char>(utf8[i + 1]) < 0xA0) return true;
  }
  return false;
}

engine::Precondition is_user(std::string name, bool exists, Unmet number) {
  return {DocumentKind::user, std::move(name), exists, static_cast<std::uint8_t>(number)};
}

}  // namespace

std::expected<std::string, std::string> username_from(std::string_view utf8) {
  if (utf8.empty()) return std::unexpected("a username has at least one character");
  if (has_control(utf8)) return std::unexpected("a username has no control characters");
  if (const auto chars = count_chars(utf8); chars > kMaxUsernameChars) {
    return std::unexpected(
        fmt::format("a username has at most {} characters, not {}", kMaxUsernameChars, chars));
  }
  return lower_case(utf8);
}

std::optional<std::string> refuse_text(std::string_view utf8) {
  if (utf8.find('\0') == std::string_view::npos) return std::nullopt;
  return "a text has no NUL character (U+0000)";
}

MessageRow message_from(std::string_view sender, std::string_view recipient, std::string_view subject,
                        std::string_view message, Instant received_at) {
  return {.sender = lower_case(sender),
          .recipient = std::string(recipient),
          .recipient_key = lower_case(recipient),
          .subject = std::string(subject),
          .message = std::string(message),
          .received_at = received_at};
}

std::string user_json(const UserRow& user) {
  JsonWriter json;
  json.begin_object().member("username", user.name).member("registered_at", user.registered_at);
  return json.end_object().take();
}

std::string message_json(const MessageRow& message) {
  JsonWriter json;
  json.begin_object().member("sender", message.sender).member("recipient", message.recipient);
  json.member("subject", message.subject).member("message", message.message);
  return json.member("received_at", message.received_at).end_object().take();
}

engine::PublishEvent register_user(UserRow user) {
  engine::PublishEvent command;
  command.type_name = kUserRegistered;
  command.data = user_json(user);
  command.preconditions.push_back(is_user(user.name, false, Unmet::name_is_free));
  command.documents.emplace_back(std::move(user));
  return command;
}

engine::PublishEvent send_message(MessageRow message) {
  engine::PublishEvent command;
  command.type_name = kUserSendMessage;
  command.data = message_json(message);
  command.preconditions.push_back(is_user(message.sender, true, Unmet::sender_exists));
  command.preconditions.push_back(is_user(message.recipient_key, true, Unmet::recipient_exists));
  // After the two this cannot hold, and what they say comes first.
  if (message.sender == message.recipient_key)
    command.preconditions.push_back(is_user(message.sender, false, Unmet::two_users));
  command.documents.emplace_back(std::move(message));
  return command;
}

}  // namespace exposee::users
