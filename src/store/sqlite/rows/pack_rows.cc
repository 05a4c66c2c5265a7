#include "store/sqlite/rows/pack_rows.h"

#include <algorithm>

#include "store/sqlite/rows/numbers.h"

namespace exposee::store {
namespace {

void tell_damaged(Database& db, const PackKey& key) {
  db.tell({"backlog_pack", std::to_string(key.endpoint.value) + " " + std::to_string(key.first.value),
           "it is damaged; what it named is looked for among all events"});
}

Result<std::vector<EventSeq>> events_between(Database& db, EventSeq first, EventSeq last) {
  return all_numbers<EventSeq>(
      db.query("SELECT seq FROM event WHERE seq BETWEEN ?1 AND ?2 ORDER BY seq", first, last));
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
    EXPOSEE_TRY(
        db.query("DELETE FROM backlog_pack WHERE endpoint = ?1 AND first_event = ?2", key.endpoint, key.first)
            .run());
  }
  return {};
}

namespace {

using Packs = std::vector<StartState::Pack>;

// False: a page of theirs cannot be read.
Result<bool> read_packs(Query&& query, Packs& packs) {
  const auto before = packs.size();
  while (query.step()) {
    packs.push_back({{query.number<EndpointNumber>(0), query.number<EventSeq>(1)},
                     query.number<EventSeq>(2),
                     query.as<std::uint32_t>(3)});
  }
  if (query.is_unreadable()) return packs.resize(before), false;
  EXPOSEE_TRY(query.result());
  return true;
}

// By the index, which has their keys: each may go on to where the next one begins, and names one event at least.
Result<void> find_packs(Database& db, EndpointNumber endpoint, EventSeq last_event, Packs& packs) {
  auto query = db.query("SELECT first_event FROM backlog_pack INDEXED BY backlog_pack_of_events WHERE endpoint = ?1"
                        " ORDER BY first_event",
                        endpoint);
  for (bool any = false; query.step(); any = true) {
    const auto first = query.number<EventSeq>(0);
    if (any) packs.back().last = std::min(packs.back().last, EventSeq{first.value - 1});
    packs.push_back({{endpoint, first}, std::min(last_of_block(first), last_event), 1});
  }
  EXPOSEE_TRY(query.result());
  db.tell({"backlog_pack", "of endpoint " + std::to_string(endpoint.value),
           "a page of them cannot be read; they are looked at again when their events are due"});
  return {};
}

// Packs on pages that can be read are as they are, whatever is wrong with those of other endpoints.
Result<Packs> packs_of_each(Database& db, EventSeq last_event) {
  auto endpoints = all_numbers<EndpointNumber>(
      db.query("SELECT DISTINCT endpoint FROM backlog_pack INDEXED BY backlog_pack_of_events ORDER BY endpoint"));
  if (!endpoints) return std::move(endpoints).error();
  Packs packs;
  for (const auto endpoint : *endpoints) {
    auto read = read_packs(db.query("SELECT endpoint, first_event, last_event, count FROM backlog_pack"
                                    " WHERE endpoint = ?1 ORDER BY first_event",
                                    endpoint),
                           packs);
    if (!read) return std::move(read).error();
    if (!*read) EXPOSEE_TRY(find_packs(db, endpoint, last_event, packs));
  }
  return packs;
}

}  // namespace

Result<std::vector<StartState::Pack>> all_packs(Database& db, EventSeq last_event) {
  Packs packs;
  auto read = read_packs(
      db.query("SELECT endpoint, first_event, last_event, count FROM backlog_pack ORDER BY endpoint, first_event"),
      packs);
  if (!read) return std::move(read).error();
  if (*read) return packs;
  return packs_of_each(db, last_event);
}

Result<PackNumbers> numbers_of_pack(Database& db, const PackKey& key, EventSeq last) {
  auto query =
      db.query("SELECT last_event, count, numbers FROM backlog_pack WHERE endpoint = ?1 AND first_event = ?2",
               key.endpoint, key.first);
  std::optional<std::vector<EventSeq>> events;
  const bool found = query.step();
  if (found) {
    events =
        EventPack::unpack(key.first, query.number<EventSeq>(0), query.as<std::uint32_t>(1), query.view(2));
  }
  auto read = query.result();
  if (!read && read.error().code != ErrorCode::damaged) return std::move(read).error();
  if (read && events) return PackNumbers{*std::move(events)};
  const bool missing = read && !found;
  if (!missing) tell_damaged(db, key);
  auto between = events_between(db, key.first, std::min(last, last_of_block(key.first)));
  if (!between) return std::move(between).error();
  return PackNumbers{*std::move(between), missing};
}

namespace {

// Where that cannot be read it may be: to look through what waits in vain does no harm, and a start goes on.
Result<bool> was_cut_off(Database& db, EndpointNumber endpoint, RegistryVersion until) {
  auto query = db.query(
      "SELECT version < ?2 FROM event WHERE seq >= (SELECT min(first) FROM"
      " (SELECT min(first_event) AS first FROM backlog_pack WHERE endpoint = ?1 UNION ALL"
      "  SELECT min(event) FROM delivery WHERE status = 0 AND endpoint = ?1)) ORDER BY seq LIMIT 1",
      endpoint, until);
  const bool before = query.step() && query.flag(0);
  if (query.is_unreadable()) return true;
  EXPOSEE_TRY(query.result());
  return before;
}

// Of whom something waits cannot be read: all whose subscriptions have ended.
Result<std::vector<EndpointNumber>> all_ended(Database& db) {
  return all_numbers<EndpointNumber>(
      db.query("SELECT DISTINCT endpoint FROM subscription WHERE until_version IS NOT NULL ORDER BY endpoint"));
}

}  // namespace

// Versions never fall from one event to the next: the first one that waits tells whether any is older than
// the end of a subscription.
Result<std::vector<EndpointNumber>> cut_off_endpoints(Database& db) {
  auto query = db.query(
      "SELECT endpoint, max(until_version) FROM subscription WHERE until_version IS NOT NULL AND endpoint IN"
      " (SELECT endpoint FROM backlog_pack UNION SELECT endpoint FROM delivery WHERE status = 0) GROUP BY "
      "endpoint");
  std::vector<EndpointNumber> endpoints;
  while (query.step()) {
    const auto endpoint = query.number<EndpointNumber>(0);
    auto cut = was_cut_off(db, endpoint, query.number<RegistryVersion>(1));
    if (!cut) return std::move(cut).error();
    if (*cut) endpoints.push_back(endpoint);
  }
  if (query.is_unreadable()) return all_ended(db);
  EXPOSEE_TRY(query.result());
  return endpoints;
}

Result<std::vector<FoundPack>> packs_of_block(Database& db, EventSeq event, EndpointNumber endpoint,
                                              std::size_t most) {
  auto query = endpoint
                   ? db.query(
                         "SELECT endpoint, first_event, last_event FROM backlog_pack"
                         " WHERE endpoint = ?4 AND first_event BETWEEN ?1 AND ?2 LIMIT ?3",
                         first_of_block(event), last_of_block(event), most, endpoint)
                   : db.query(
                         "SELECT endpoint, first_event, last_event FROM backlog_pack"
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
  return first_number<EventSeq>(
      endpoint ? db.query("SELECT max(first_event) FROM backlog_pack WHERE endpoint = ?2 AND first_event <= ?1", event,
                          endpoint)
               : db.query("SELECT max(first_event) FROM backlog_pack INDEXED BY backlog_pack_of_events"
                          " WHERE first_event <= ?1",
                          event));
}

}  // namespace exposee::store
