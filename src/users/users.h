// The built-in notification system: users who send messages to each other. To the rest of the house it is an
// event source like any other: it makes the commands that the engine carries out, and the JSON that receivers
// get. Pure, no state of its own (the store keeps users and messages); any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "core/event_type.h"
#include "engine/commands.h"
#include "ports/store.h"

namespace exposee::users {

// The events that they raise, of the two types that exist from the first start on (core/event_type.h).
constexpr std::string_view kUserRegistered = kBuiltInTypes[0].name;
constexpr std::string_view kUserSendMessage = kBuiltInTypes[1].name;

// Of a username, in characters. A name is a key of an index and stands in every list, so it stays short.
constexpr std::size_t kMaxUsernameChars = 128;

// The name as it is stored and looked up: lower case by Unicode's tables. Refused with one sentence: the
// empty name, one longer than kMaxUsernameChars, and one with control characters (C0, DEL, C1), which no list
// can show. `utf8` must be valid UTF-8.
std::expected<std::string, std::string> username_from(std::string_view utf8);

// Why a text of a message cannot be kept: U+0000, which not every store can hold and no receiver expects. The
// only other limit is that of the request's body.
std::optional<std::string> refuse_text(std::string_view utf8);

// The row of a message: sender lower-cased, recipient as given (contract, "Details").
MessageRow message_from(std::string_view sender, std::string_view recipient, std::string_view subject,
                        std::string_view message, Instant received_at);

// {"username":...,"registered_at":...}: the reply of POST /users, and the event's data, byte for byte.
std::string user_json(const UserRow& user);
// {"sender":...,"recipient":...,"subject":...,"message":...,"received_at":...}: likewise.
std::string message_json(const MessageRow& message);

// The preconditions of the commands, in the order in which they are looked at; which of them did not hold when one
// is refused with engine::Refusal::unmet.
enum class Unmet : std::uint8_t { name_is_free, sender_exists, recipient_exists, two_users };

// The commands, without claim and reply, which are the caller's. Each stores its row and raises its event in
// one transaction, or does neither.
engine::PublishEvent register_user(UserRow user);
engine::PublishEvent send_message(MessageRow message);

}  // namespace exposee::users
