#include "store/memory/memory_store.h"

#include <algorithm>

#include "core/assert.h"
#include "store/memory/memory_reader.h"

namespace exposee::store {

using memory::MemoryState;

namespace {

Error written_twice(const char* what) {
  return {ErrorCode::internal, std::string(what) + " was written before.", {}};
}

template <class T>
std::vector<T> copy(std::span<const T> values) {
  return {values.begin(), values.end()};
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

// --- faults ---------------------------------------------------------------------------------------------

void MemoryStore::fail(StoreFault fault) {
  EXPOSEE_ASSERT(fault.at > 0 && fault.times > 0, "operations are counted from 1");
  fault_ = std::move(fault);
}

Result<void> MemoryStore::operate() {
  ++operations_;
  if (!fault_ || --fault_->at > 0) return {};
  auto error = fault_->error;
  fault_->at = 1;
  if (--fault_->times == 0) fault_.reset();
  return error;
}

Result<void> MemoryStore::operate_in_writing() {
  EXPOSEE_ASSERT(in_transaction_, "writes happen inside a transaction");
  return operate();
}

Result<std::unique_ptr<Reader>> MemoryStore::open_reader() {
  return std::make_unique<MemoryReader>(disk_);
}

// --- transactions ---------------------------------------------------------------------------------------

Result<StartState> MemoryStore::load_start() {
  EXPOSEE_TRY(operate());
  return memory::start_state(now_);
}

Result<void> MemoryStore::begin(Durability durability) {
  EXPOSEE_ASSERT(!in_transaction_, "one transaction at a time");
  EXPOSEE_TRY(operate());
  in_transaction_ = true;
  durability_ = durability;
  return {};
}

Result<void> MemoryStore::commit() {
  const bool in_effect = fault_ && fault_->in_effect;
  auto result = operate_in_writing();
  if (!result && !in_effect) return result;
  const std::lock_guard lock(disk_->mutex);
  for (const auto& change : changes_) change(disk_->state);
  std::ranges::move(changes_, std::back_inserter(disk_->unsynced));
  changes_.clear();
  if (durability_ == Durability::at_commit) {
    for (const auto& change : disk_->unsynced) change(disk_->synced);
    disk_->unsynced.clear();
  }
  in_transaction_ = false;
  return result;
}

void MemoryStore::rollback() {
  const std::lock_guard lock(disk_->mutex);
  if (!changes_.empty()) now_ = disk_->state;
  changes_.clear();
  in_transaction_ = false;
}

// Every change is carried out twice: at once for the writer, and at the commit for everybody.
void MemoryStore::change(Change change) {
  change(now_);
  changes_.push_back(std::move(change));
}

// --- writes ---------------------------------------------------------------------------------------------

Result<void> MemoryStore::add_events(std::span<const EventRef> events) {
  EXPOSEE_TRY(operate_in_writing());
  for (const auto& event : events) {
    if (now_.events.contains(event->seq)) return written_twice("An event");
    change([event](MemoryState& state) { state.events.emplace(event->seq, event); });
  }
  return {};
}

Result<void> MemoryStore::add_attempts(std::span<const AttemptRow> attempts) {
  EXPOSEE_TRY(operate_in_writing());
  for (const auto& attempt : attempts) {
    change([attempt](MemoryState& state) { state.attempts[attempt.key].emplace(attempt.number, attempt); });
  }
  return {};
}

Result<void> MemoryStore::put_deliveries(std::span<const DeliveryRow> rows) {
  EXPOSEE_TRY(operate_in_writing());
  for (const auto& row : rows) {
    EXPOSEE_ASSERT(row.status != DeliveryStatus::in_flight, "in_flight is never stored");
    EXPOSEE_ASSERT(row.due.has_value() == (row.status == DeliveryStatus::pending),
                   "due exactly when pending");
  }
  change([rows = copy(rows)](MemoryState& state) {
    for (const auto& row : rows) memory::put_row(state, row);
  });
  return {};
}

Result<void> MemoryStore::put_checkpoint(EventSeq checkpoint, std::span<const LaneMark> marks) {
  EXPOSEE_TRY(operate_in_writing());
  change([checkpoint, marks = copy(marks)](MemoryState& state) {
    state.checkpoint = checkpoint;
    state.marks = marks;
  });
  return {};
}

Result<void> MemoryStore::remove_packs(std::span<const PackKey> packs) {
  EXPOSEE_TRY(operate_in_writing());
  change([packs = std::vector(packs.begin(), packs.end())](MemoryState& state) {
    for (const auto& key : packs) state.packs.erase(key);
  });
  return {};
}

Result<void> MemoryStore::put_packs(std::span<const BacklogPack> packs) {
  EXPOSEE_TRY(operate_in_writing());
  change([packs = std::vector(packs.begin(), packs.end())](MemoryState& state) {
    for (const auto& pack : packs) state.packs[{pack.endpoint, pack.events.first()}] = pack.events;
  });
  return {};
}

Result<void> MemoryStore::put_version(RegistryVersion version) {
  EXPOSEE_TRY(operate_in_writing());
  change([version](MemoryState& state) { state.version = version; });
  return {};
}

Result<void> MemoryStore::put_event_type(const EventType& type) {
  EXPOSEE_TRY(operate_in_writing());
  change([type](MemoryState& state) { state.types[type.number] = type; });
  return {};
}

Result<void> MemoryStore::put_endpoint(const Endpoint& endpoint) {
  EXPOSEE_TRY(operate_in_writing());
  change([endpoint](MemoryState& state) { state.endpoints[endpoint.number] = endpoint; });
  return {};
}

Result<void> MemoryStore::open_subscription(const Subscription& subscription) {
  EXPOSEE_TRY(operate_in_writing());
  change([subscription](MemoryState& state) { state.subscriptions.push_back(subscription); });
  return {};
}

Result<void> MemoryStore::close_subscription(TypeNumber type, EndpointNumber endpoint,
                                             RegistryVersion until) {
  EXPOSEE_TRY(operate_in_writing());
  change([=](MemoryState& state) {
    for (auto& s : state.subscriptions) {
      if (s.type == type && s.endpoint == endpoint && !s.until) s.until = until;
    }
  });
  return {};
}

Result<std::uint64_t> MemoryStore::cancel_pending(EndpointNumber endpoint, std::uint64_t limit, Instant now) {
  EXPOSEE_TRY(operate_in_writing());
  auto rows = memory::pending_of(now_, endpoint);
  if (rows.size() > limit) rows.resize(limit);
  for (auto& row : rows) {
    row.status = DeliveryStatus::cancelled;
    row.due.reset();
    row.resumes_at.reset();
    row.not_before.reset();
    row.asked = false;
    row.updated_at = now;
  }
  change([rows](MemoryState& state) {
    for (const auto& row : rows) memory::put_row(state, row);
  });
  return rows.size();
}

Result<void> MemoryStore::put_hold(const Hold& hold) {
  EXPOSEE_TRY(operate_in_writing());
  change([hold](MemoryState& state) { state.holds[hold.endpoint] = hold; });
  return {};
}

Result<bool> MemoryStore::add_user(const UserRow& user) {
  EXPOSEE_TRY(operate_in_writing());
  if (memory::has_user(now_, user.name)) return false;
  change([user](MemoryState& state) { state.users.push_back(user); });
  return true;
}

Result<void> MemoryStore::add_message(const MessageRow& message) {
  EXPOSEE_TRY(operate_in_writing());
  change([message](MemoryState& state) { state.messages.push_back(message); });
  return {};
}

Result<void> MemoryStore::put_reply(std::string_view key, const StoredReply& reply, Instant now) {
  EXPOSEE_TRY(operate_in_writing());
  change([key = std::string(key), reply, now](MemoryState& state) { state.replies[key] = {reply, now}; });
  return {};
}

Result<Expired> MemoryStore::expire(Instant events_before, Instant replies_before, std::uint64_t limit) {
  EXPOSEE_TRY(operate_in_writing());
  const auto done = memory::expire(now_, events_before, replies_before, limit);
  changes_.push_back(
      [=](MemoryState& state) { (void)memory::expire(state, events_before, replies_before, limit); });
  return done;
}

// --- reads ----------------------------------------------------------------------------------------------

Result<bool> MemoryStore::user_exists(std::string_view name) {
  EXPOSEE_TRY(operate());
  return memory::has_user(now_, name);
}

Result<std::optional<StoredReply>> MemoryStore::find_reply(std::string_view key) {
  EXPOSEE_TRY(operate());
  const auto found = now_.replies.find(key);
  if (found == now_.replies.end()) return std::optional<StoredReply>{};
  return std::optional(found->second.reply);
}

Result<std::vector<EventSeq>> MemoryStore::load_pack(const PackKey& key, EventSeq last) {
  EXPOSEE_TRY(operate());
  return memory::events_of_pack(now_, key, last);
}

Result<OwedPage> MemoryStore::load_owed(EndpointNumber endpoint, std::span<const EventSeq> events) {
  EXPOSEE_TRY(operate());
  return memory::owed_events(now_, endpoint, events);
}

Result<EventBatch> MemoryStore::load_events_after(EventSeq after, std::uint32_t max_events) {
  EXPOSEE_TRY(operate());
  EventBatch page;
  for (auto it = now_.events.upper_bound(after); it != now_.events.end() && page.events.size() < max_events;
       ++it) {
    page.events.push_back(it->second);
  }
  return page;
}

Result<std::vector<DeliveryKey>> MemoryStore::load_touched_after(EventSeq after) {
  EXPOSEE_TRY(operate());
  std::vector<DeliveryKey> keys;
  for (const auto& [key, attempts] : now_.attempts) {
    if (key.event > after) keys.push_back(key);
  }
  for (const auto& [key, row] : now_.rows) {
    if (key.event > after && !now_.attempts.contains(key)) keys.push_back(key);
  }
  return keys;
}

Result<std::vector<EventRef>> MemoryStore::load_events(std::span<const EventSeq> seqs) {
  EXPOSEE_TRY(operate());
  std::vector<EventRef> events;
  for (const auto seq : seqs) {
    if (const auto found = now_.events.find(seq); found != now_.events.end()) events.push_back(found->second);
  }
  return events;
}

Result<std::vector<DeliveryRow>> MemoryStore::load_pending(EndpointNumber endpoint, Instant after_due,
                                                           EventSeq after_event, std::uint32_t limit) {
  EXPOSEE_TRY(operate());
  return memory::pending_after(now_, endpoint, false, {after_due, after_event}, limit);
}

Result<std::vector<DeliveryRow>> MemoryStore::load_asked(EndpointNumber endpoint, Instant after_due,
                                                         EventSeq after_event, std::uint32_t limit) {
  EXPOSEE_TRY(operate());
  return memory::pending_after(now_, endpoint, true, {after_due, after_event}, limit);
}

Result<std::optional<DeliveryRow>> MemoryStore::find_delivery(const DeliveryKey& key) {
  EXPOSEE_TRY(operate());
  const auto view = memory::view_delivery(now_, key);
  return view ? std::optional(view->row) : std::nullopt;
}

}  // namespace exposee::store
