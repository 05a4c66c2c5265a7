// Where the table of events ends: how far numbers were given, and what to do when its last page cannot be
// read. Every new event needs that page, the others need it no more than any other one. So events that come
// are put on a page behind it, and it stays as it is: what is on it is told, ends as damaged, and can be
// looked at once the page is accepted (page_check.h). Part of the writer's connection; its thread.
#pragma once

#include <cstdint>
#include <optional>

#include "core/ids.h"
#include "store/sqlite/database.h"

namespace exposee::store {

// The last event that can be read; zero: none can. `broken`: there is something behind it, and it is damaged.
struct ReadableEnd {
  EventSeq last;
  bool broken = false;
};
Result<ReadableEnd> readable_end(Database& db);

// How far numbers were given, by all that is known: the events, what retention noted, what each turn noted.
struct LastEvent {
  EventSeq named;  // each up to there was given, or may have been
  EventSeq
      taken;  // none up to there is given again; beyond `named` where the end is broken and was not noted
  EventSeq removed;  // the last one that retention removed: all between it and `named` are there
};
Result<LastEvent> last_event(Database& db);

// The last page of the table when it is damaged and new events can be put behind it: it is a leaf beside
// others, in a file whose pages have checksums. Nothing: it is whole, or that cannot be done. While all of
// the log is in the data file.
struct BrokenPage {
  std::uint64_t page = 0;
  Instant accepted_at;  // of the last event before it; the beginning of time: there is none
};
Result<std::optional<BrokenPage>> broken_last_page(Database& db);
// Whether that is to be asked: a look at one page.
bool is_end_unreadable(Database& db);

// While it lives, the page is read as if it were full, and its last event were this one: the next event that
// is added gets a page of its own behind it. Nothing else may be read from the table meanwhile.
class FullPage {
 public:
  FullPage(Database& db, std::uint64_t page, EventSeq last);
  ~FullPage() { db_.read_as_it_is(); }
  FullPage(const FullPage&) = delete;

 private:
  Database& db_;
};

}  // namespace exposee::store
