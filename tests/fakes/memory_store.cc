#include "fakes/memory_store.h"

#include <algorithm>

#include "core/assert.h"
#include "fakes/memory_reader.h"
#include "fakes/turn_rows.h"

namespace exposee::fakes {

using memory::MemoryState;

namespace {

Error written_twice(const char* what) {
  return {ErrorCode::internal, std::string(what) + " was written before.", {}};
}

void put_subscription(MemoryState& state, const Subscription& put) {
  const auto same = [&](const Subscription& s) {
    return s.endpoint == put.endpoint && s.pattern == put.pattern && s.from == put.from;
  };
  const auto place = std::ranges::find_if(state.subscriptions, same);
  place == state.subscriptions.end() ? state.subscriptions.push_back(put) : void(*place = put);
}

void put_checkpoint(MemoryState& state, const Checkpoint& checkpoint) {
  for (unsigned shard = 0; shard < kShards; ++shard) {
    if (checkpoint.shards.has_shard(shard)) state.checkpoints[shard] = checkpoint.upto;
  }
  std::erase_if(state.marks, [&](const LaneMark& mark) { return checkpoint.shards.has(mark.endpoint); });
  state.marks.insert(state.marks.end(), checkpoint.marks.begin(), checkpoint.marks.end());
}

void apply(MemoryState& state, const RegistryChanges& changes) {
  for (const auto& type : changes.types) {
    state.types[type.number] = type;
    state.last_type = std::max(state.last_type, type.number);
  }
  for (const auto& endpoint : changes.endpoints) {
    state.endpoints[endpoint->number] = *endpoint;
    state.last_endpoint = std::max(state.last_endpoint, endpoint->number);
  }
  for (const auto& subscription : changes.subscriptions) put_subscription(state, subscription);
  if (changes.version) state.version = *changes.version;
}

void apply(MemoryState& state, const Turn& turn) {
  const auto is_gone = [&](EventSeq event) {
    return event <= state.last_expired && !state.events.contains(event);
  };
  for (const auto& attempt : turn.attempts) {
    if (!is_gone(attempt.key.event)) state.attempts[attempt.key].emplace(attempt.number, attempt);
  }
  for (const auto& row : turn.deliveries) {
    if (!is_gone(row.key.event)) memory::put_row(state, row);
  }
  for (const auto& hold : turn.holds) state.holds[hold.endpoint] = hold;
  for (const auto& row : turn.failing) state.failing[row.endpoint] = row;
  if (turn.registry) apply(state, *turn.registry);
  for (const auto& document : turn.documents) memory::add_document(state, document);
  for (const auto& [key, reply] : turn.claims) state.replies[std::string(key)] = {*reply, turn.now};
  for (const auto& event : turn.events) state.events.emplace(event->seq, event);
  for (const auto& key : turn.removed_packs) state.packs.erase(key);
  for (const auto& pack : turn.packs) state.packs[{pack.endpoint, pack.events.first()}] = pack.events;
  if (turn.checkpoint) {
    put_checkpoint(state, *turn.checkpoint);
  }
  if (turn.marker.turn) state.last_turns[turn.marker.node] = turn.marker.turn;
}

void assert_sound(const DeliveryRow& row) {
  EXPOSEE_ASSERT(row.status != DeliveryStatus::in_flight, "in_flight is never stored");
  EXPOSEE_ASSERT(row.due.has_value() == (row.status == DeliveryStatus::pending), "due exactly when pending");
}

template <class Key>
bool has_twins(std::vector<Key> keys) {
  std::ranges::sort(keys);
  return std::ranges::adjacent_find(keys) != keys.end();
}

}  // namespace

void MemoryDisk::power_fails() {
  const std::lock_guard lock(mutex);
  state = synced;
  unsynced.clear();
}

MemoryStore::MemoryStore(std::shared_ptr<MemoryDisk> disk) : disk_(std::move(disk)) {
  const std::lock_guard lock(disk_->mutex);
  now_ = disk_->state;
}

Result<std::unique_ptr<Reader>> MemoryStore::open_reader() {
  return std::make_unique<MemoryReader>(disk_);
}

Result<StartState> MemoryStore::load_start() {
  return memory::start_state(now_);
}

// --- a turn ---------------------------------------------------------------------------------------------

Result<Found> MemoryStore::look(const Lookups& lookups) {
  Found found;
  for (const auto key : lookups.keys) {
    const auto kept = now_.replies.find(key);
    found.replies.push_back(kept == now_.replies.end() ? std::nullopt : std::optional(kept->second.reply));
  }
  for (const auto& key : lookups.documents) found.documents.push_back(memory::has_document(now_, key));
  for (const auto& key : lookups.deliveries) {
    const auto view = memory::view_delivery(now_, key);
    found.deliveries.push_back(view ? std::optional(view->row) : std::nullopt);
  }
  return found;
}

bool MemoryStore::is_stale(NodeEpoch as) const {
  return as.epoch != 0 && as.epoch != memory::epoch_of(now_, as.node);
}

Conflict MemoryStore::conflict(const Turn& turn) const {
  if (is_stale({turn.marker.node, turn.fence.epoch})) return Conflict::stale_node;
  if (turn.fence.registry && *turn.fence.registry != now_.version) return Conflict::stale_registry;
  std::vector<DocumentKey> documents;
  std::vector<std::string_view> keys;
  for (const auto& document : turn.documents) {
    if (const auto key = key_of(document)) documents.push_back(*key);
  }
  for (const auto& claim : turn.claims) keys.push_back(claim.key);
  const bool document_taken = has_twins(documents) || std::ranges::any_of(documents, [&](const auto& key) {
                                return memory::has_document(now_, key);
                              });
  if (document_taken) return Conflict::taken_document;
  const bool key_taken =
      has_twins(keys) || std::ranges::any_of(keys, [&](auto key) { return now_.replies.contains(key); });
  return key_taken ? Conflict::taken_key : Conflict::none;
}

Written MemoryStore::write(const Turn& turn) {
  if (turn.empty()) return {};
  if (const auto why = conflict(turn); why != Conflict::none) return Written::refused(why);
  for (const auto& event : turn.events) {
    if (now_.events.contains(event->seq)) return Written::failed(written_twice("An event"));
  }
  std::ranges::for_each(turn.deliveries, assert_sound);
  const auto kept = std::make_shared<const TurnRows>(turn);
  commit([kept](MemoryState& state) { apply(state, kept->turn()); }, turn.durability);
  return {};
}

Result<bool> MemoryStore::settled(const TurnMarker& marker) {
  const auto last = now_.last_turns.find(marker.node);
  return last != now_.last_turns.end() && last->second >= marker.turn;
}

Result<std::uint64_t> MemoryStore::raise_epoch(std::uint64_t node) {
  commit([node](MemoryState& state) { ++state.epochs[node]; }, Durability::at_commit);
  return memory::epoch_of(now_, node);
}

// Every change is carried out for the writer and for everybody else, and for whom a power failure leaves it.
void MemoryStore::commit(Change change, Durability durability) {
  change(now_);
  const std::lock_guard lock(disk_->mutex);
  change(disk_->state);
  disk_->unsynced.push_back(std::move(change));
  if (durability != Durability::at_commit) return;
  for (const auto& each : disk_->unsynced) each(disk_->synced);
  disk_->unsynced.clear();
}

// --- housekeeping ---------------------------------------------------------------------------------------

Result<std::uint64_t> MemoryStore::cancel(NodeEpoch as, EndpointNumber endpoint, std::uint64_t limit,
                                          Instant now) {
  if (is_stale(as)) return stale_node();
  auto rows = memory::pending_of(now_, endpoint);
  if (rows.size() > limit) rows.resize(limit);
  const auto count = rows.size();
  end_as_cancelled(std::move(rows), now);
  return count;
}

void MemoryStore::end_as_cancelled(std::vector<DeliveryRow>&& rows, Instant now) {
  for (auto& row : rows) exposee::end_unowed(row, now);
  commit(
      [rows = std::move(rows)](MemoryState& state) {
        for (const auto& row : rows) memory::put_row(state, row);
      },
      Durability::with_next);
}

Result<Expired> MemoryStore::expire(NodeEpoch as, Instant events_before, Instant replies_before,
                                    std::uint64_t limit) {
  if (is_stale(as)) return stale_node();
  Expired done;
  const auto step = [&](MemoryState& state) {
    done = memory::expire(state, events_before, replies_before, limit);
  };
  step(now_);
  const std::lock_guard lock(disk_->mutex);
  step(disk_->state);
  disk_->unsynced.push_back(
      [=](MemoryState& state) { (void)memory::expire(state, events_before, replies_before, limit); });
  return done;
}

Result<std::vector<EndpointNumber>> MemoryStore::forget(NodeEpoch as,
                                                        std::span<const EndpointNumber> endpoints) {
  if (is_stale(as)) return stale_node();
  auto gone = memory::forgettable(now_, endpoints);
  if (gone.empty()) return gone;
  commit([gone](MemoryState& state) { memory::forget(state, gone); }, Durability::with_next);
  return gone;
}

Result<EndedSubscriptions> MemoryStore::forget_ended(NodeEpoch as, const SubscriptionKey& after, std::uint64_t limit) {
  if (is_stale(as)) return stale_node();
  auto look = memory::ended_subscriptions(now_, after, limit);
  if (look.gone.empty()) return look.done;
  commit([gone = std::move(look.gone)](MemoryState& state) { memory::forget(state, gone); }, Durability::with_next);
  return look.done;
}

Result<std::vector<SiftedPack>> MemoryStore::sift(NodeEpoch as, EndpointNumber endpoint,
                                                  std::span<const PackStretch> packs) {
  if (is_stale(as)) return stale_node();
  std::vector<SiftedPack> all;
  for (const auto& pack : packs) all.push_back(memory::sifted(now_, endpoint, pack));
  commit([all, endpoint](MemoryState& state) { memory::put_sifted(state, endpoint, all); },
         Durability::with_next);
  return all;
}

Result<EndedRows> MemoryStore::end_unowed(NodeEpoch as, EndpointNumber endpoint,
                                          std::pair<Instant, EventSeq> after,
                                          std::span<const EventSeq> under_way, std::uint32_t limit,
                                          Instant now) {
  if (is_stale(as)) return stale_node();
  auto rows = memory::pending_after(now_, endpoint, false, after, limit);
  EndedRows done;
  if (rows.size() == limit) done.next = {*rows.back().due, rows.back().key.event};
  std::erase_if(rows, [&](const DeliveryRow& row) {
    const auto event = now_.events.find(row.key.event);
    const bool owed =
        event == now_.events.end() || memory::cover(now_, *event->second, endpoint) == memory::Cover::open;
    return owed || row.manual || std::ranges::find(under_way, row.key.event) != under_way.end();
  });
  for (auto& row : rows) done.ended.push_back(row.key.event);
  end_as_cancelled(std::move(rows), now);
  return done;
}

// --- reads ----------------------------------------------------------------------------------------------

Result<PackNumbers> MemoryStore::load_pack(const PackKey& key, EventSeq last) {
  return memory::numbers_of_pack(now_, key, last);
}

Result<OwedPage> MemoryStore::load_owed(EndpointNumber endpoint, std::span<const EventSeq> events,
                                        std::size_t max_bytes) {
  return memory::owed_events(now_, endpoint, events, max_bytes);
}

Result<EventBatch> MemoryStore::load_events_after(EventSeq after, std::uint32_t max_events) {
  EventBatch page;
  for (auto it = now_.events.upper_bound(after); it != now_.events.end() && page.events.size() < max_events;
       ++it) {
    page.events.push_back(it->second);
  }
  return page;
}

Result<std::vector<DeliveryKey>> MemoryStore::load_touched_after(EventSeq after) {
  std::vector<DeliveryKey> keys;
  for (const auto& [key, attempts] : now_.attempts) {
    if (key.event > after) keys.push_back(key);
  }
  for (const auto& [key, row] : now_.rows) {
    if (key.event > after && !now_.attempts.contains(key)) keys.push_back(key);
  }
  return keys;
}

Result<EventsRead> MemoryStore::load_events(std::span<const EventSeq> seqs, std::size_t max_bytes) {
  return memory::events_of(now_, seqs, max_bytes);
}

Result<std::vector<DeliveryRow>> MemoryStore::load_pending(EndpointNumber endpoint, Instant after_due,
                                                           EventSeq after_event, std::uint32_t limit) {
  return memory::pending_after(now_, endpoint, false, {after_due, after_event}, limit);
}

Result<std::vector<DeliveryRow>> MemoryStore::load_asked(EndpointNumber endpoint, Instant after_due,
                                                         EventSeq after_event, std::uint32_t limit) {
  return memory::pending_after(now_, endpoint, true, {after_due, after_event}, limit);
}

}  // namespace exposee::fakes
