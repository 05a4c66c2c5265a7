#include "store/sqlite/rows/attempt_rows.h"

#include <algorithm>

namespace exposee::store {
namespace {

constexpr int kColumns = 20;
constexpr int kLastHttpStatus = 999;  // of HTTP: three digits

bool in_key_order(const AttemptRow* a, const AttemptRow* b) {
  return a->key != b->key ? a->key < b->key : a->number < b->number;
}

void place(RowBinder row, const AttemptRow& attempt) {
  const auto& response = attempt.response;
  const auto& timing = response.timing;
  row.value(attempt.key.event).value(attempt.key.endpoint).value(attempt.number);
  row.rare(std::int64_t{attempt.succeeded}).rare(std::int64_t{response.status}).value(response.started_at);
  row.rare(timing.total.count()).rare(timing.first_byte.count()).rare(std::int64_t{response.reused});
  row.rare(timing.dns.count()).rare(timing.connect.count()).rare(timing.tls.count());
  row.rare(static_cast<std::int64_t>(response.cause)).rare(response.detail).rare(response.reason);
  row.rare(response.retry_after).rare(response.webhook_delivery).rare(response.content_type);
  row.rare(response.remote_address).rare(Blob{response.body});
}

// Columns from `number` on.
AttemptRow read(const Query& query, const DeliveryKey& key) {
  AttemptRow attempt{key, query.as<std::uint32_t>(0), query.flag(1), {}};
  auto& response = attempt.response;
  response.status = static_cast<int>(query.integer(2, 0, kLastHttpStatus));
  response.started_at = query.instant(3);
  response.timing = {query.span(7), query.span(8), query.span(9), query.span(5), query.span(4)};
  response.reused = query.flag(6);
  response.cause = query.one_of(10, kLastCause);
  response.detail = query.bytes(11);  // these came from outside: bytes, not text
  response.reason = query.bytes(12);
  response.retry_after = query.bytes(13);
  response.webhook_delivery = query.bytes(14);
  response.content_type = query.bytes(15);
  response.remote_address = query.bytes(16);
  response.body = query.bytes(17);
  query.tell_fault("attempt", "it is shown without that", key.event.value, key.endpoint.value,
                   attempt.number);
  return attempt;
}

}  // namespace

// OR IGNORE: an attempt that is there already must not keep all others from being written, for ever. It is
// set aside, and told.
AttemptAppender::AttemptAppender(Database& db)
    : db_(db), insert_(db, "INSERT OR IGNORE INTO attempt VALUES", kColumns, BulkInsert::Rows::with_gaps), successes_(db) {}

// Answers come in any order; in the order of the key neighbours share a page.
Result<void> AttemptAppender::add(std::span<const AttemptRow> attempts) {
  rows_.clear();
  plain_.clear();
  for (const auto& attempt : attempts) (is_plain_success(attempt) ? plain_ : rows_).push_back(&attempt);
  if (!plain_.empty()) EXPOSEE_TRY(successes_.add(plain_));
  std::ranges::sort(rows_, in_key_order);
  const auto before = db_.total_changes();
  EXPOSEE_TRY(insert_.insert(rows_.size(), [&](RowBinder row, std::size_t i) { place(row, *rows_[i]); }));
  const auto written = static_cast<std::size_t>(db_.total_changes() - before);
  return written == rows_.size() ? Result<void>{} : tell_ignored();
}

// One whose number is there with another outcome was there before, and has been ignored.
Result<void> AttemptAppender::tell_ignored() {
  for (const auto* row : rows_) {
    auto query = db_.query(
        "SELECT started_at IS NOT ?4 OR status IS NOT nullif(?5, 0) OR total_us IS NOT nullif(?6, 0)"
        " FROM attempt WHERE event = ?1 AND endpoint = ?2 AND number = ?3",
        row->key.event, row->key.endpoint, row->number, row->response.started_at, row->response.status,
        row->response.timing.total.count());
    const bool other = query.step() && query.flag(0);
    EXPOSEE_TRY(query.result());
    if (!other) continue;
    db_.tell({"attempt", delivery_id_text(row->key) + " attempt " + std::to_string(row->number),
              "an attempt of that number was recorded before; the later one is not kept"});
  }
  return {};
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
    summary.count = query.as<std::uint32_t>(0);
    summary.succeeded = summary.succeeded || query.flag(1);
    summary.last_status = static_cast<int>(query.integer(2, 0, kLastHttpStatus));
    summary.last_started_at = query.instant(3);
    summary.last_ended_at = query.instant(3) + query.span(4);
  }
  EXPOSEE_TRY(query.result());
  return summary;
}

}  // namespace exposee::store
