// Where the table of events ends: how far numbers were given, and what to do when its last page cannot be
// read. Every new event needs that page, the others need it no more than any other one. So events that come
// are put on a page behind it, and it stays as it is: what is on it is told, ends as damaged, and can be
// looked at once the page is accepted (page_check.h). Part of the writer's connection; its thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/ids.h"
#include "store/sqlite/database.h"
#include "store/sqlite/rows/event_rows.h"

namespace exposee::store {

// The last event that can be read; zero: none can. `broken`: there is something behind it, and it cannot be.
struct ReadableEnd {
  EventSeq last;
  bool broken = false;
};
Result<ReadableEnd> readable_end(Database& db, Behind what = Behind::damage);

// How far numbers were given, by all that is known: the events, what retention noted, what each turn noted.
struct LastEvent {
  EventSeq named;  // each up to there was given, or may have been
  EventSeq
      taken;  // none up to there is given again; beyond `named` where the end is broken and was not noted
  EventSeq removed;  // the last one that retention removed: all between it and `named` are there
};
Result<LastEvent> last_event(Database& db);

// The last page of the table when it cannot be read and new events can be put behind it: it is a leaf beside
// others, in a file whose pages have checksums. Nothing: it is whole, or that cannot be done. Outside
// transactions.
struct BrokenPage {
  std::uint64_t page = 0;
  Instant accepted_at;  // of the last event before it
};
Result<std::optional<BrokenPage>> broken_last_page(Database& db);

// What is shown in its place while the first event is added behind it: a page that is full, and its last
// event is this one. Nothing else may be read from the table meanwhile.
std::vector<unsigned char> full_leaf(std::uint32_t usable, EventSeq last);

}  // namespace exposee::store
