#include "fakes/memory_reader.h"

#include <algorithm>

namespace exposee::fakes {
namespace {

Error not_found(const char* sentence) {
  return {ErrorCode::not_found, sentence, {}};
}

}  // namespace

Result<EventRef> MemoryReader::event(const EventId& id) {
  const std::lock_guard lock(disk_->mutex);
  for (const auto& [seq, event] : disk_->state.events) {
    if (event->id == id) return event;
  }
  return not_found("There is no such event.");
}

Result<EventRef> MemoryReader::event(EventSeq seq) {
  const std::lock_guard lock(disk_->mutex);
  const auto found = disk_->state.events.find(seq);
  if (found == disk_->state.events.end()) return not_found("There is no such event.");
  return found->second;
}

Result<EventPage> MemoryReader::events(const EventFilter& filter) {
  const std::lock_guard lock(disk_->mutex);
  return memory::list_events(disk_->state, filter);
}

Result<DeliveryPage> MemoryReader::deliveries(const DeliveryFilter& filter) {
  const std::lock_guard lock(disk_->mutex);
  return memory::list_deliveries(disk_->state, filter);
}

Result<DeliveryView> MemoryReader::delivery(const DeliveryKey& key) {
  const std::lock_guard lock(disk_->mutex);
  auto view = memory::view_delivery(disk_->state, key);
  if (!view) return not_found("There is no such delivery.");
  return *std::move(view);
}

Result<std::vector<AttemptRow>> MemoryReader::attempts(const DeliveryKey& key, std::uint32_t before,
                                                       std::uint32_t limit) {
  const std::lock_guard lock(disk_->mutex);
  std::vector<AttemptRow> attempts;
  const auto made = disk_->state.attempts.find(key);
  if (made == disk_->state.attempts.end()) return attempts;
  for (const auto& [number, attempt] : made->second) {
    if (number < before) attempts.push_back(attempt);
  }
  if (attempts.size() > limit) attempts.erase(attempts.begin(), attempts.end() - limit);
  return attempts;
}

Result<std::string> MemoryReader::last_failure(const DeliveryKey& key) {
  const std::lock_guard lock(disk_->mutex);
  std::string words;
  const auto made = disk_->state.attempts.find(key);
  if (made == disk_->state.attempts.end()) return words;
  for (const auto& [number, attempt] : made->second) {
    if (!attempt.succeeded) words = attempt.response.detail;
  }
  return words;
}

Result<void> MemoryReader::users(std::uint64_t after, const TakeRow<UserRow>& take) {
  const std::lock_guard lock(disk_->mutex);
  const auto& users = disk_->state.users;
  while (after < users.size() && take(after + 1, users[after])) ++after;
  return {};
}

Result<bool> MemoryReader::user_exists(std::string_view name) {
  const std::lock_guard lock(disk_->mutex);
  return memory::has_user(disk_->state, name);
}

Result<void> MemoryReader::messages_to(std::string_view recipient_key, std::uint64_t after,
                                       const TakeRow<MessageRow>& take) {
  const std::lock_guard lock(disk_->mutex);
  const auto& messages = disk_->state.messages;
  for (bool more = true; more && after < messages.size(); ++after) {
    const auto& message = messages[after];
    if (message.recipient_key == recipient_key) more = take(after + 1, message);
  }
  return {};
}

Result<std::uint64_t> MemoryReader::count_events() {
  const std::lock_guard lock(disk_->mutex);
  return disk_->state.events.size();
}

Result<PackNumbers> MemoryReader::load_pack(const PackKey& key, EventSeq last) {
  const std::lock_guard lock(disk_->mutex);
  return memory::numbers_of_pack(disk_->state, key, last);
}

Result<OwedPage> MemoryReader::load_owed(EndpointNumber endpoint, std::span<const EventSeq> events,
                                         std::size_t max_bytes) {
  const std::lock_guard lock(disk_->mutex);
  return memory::owed_events(disk_->state, endpoint, events, max_bytes);
}

Result<EventsRead> MemoryReader::load_events(std::span<const EventSeq> seqs, std::size_t max_bytes) {
  const std::lock_guard lock(disk_->mutex);
  return memory::events_of(disk_->state, seqs, max_bytes);
}

Result<std::vector<DeliveryRow>> MemoryReader::load_pending(EndpointNumber endpoint, Instant after_due,
                                                            EventSeq after_event, std::uint32_t limit) {
  const std::lock_guard lock(disk_->mutex);
  return memory::pending_after(disk_->state, endpoint, false, {after_due, after_event}, limit);
}

Result<std::vector<DeliveryRow>> MemoryReader::load_asked(EndpointNumber endpoint, Instant after_due,
                                                          EventSeq after_event, std::uint32_t limit) {
  const std::lock_guard lock(disk_->mutex);
  return memory::pending_after(disk_->state, endpoint, true, {after_due, after_event}, limit);
}

}  // namespace exposee::fakes
