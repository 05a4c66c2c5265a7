#include "ports/backlog.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

namespace exposee {
namespace {

Result<OwedPage> read_page(OwedReads& store, BacklogResult& result, std::size_t max_bytes) {
  auto& read = result.read;
  if (read.pack) {
    auto numbers = store.load_pack({read.endpoint, read.pack->first}, read.pack->last);
    if (!numbers) return std::move(numbers).error();
    read.events = std::move(numbers->events);
    result.pack_is_missing = numbers->missing;
  }
  const auto wanted = std::span(read.events).first(std::min(read.events.size(), read.most_events));
  return store.load_owed(read.endpoint, wanted, max_bytes);
}

Result<std::vector<DeliveryRow>> read_rows(OwedReads& store, const RetryRowsRead& read) {
  return read.by_hand ? store.load_asked(read.endpoint, read.after_due, read.after_event, read.most)
                      : store.load_pending(read.endpoint, read.after_due, read.after_event, read.most);
}

std::size_t bytes_of(const EventsRead& read) {
  std::size_t bytes = 0;
  for (const auto& event : read.events) bytes += event->body.size();
  return bytes;
}

// As far as `left` goes. `read_one` gives what a result has cost. Reads that were not reached stand before
// the others the next time.
template <class One, class Read, class ReadOne>
std::vector<One> each_of(std::vector<Read>&& reads, std::size_t& left, ReadOne&& read_one) {
  std::vector<One> results;
  results.reserve(reads.size());
  for (auto& read : reads) {
    auto& result = results.emplace_back(One{.read = std::move(read)});
    if (left == 0) continue;
    result.is_read = true;
    left -= std::min<std::size_t>(left, read_one(result));
  }
  std::ranges::stable_partition(results, [](const One& each) { return !each.is_read; });
  return results;
}

}  // namespace

void BacklogResults::add(BacklogResults&& others) {
  std::ranges::move(others.windows, std::back_inserter(windows));
  std::ranges::move(others.rows, std::back_inserter(rows));
  std::ranges::move(others.events, std::back_inserter(events));
}

BacklogResults carry_out(OwedReads& store, BacklogReads&& reads) {
  auto& bytes = reads.max_bytes;
  BacklogResults all;
  all.rows = each_of<RetryRowsResult>(std::move(reads.rows), reads.max_rows, [&](RetryRowsResult& result) {
    result.rows = read_rows(store, result.read);
    return result.rows ? result.rows->size() : 0;
  });
  all.events = each_of<RetryEventsResult>(std::move(reads.events), bytes, [&](RetryEventsResult& result) {
    result.found = store.load_events(result.read.events, std::min(result.read.max_bytes, bytes));
    return result.found ? bytes_of(*result.found) : 0;
  });
  all.windows = each_of<BacklogResult>(std::move(reads.windows), bytes, [&](BacklogResult& result) {
    result.page = read_page(store, result, std::min(result.read.max_bytes, bytes));
    return result.page ? result.page->bytes : 0;
  });
  return all;
}

}  // namespace exposee
