#include "store/sqlite/rows/pack_rows.h"

#include <algorithm>

namespace exposee::store {
namespace {

void tell_damaged(Database& db, const PackKey& key) {
  db.tell({"backlog_pack", std::to_string(key.endpoint.value) + " " + std::to_string(key.first.value),
           "it is damaged or missing; what it named is looked for among all events"});
}

Result<std::vector<EventSeq>> events_between(Database& db, EventSeq first, EventSeq last) {
  auto query = db.query("SELECT seq FROM event WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq", first, last);
  std::vector<EventSeq> events;
  while (query.step()) events.push_back(query.number<EventSeq>(0));
  EXPOSEE_TRY(query.result());
  return events;
}

}  // namespace

Result<void> put_pack_rows(Database& db, std::span<const BacklogPack> packs) {
  for (const auto& [endpoint, events] : packs) {
    EXPOSEE_TRY(db.query("INSERT OR REPLACE INTO backlog_pack VALUES (?1, ?2, ?3, ?4, ?5)", endpoint,
                         events.first(), events.last(), events.count(), blob_of(events.distances()))
                    .run());
  }
  return {};
}

Result<void> remove_pack_rows(Database& db, std::span<const PackKey> packs) {
  for (const auto& key : packs) {
    EXPOSEE_TRY(db.query("DELETE FROM backlog_pack WHERE endpoint = ?1 AND first_event = ?2", key.endpoint,
                         key.first)
                    .run());
  }
  return {};
}

Result<std::vector<StartState::Pack>> all_packs(Database& db) {
  auto query = db.query(
      "SELECT endpoint, first_event, last_event, count FROM backlog_pack ORDER BY endpoint, first_event");
  std::vector<StartState::Pack> packs;
  while (query.step()) {
    packs.push_back({{query.number<EndpointNumber>(0), query.number<EventSeq>(1)},
                     query.number<EventSeq>(2),
                     query.as<std::uint32_t>(3)});
  }
  EXPOSEE_TRY(query.result());
  return packs;
}

Result<std::vector<EventSeq>> events_of_pack(Database& db, const PackKey& key, EventSeq last) {
  auto query = db.query(
      "SELECT last_event, count, numbers FROM backlog_pack WHERE endpoint = ?1 AND first_event = ?2",
      key.endpoint, key.first);
  std::optional<std::vector<EventSeq>> events;
  if (query.step()) {
    events = EventPack::unpack(key.first, query.number<EventSeq>(0), query.as<std::uint32_t>(1), query.view(2));
  }
  auto read = query.result();
  if (!read && read.error().code != ErrorCode::damaged) return std::move(read).error();
  if (read && events) return *std::move(events);
  tell_damaged(db, key);
  return events_between(db, key.first, std::min(last, last_of_block(key.first)));
}

Result<std::vector<FoundPack>> packs_of_block(Database& db, EventSeq event, EndpointNumber endpoint, std::size_t most) {
  auto query = endpoint ? db.query("SELECT endpoint, first_event, last_event FROM backlog_pack"
                                   " WHERE endpoint = ?4 AND first_event BETWEEN ?1 AND ?2 LIMIT ?3",
                                   first_of_block(event), last_of_block(event), most, endpoint)
                        : db.query("SELECT endpoint, first_event, last_event FROM backlog_pack"
                                   " INDEXED BY backlog_pack_of_events WHERE first_event BETWEEN ?1 AND ?2 LIMIT ?3",
                                   first_of_block(event), last_of_block(event), most);
  std::vector<FoundPack> packs;
  while (query.step()) {
    const auto first = query.number<EventSeq>(1);
    packs.push_back({{query.number<EndpointNumber>(0), first}, std::max(first, query.number<EventSeq>(2))});
  }
  EXPOSEE_TRY(query.result());
  return packs;
}

Result<std::size_t> next_packs(Database& db, PackKey after, std::size_t most, std::vector<PackKey>& packs) {
  auto query = db.query(
      "SELECT endpoint, first_event FROM backlog_pack INDEXED BY backlog_pack_of_events"
      " WHERE (first_event, endpoint) > (?1, ?2) AND first_event <= ?3"
      " ORDER BY first_event, endpoint LIMIT ?4",
      after.first, after.endpoint, last_of_block(after.first), most);
  std::size_t found = 0;
  for (; query.step(); ++found) packs.push_back({query.number<EndpointNumber>(0), query.number<EventSeq>(1)});
  EXPOSEE_TRY(query.result());
  return found;
}

Result<EventSeq> last_packed(Database& db, EventSeq event, EndpointNumber endpoint) {
  auto query = endpoint ? db.query("SELECT max(first_event) FROM backlog_pack"
                                   " WHERE endpoint = ?2 AND first_event <= ?1",
                                   event, endpoint)
                        : db.query("SELECT max(first_event) FROM backlog_pack INDEXED BY backlog_pack_of_events"
                                   " WHERE first_event <= ?1",
                                   event);
  EventSeq last;
  if (query.step()) last = query.number<EventSeq>(0);
  EXPOSEE_TRY(query.result());
  return last;
}

}  // namespace exposee::store
