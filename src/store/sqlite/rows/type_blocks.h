// Which types have events in which block of numbers: what an index on the type would tell, for a row a type
// and block instead of an entry an event. So whoever looks for events of one type passes over all that is of
// others. Part of one connection; its thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_set>
#include <vector>

#include "core/event.h"
#include "store/sqlite/database.h"
#include "store/sqlite/rows/event_rows.h"

namespace exposee::store {

// Events of a block: fewer than a list looks at in one call, so that it finds something in each; and so many
// that, with a thousand types in use, few events are the first of theirs in a block.
constexpr std::uint64_t kTypeBlock = 16'384;

// Notes the types of events as they are appended. The writer's.
class TypeBlockNotes {
 public:
  explicit TypeBlockNotes(Database& db) : db_(db) {}
  Result<void> note(std::span<const EventRef> events);
  Result<void> remove_old();  // those before the first event that is there
  void forget() {             // after a rollback
    block_.reset();
    removed_to_ = 0;
  }

 private:
  Result<void> note_first(TypeNumber type);

  Database& db_;
  std::optional<std::uint64_t> block_;    // of the last event
  std::unordered_set<TypeNumber> known_;  // of that block, on disk
  TypeNumber last_;
  std::uint64_t removed_to_ = 0;  // block
};

// Goes backwards through a range of events in parts: those in which one of the types may be, and those in
// which none is.
class TypeParts {
 public:
  // Nothing instead of types: all of the range is one part.
  TypeParts(Database& db, std::optional<std::vector<TypeNumber>> types, SeqRange range)
      : db_(db), types_(std::move(types)), left_(range) {}

  struct Part {
    SeqRange range;
    bool may_hold;
  };
  // The next one, which begins where the one before ended; nothing: no more.
  Result<std::optional<Part>> next();

 private:
  Result<Part> part_at(std::uint64_t top);
  Result<void> load_known_from();
  Result<std::optional<std::uint64_t>> newest_block(std::uint64_t upto);

  Database& db_;
  const std::optional<std::vector<TypeNumber>> types_;
  SeqRange left_;
  std::optional<std::uint64_t> known_from_;  // nothing of the blocks before it was noted
};

}  // namespace exposee::store
