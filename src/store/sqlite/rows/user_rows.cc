#include "store/sqlite/rows/user_rows.h"

#include <algorithm>

namespace exposee::store {

namespace {

Result<bool> insert(Database& db, const UserRow& user) {
  EXPOSEE_TRY(db.query("INSERT INTO user (name, registered_at) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
                       user.name, user.registered_at)
                  .run());
  return db.changes() == 1;
}

Result<bool> insert(Database& db, const MessageRow& message) {
  EXPOSEE_TRY(
      db.query(
          "INSERT INTO message (sender, recipient, recipient_key, subject, message, received_at)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
          message.sender, message.recipient, message.recipient_key, message.subject, message.message,
          message.received_at)
          .run());
  return true;
}

}  // namespace

Result<bool> insert_document(Database& db, const Document& document) {
  return std::visit([&db](const auto& row) { return insert(db, row); }, document);
}

Result<bool> has_document(Database& db, const DocumentKey& key) {
  return key.kind == DocumentKind::user ? has_user(db, key.text) : Result<bool>(false);
}

Result<bool> has_user(Database& db, std::string_view name) {
  auto query = db.query("SELECT 1 FROM user WHERE name = ?1", name);
  const bool found = query.step();
  EXPOSEE_TRY(query.result());
  return found;
}

Result<void> read_users(Database& db, std::uint64_t after, const TakeRow<UserRow>& take) {
  auto query = db.query("SELECT name, registered_at, number FROM user WHERE number > ?1 ORDER BY number",
                        static_cast<std::int64_t>(after));
  for (bool more = true; more && query.step();) {
    const UserRow user{query.text(0), query.instant(1)};
    const auto number = static_cast<std::uint64_t>(query.integer(2));
    query.tell_fault("user", "it is shown without that", number);
    more = take(number, user);
  }
  return query.result();
}

Result<void> read_messages(Database& db, std::string_view recipient_key, std::uint64_t after,
                           const TakeRow<MessageRow>& take) {
  auto query = db.query(
      "SELECT sender, recipient, recipient_key, subject, message, received_at, number FROM message"
      " WHERE recipient_key = ?1 AND number > ?2 ORDER BY number",
      recipient_key, static_cast<std::int64_t>(after));
  for (bool more = true; more && query.step();) {
    const MessageRow message{query.text(0), query.text(1), query.text(2),
                             query.text(3), query.text(4), query.instant(5)};
    const auto number = static_cast<std::uint64_t>(query.integer(6));
    query.tell_fault("message", "it is shown without that", number);
    more = take(number, message);
  }
  return query.result();
}

namespace {

constexpr int kFirstStatus = 200, kLastStatus = 599;

bool is_field_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

// That it was carried out is certain, and so it is not carried out again; only what was answered is lost.
StoredReply lost_reply(std::string fingerprint) {
  return {std::move(fingerprint), 500, "application/problem+json",
          R"({"type":"about:blank","title":"The stored reply is damaged","status":500,)"
          R"("detail":"The request was carried out, but its stored reply cannot be read any more.",)"
          R"("code":"reply_damaged"})"};
}

StoredReply read_reply(const Query& query) {
  StoredReply reply{query.bytes(0), static_cast<int>(query.integer(1, kFirstStatus, kLastStatus)),
                      query.text(2), query.bytes(3)};
  if (!is_field_value(reply.content_type)) query.fault(2);
  if (!query.has_fault()) return reply;
  query.tell_fault("stored_reply", "whoever repeats the request is told so",
                   static_cast<std::uint64_t>(query.integer(4)));
  return lost_reply(std::move(reply.fingerprint));
}

}  // namespace

Result<std::optional<StoredReply>> find_stored_reply(Database& db, std::string_view key) {
  auto query = db.query("SELECT fingerprint, status, content_type, body, number FROM stored_reply WHERE key = ?1",
                        Blob{key});
  std::optional<StoredReply> reply;
  if (query.step()) reply = read_reply(query);
  EXPOSEE_TRY(query.result());
  return reply;
}

Result<bool> insert_stored_reply(Database& db, std::string_view key, const StoredReply& reply, Instant now) {
  EXPOSEE_TRY(
      db.query("INSERT INTO stored_reply (key, fingerprint, status, content_type, body, stored_at)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (key) DO NOTHING",
               Blob{key}, Blob{reply.fingerprint}, reply.status, reply.content_type, Blob{reply.body}, now)
          .run());
  return db.changes() == 1;
}

}  // namespace exposee::store
