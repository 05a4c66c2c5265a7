// Reader::deliveries(): the newest deliveries that pass a filter, at a bounded cost per call. One object a
// call, on the reader's connection, inside its snapshot.
//
// Most deliveries have no row: they are found by walking events backwards, newest first, and asking the
// subscriptions who was owed each. Those with a row are found through the delivery table. The list is made of
// stretches of events; events are walked only where a delivery without a row could pass the filter:
//   exhausted, or a cause       nowhere
//   pending                     above every lane's low water; below it those without a row stand in packs
//   cancelled                   among events accepted while an interval was open that is closed now
//   succeeded, or no status     everywhere
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "ports/store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/lists/coverage.h"
#include "store/sqlite/lists/delivery_state.h"
#include "store/sqlite/rows/event_rows.h"

namespace exposee::store {

class PackedWalk;

// Rows looked at per call: with everything cached 5 to 15 ms, whatever the table's size (bench-store).
constexpr std::int64_t kMaxScanRows = 20'000;

class DeliveryList {
 public:
  DeliveryList(Database& db, Coverage& coverage, const DeliveryFilter& filter)
      : db_(db), coverage_(coverage), filter_(filter), successes_(db) {}
  Result<DeliveryPage> page();

 private:
  // What is gone through, newest first.
  enum class Sweep : std::uint8_t {
    rows_of_status,  // delivery rows of the filter's status
    rows,            // all delivery rows
    events,          // events and all delivery rows: finds deliveries without a row too
    packs,           // delivery rows of the filter's status, and what stands in packs
  };
  struct Stretch {
    SeqRange range;
    Sweep sweep;
  };
  // Who was owed events of one type under one version, and may pass the filter without a row.
  struct Owed {
    std::optional<RegistryVersion> version;
    std::vector<EndpointNumber> endpoints;  // descending
  };
  struct Candidate {
    EndpointNumber endpoint;
    std::optional<DeliveryRow> row;
  };

  // Planning.
  Result<void> plan();
  Result<SeqRange> whole_range() const;
  Result<void> plan_pending(SeqRange whole);
  Result<void> plan_cancelled(SeqRange whole);
  void add_stretch(SeqRange range, Sweep sweep);
  bool is_wanted_kind(Cover cover) const;
  bool with_cause() const;

  // Walking.
  Result<bool> list(const Stretch& stretch);  // each: false: the page ends here
  Result<bool> ends_at(const Error& error);
  Result<bool> list_packed(const Stretch& stretch);
  Result<bool> list_packed(PackedWalk& packs, const Stretch& stretch);
  Result<bool> visit_packed(EventSeq seq, std::vector<DeliveryRow>&& rows,
                            const std::vector<EndpointNumber>& packed);
  Query rows_of(const Stretch& stretch);
  Result<bool> visit(const EventHead& event, const std::vector<DeliveryRow>& rows, Sweep sweep);
  Result<std::vector<Candidate>> candidates(const EventHead& event, const std::vector<DeliveryRow>& rows,
                                            Sweep sweep);
  Result<bool> visit_all(const EventHead& event, const std::vector<Candidate>& all);
  bool is_wanted(const DeliveryKey& key) const;
  Result<const std::vector<EndpointNumber>*> owed_to(const EventHead& event);
  Result<void> consider(const EventHead& event, const Candidate& candidate);
  void add(const DeliveryView& view);
  bool event_passes(const EventHead& event) const;
  bool passes(const DeliveryRow& row) const;
  bool page_ends();  // true: more follow than the page holds, or enough was looked at; then `next` is set

  Database& db_;
  Coverage& coverage_;
  const DeliveryFilter& filter_;
  SuccessIndex successes_;
  std::vector<Stretch> stretches_;
  std::unordered_map<TypeNumber, Owed> owed_;
  DeliveryPage page_;
  std::optional<DeliveryKey> position_;  // everything up to here was considered
  std::int64_t left_ = kMaxScanRows;
};

}  // namespace exposee::store
