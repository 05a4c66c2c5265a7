#include "store/sqlite/attempt_rows.h"

#include <algorithm>

namespace exposee::store {
namespace {

constexpr int kColumns = 20;

bool in_key_order(const AttemptRow* a, const AttemptRow* b) {
  return a->key != b->key ? a->key < b->key : a->number < b->number;
}

void place(RowBinder row, const AttemptRow& attempt) {
  const auto& answer = attempt.answer;
  const auto& timing = answer.timing;
  row.value(attempt.key.event).value(attempt.key.endpoint).value(attempt.number);
  row.rare(std::int64_t{attempt.succeeded}).rare(std::int64_t{answer.status}).value(answer.started_at);
  row.rare(timing.total.count()).rare(timing.first_byte.count()).rare(std::int64_t{answer.reused});
  row.rare(timing.dns.count()).rare(timing.connect.count()).rare(timing.tls.count());
  row.rare(static_cast<std::int64_t>(answer.cause)).rare(answer.detail).rare(answer.reason);
  row.rare(answer.retry_after).rare(answer.webhook_delivery).rare(answer.content_type);
  row.rare(answer.remote_address).rare(Blob{answer.body});
}

// Columns from `number` on.
AttemptRow read(const Query& query, const DeliveryKey& key) {
  AttemptRow attempt{key, query.as<std::uint16_t>(0), query.flag(1), {}};
  auto& answer = attempt.answer;
  answer.status = query.as<int>(2);
  answer.started_at = query.instant(3);
  answer.timing = {Duration{query.integer(7)}, Duration{query.integer(8)}, Duration{query.integer(9)},
                   Duration{query.integer(5)}, Duration{query.integer(4)}};
  answer.reused = query.flag(6);
  answer.cause = query.as<Cause>(10);
  answer.detail = query.text(11);
  answer.reason = query.text(12);
  answer.retry_after = query.text(13);
  answer.webhook_delivery = query.text(14);
  answer.content_type = query.text(15);
  answer.remote_address = query.text(16);
  answer.body = query.text(17);
  return attempt;
}

}  // namespace

// OR FAIL: see EventAppender.
AttemptAppender::AttemptAppender(Database& db)
    : insert_(db, "INSERT OR FAIL INTO attempt VALUES", kColumns), successes_(db) {}

// Answers come in any order; in the order of the key neighbours share a page.
Result<void> AttemptAppender::add(std::span<const AttemptRow> attempts) {
  rows_.clear();
  plain_.clear();
  for (const auto& attempt : attempts) (is_plain_success(attempt) ? plain_ : rows_).push_back(&attempt);
  if (!plain_.empty()) EXPOSEE_TRY(successes_.add(plain_));
  std::ranges::sort(rows_, in_key_order);
  return insert_.insert(rows_.size(), [&](RowBinder row, std::size_t i) { place(row, *rows_[i]); });
}

Result<std::vector<AttemptRow>> read_attempts(Database& db, const DeliveryKey& key, std::uint32_t before,
                                              std::uint32_t limit) {
  auto query = db.query(
      "SELECT number, succeeded, status, started_at, total_us, first_byte_us, reused, dns_us, connect_us, "
      "tls_us,"
      " cause, detail, reason, retry_after, webhook_delivery, content_type, remote_address, body"
      " FROM attempt WHERE event = ?1 AND endpoint = ?2 AND number < ?3 ORDER BY number DESC LIMIT ?4",
      key.event, key.endpoint, std::int64_t{before}, std::int64_t{limit});
  std::vector<AttemptRow> attempts;
  while (query.step()) attempts.push_back(read(query, key));
  EXPOSEE_TRY(query.result());
  if (before > 1 && attempts.size() < limit) {  // a packed success is the first attempt
    auto first = find_success(db, key);
    if (!first) return std::move(first).error();
    if (*first) attempts.push_back(*std::move(*first));
  }
  std::ranges::reverse(attempts);
  return attempts;
}

Result<std::string> read_last_failure(Database& db, const DeliveryKey& key) {
  auto query = db.query(
      "SELECT detail FROM attempt WHERE event = ?1 AND endpoint = ?2 AND succeeded IS NOT 1"
      " ORDER BY number DESC LIMIT 1",
      key.event, key.endpoint);
  std::string words;
  if (query.step()) words = query.text(0);
  EXPOSEE_TRY(query.result());
  return words;
}

Result<AttemptSummary> summarize_attempts(Database& db, SuccessIndex& successes, const DeliveryKey& key) {
  AttemptSummary summary;
  auto first = successes.find(key);
  if (!first) return std::move(first).error();
  if (const auto& brief = *first) {
    summary = {1, true, brief->status, brief->started_at, brief->started_at + brief->total};
  }
  auto query = db.query(
      "SELECT number, succeeded, status, started_at, total_us FROM attempt"
      " WHERE event = ?1 AND endpoint = ?2 ORDER BY number",
      key.event, key.endpoint);
  while (query.step()) {
    summary.count = query.as<std::uint16_t>(0);
    summary.succeeded = summary.succeeded || query.flag(1);
    summary.last_status = query.as<int>(2);
    summary.last_started_at = query.instant(3);
    summary.last_ended_at = query.instant(3) + Duration{query.integer(4)};
  }
  EXPOSEE_TRY(query.result());
  return summary;
}

}  // namespace exposee::store
