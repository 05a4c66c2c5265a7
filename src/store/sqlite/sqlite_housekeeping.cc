// What SqliteStore does beside the turns: steps in transactions of their own. What they do is found out before the
// transaction: SQLite writes nothing more in one that has met damage.
#include <algorithm>

#include "store/sqlite/housekeeping/forgetting.h"
#include "store/sqlite/housekeeping/unsubscribed.h"
#include "store/sqlite/rows/delivery_rows.h"
#include "store/sqlite/rows/mark_rows.h"
#include "store/sqlite/sqlite_error.h"
#include "store/sqlite/sqlite_store.h"

namespace exposee::store {
namespace {

// Places that one step of retention finds and cannot read: each makes it begin again, and the others are
// found by the next.
constexpr int kDamagePerStep = 16;

}  // namespace

template <class Work>
auto SqliteStore::in_one_step(Work&& work, Durability durability) -> decltype(work()) {
  EXPOSEE_TRY(begin(durability));
  auto done = work();
  if (done) {
    auto committed = commit();
    if (committed) return done;
    done = std::move(committed).error();
  }
  rollback();
  return done;
}

Result<std::uint64_t> SqliteStore::raise_epoch(std::uint64_t node) {
  auto raised = in_one_step([&] { return raise_epoch_row(*db_, node); }, Durability::at_commit);
  if (raised) epochs_[node] = *raised;
  return raised;
}

Result<std::uint64_t> SqliteStore::cancel(NodeEpoch as, EndpointNumber endpoint, std::uint64_t limit, Instant now) {
  return in_step_of(as, [&] { return cancel_pending_rows(*db_, endpoint, limit, now); });
}

Result<Expired> SqliteStore::expire(NodeEpoch as, Instant events_before, Instant replies_before, std::uint64_t limit) {
  if (is_stale(as)) return stale_node();
  auto done = events_before > Instant::min() ? expire_some(retention_, events_before, limit) : Expired{};
  if (!done || replies_before <= Instant::min()) return done;
  const auto replies = expire_some(old_replies_, replies_before, limit);
  if (!replies) return replies.error();
  done->replies = replies->replies;
  done->rows += replies->rows;
  done->more |= replies->more;
  return done;
}

// What cannot be read is passed over, and the step made again without it.
template <class Kind>
Result<Expired> SqliteStore::expire_some(Kind& kind, Instant before, std::uint64_t limit) {
  for (int n = 0; n <= kDamagePerStep; ++n) {
    auto done = expire_once(kind, before, limit);
    if (done) return kind.done();
    if (!is_of_one_place(done.error())) return std::move(done).error();
    auto passed = kind.pass_over(done.error());
    if (!passed) return std::move(passed).error();
    if (!*passed) return std::move(done).error();
  }
  return Expired{.more = true};
}

template <class Kind>
Result<void> SqliteStore::expire_once(Kind& kind, Instant before, std::uint64_t limit) {
  auto planned = kind.plan(before, limit);
  if (!planned) return std::move(planned).error();
  return *planned ? in_one_step([&] { return kind.remove(); }) : Result<void>{};
}

Result<std::vector<EndpointNumber>> SqliteStore::forget(NodeEpoch as, std::span<const EndpointNumber> endpoints) {
  if (is_stale(as)) return stale_node();
  auto going = forgettable(*db_, endpoints);
  if (!going || going->empty()) return going;
  EXPOSEE_TRY(marks_.load());
  return in_one_step([&]() -> Result<std::vector<EndpointNumber>> {
    EXPOSEE_TRY(remove_endpoints(*db_, marks_, *going));
    return std::move(going);
  });
}

Result<EndedSubscriptions> SqliteStore::forget_ended(NodeEpoch as, const SubscriptionKey& after, std::uint64_t limit) {
  if (is_stale(as)) return stale_node();
  auto plan = plan_forget_ended(*db_, after, limit);
  if (!plan) return std::move(plan).error();
  if (plan->going.empty()) return std::move(plan->done);
  return in_one_step([&]() -> Result<EndedSubscriptions> {
    EXPOSEE_TRY(remove_subscriptions(*db_, plan->going));
    return std::move(plan->done);
  });
}

Result<std::vector<SiftedPack>> SqliteStore::sift(NodeEpoch as, EndpointNumber endpoint,
                                                  std::span<const PackStretch> packs) {
  if (is_stale(as)) return stale_node();
  auto plans = plan_sift(*db_, names_, endpoint, packs);
  if (!plans) return std::move(plans).error();
  return in_one_step([&] { return sift_packs(*db_, endpoint, *std::move(plans)); });
}

Result<EndedRows> SqliteStore::end_unowed(NodeEpoch as, EndpointNumber endpoint, std::pair<Instant, EventSeq> after,
                                          std::span<const EventSeq> under_way, std::uint32_t limit, Instant now) {
  if (is_stale(as)) return stale_node();
  const UnowedRows which{endpoint, after, under_way, limit};
  auto plan = plan_end_unowed(*db_, names_, which, now);
  if (!plan) return std::move(plan).error();
  if (plan->rows.empty()) return std::move(plan->done);
  return in_one_step([&]() -> Result<EndedRows> {
    EXPOSEE_TRY(deliveries_.put(plan->rows));
    return std::move(plan->done);
  });
}

}  // namespace exposee::store
