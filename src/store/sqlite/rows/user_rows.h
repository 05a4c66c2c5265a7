// Documents (users, their messages), and stored replies to requests with an Idempotency-Key. Part of one connection;
// its thread.
#pragma once

#include <optional>
#include <string_view>

#include "ports/store.h"
#include "store/sqlite/database.h"

namespace exposee::store {

Result<bool> insert_document(Database& db, const Document& document);  // false: its key is taken
Result<bool> has_document(Database& db, const DocumentKey& key);

Result<bool> has_user(Database& db, std::string_view name);
Result<void> read_users(Database& db, std::uint64_t after, const TakeRow<UserRow>& take);

Result<void> read_messages(Database& db, std::string_view recipient_key, std::uint64_t after,
                           const TakeRow<MessageRow>& take);

Result<std::optional<StoredReply>> find_stored_reply(Database& db, std::string_view key);
// False: the key is taken.
Result<bool> insert_stored_reply(Database& db, std::string_view key, const StoredReply& reply, Instant now);

}  // namespace exposee::store
