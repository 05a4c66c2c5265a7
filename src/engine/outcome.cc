#include "engine/outcome.h"

#include <algorithm>

#include "core/assert.h"
#include "core/retry_schedule.h"

namespace exposee::engine {
namespace {

// No byte of the event got there: what it is cannot be why the attempt failed.
bool never_reached(Cause cause) {
  return cause == Cause::dns || cause == Cause::connect || cause == Cause::tls || cause == Cause::blocked;
}

// An attempt by hand beside the schedule: nothing of that is used up, and its date stays.
void go_on(DeliveryRow& row, Instant resumes_at) {
  ++row.round_start;
  row.resumes_at.reset();
  row.due = std::max(resumes_at, row.not_before.value_or(resumes_at));
}

void fail(DeliveryRow& row, const Verdict& verdict, const RetrySchedule& schedule, bool still_owed,
          Instant now, double unit) {
  row.cause = verdict.cause;
  if (row.once)
    return end_as(row, DeliveryStatus::succeeded);  // it had succeeded before it was retried by hand
  if (verdict.kind != VerdictKind::retry) return end_as(row, DeliveryStatus::exhausted);
  if (!still_owed) return end_as(row, DeliveryStatus::cancelled);
  row.asked = false;
  row.not_before.reset();
  if (verdict.retry_after) row.not_before = now + *verdict.retry_after;
  if (never_reached(verdict.cause)) row.brought_forward = false;
  if (row.resumes_at) return go_on(row, *row.resumes_at);
  const auto made = row.attempts - row.round_start;
  row.due = next_attempt_at(schedule, made, now, verdict.retry_after, unit);
  if (!row.due) end_as(row, DeliveryStatus::exhausted);
}

}  // namespace

Concluded conclude(Flight&& flight, const Verdict& verdict, int status, const RetrySchedule& schedule,
                   bool still_owed, Instant now, double unit) {
  Concluded done{.key = flight.key(), .row = std::move(flight.row), .verdict = verdict};
  done.was_first = !done.row;
  const bool succeeded = verdict.kind == VerdictKind::success;
  EXPOSEE_ASSERT(!succeeded || (status >= 200 && status < 300), "succeeded means a 2xx was read");
  if (done.row || !succeeded) {
    if (!done.row) done.row = DeliveryRow{.key = done.key};
    auto& row = *done.row;
    row.attempts = flight.attempt;
    row.http_status = static_cast<std::uint16_t>(status);
    row.updated_at = now;
    if (succeeded) {
      end_as(row, DeliveryStatus::succeeded);
    } else {
      fail(row, verdict, schedule, still_owed, now, unit);
    }
  }
  done.event = std::move(flight.event);
  return done;
}

void end_unreadable(DeliveryRow& row, Instant now) {
  row.cause = Cause::damaged;
  row.http_status = 0;
  end_as(row, row.once ? DeliveryStatus::succeeded : DeliveryStatus::exhausted);
  row.updated_at = now;
}

DeliveryRow overflowed(const DeliveryKey& key, Instant now) {
  return {.key = key, .status = DeliveryStatus::exhausted, .cause = Cause::overflow, .updated_at = now};
}

}  // namespace exposee::engine
