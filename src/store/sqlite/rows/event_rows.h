// The event table: append, read back, and find by id or time. Part of one connection; its thread.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>

#include "core/event.h"
#include "store/sqlite/database.h"
#include "store/sqlite/rows/bulk_insert.h"

namespace exposee::store {

// Names of event types by number: they never change, so they are read once.
class TypeNames {
 public:
  explicit TypeNames(Database& db) : db_(db) {}
  Result<std::string> name(TypeNumber number);
  void forget() { names_.clear(); }  // after a rollback: a number may come to mean another type

 private:
  Database& db_;
  std::unordered_map<TypeNumber, std::string> names_;
};

// An event without its bytes: all that lists need.
struct EventHead {
  EventSeq seq;
  EventId id;
  TypeNumber type;
  RegistryVersion version;
  Instant accepted_at;
};
// From a row that begins with seq, id, type, version, accepted_at.
EventHead read_head(const Query& query);
// From a row that ends with body and checksum as columns 5 and 6. Error: damaged, when it cannot be sent as it was
// accepted.
Result<EventRef> read_event(const Query& query, TypeNames& names);
Error unreadable_event();

inline constexpr EventSeq kLastPossible{
    std::numeric_limits<std::int64_t>::max()};  // SQLite's integers are signed
// No event of this store comes near the end of its stream: a row with a greater number is damage, is never
// sent, and no event is numbered after it.
inline constexpr EventSeq kLastCounted{first_seq(2).value - (std::uint64_t{1} << 32)};

// Appends events and notes where the clock had been set back. The writer's.
class EventAppender {
 public:
  explicit EventAppender(Database& db);
  Result<void> add(std::span<const EventRef> events);
  void settle();                    // after a commit
  void forget() { last_.reset(); }  // after a rollback
  // The last page of the table is damaged: new events are put behind it (event_end.h). `accepted_at`: of the last one that
  // can be read. Found out by the caller: within a transaction SQLite writes no more once it has met damage.
  void go_round(std::uint64_t page, Instant accepted_at) { broken_ = {page, accepted_at}; }

 private:
  Result<void> add_behind_broken(const EventRef& event);
  Result<void> add_run(std::span<const EventRef> events);
  Result<void> note_clock_steps(std::span<const EventRef> events);
  Result<void> load_last();

  Database& db_;
  BulkInsert first_, next_;
  bool is_last_ = true;          // no row of the table has a greater number than the next event
  struct Broken {
    std::uint64_t page = 0;  // 0: the last page is whole, or something is behind it
    Instant accepted_at;
  };
  Broken broken_;
  bool is_at_broken_ = false;    // nothing is behind it yet, in this transaction either
  std::optional<Instant> last_;  // when the newest event was accepted that can be read; nothing: not known
};

Result<std::optional<EventHead>> find_head(Database& db, EventSeq seq);
Result<EventRef> find_event(Database& db, EventSeq seq, TypeNames& names);       // not_found
Result<EventRef> find_event(Database& db, const EventId& id, TypeNames& names);  // not_found

// Events from `first` to `last`, both included; empty when last < first.
struct SeqRange {
  EventSeq first;
  EventSeq last;
};
// What a search goes on behind: damage alone, or also what the disk does not read. That may be read later:
// only who comes again may do without it.
enum class Behind : std::uint8_t { damage, all_unread };
bool goes_on(Behind what, const Error& error);
// Where events can be read again behind what cannot be, which begins at the one end of the range and goes on
// towards the other; nothing: nowhere in it.
enum class Towards : std::uint8_t { older, newer };
Result<std::optional<EventSeq>> behind_damage(Database& db, SeqRange range, Towards other_end,
                                              Behind what = Behind::damage);

// Every event that there is, up to the last one that can be read; also right when there is none.
Result<SeqRange> all_events(Database& db, Behind what = Behind::damage);
// The smallest range that holds every event with since <= accepted_at < until. It may hold others where the
// clock had been set back.
Result<SeqRange> accepted_between(Database& db, std::optional<Instant> since, std::optional<Instant> until,
                                  Behind what = Behind::damage);
// The first event that was accepted under `version` or a later one; the one past the last when there is none.
Result<EventSeq> first_under(Database& db, RegistryVersion version, Behind what = Behind::damage);

}  // namespace exposee::store
