#include "store/sqlite/user_rows.h"

namespace exposee::store {

Result<bool> insert_user(Database& db, const UserRow& user) {
  EXPOSEE_TRY(db.query("INSERT INTO user (name, registered_at) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
                       user.name, user.registered_at)
                  .run());
  return db.changes() == 1;
}

Result<bool> has_user(Database& db, std::string_view name) {
  auto query = db.query("SELECT 1 FROM user WHERE name = ?1", name);
  const bool found = query.step();
  EXPOSEE_TRY(query.result());
  return found;
}

Result<std::vector<UserRow>> all_users(Database& db) {
  auto query = db.query("SELECT name, registered_at FROM user ORDER BY number");
  std::vector<UserRow> users;
  while (query.step()) users.push_back({query.text(0), query.instant(1)});
  EXPOSEE_TRY(query.result());
  return users;
}

Result<void> insert_message(Database& db, const MessageRow& message) {
  return db
      .query(
          "INSERT INTO message (sender, recipient, recipient_key, subject, message, received_at)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
          message.sender, message.recipient, message.recipient_key, message.subject, message.message,
          message.received_at)
      .run();
}

Result<std::vector<MessageRow>> messages_of(Database& db, std::string_view recipient_key) {
  auto query = db.query(
      "SELECT sender, recipient, recipient_key, subject, message, received_at FROM message"
      " WHERE recipient_key = ?1 ORDER BY number",
      recipient_key);
  std::vector<MessageRow> messages;
  while (query.step()) {
    messages.push_back(
        {query.text(0), query.text(1), query.text(2), query.text(3), query.text(4), query.instant(5)});
  }
  EXPOSEE_TRY(query.result());
  return messages;
}

Result<std::optional<StoredAnswer>> find_stored_answer(Database& db, std::string_view key) {
  auto query =
      db.query("SELECT fingerprint, status, content_type, body FROM answer WHERE key = ?1", Blob{key});
  std::optional<StoredAnswer> answer;
  if (query.step()) answer = {query.text(0), query.as<int>(1), query.text(2), query.text(3)};
  EXPOSEE_TRY(query.result());
  return answer;
}

Result<void> put_stored_answer(Database& db, std::string_view key, const StoredAnswer& answer, Instant now) {
  return db
      .query(
          "INSERT OR REPLACE INTO answer (key, fingerprint, status, content_type, body, stored_at)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
          Blob{key}, Blob{answer.fingerprint}, answer.status, answer.content_type, Blob{answer.body}, now)
      .run();
}

}  // namespace exposee::store
