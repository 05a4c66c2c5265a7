#include "ports/backlog.h"

#include <algorithm>
#include <span>
#include <utility>

namespace exposee {
namespace {

Result<OwedPage> read_page(OwedReads& store, BacklogAnswer& answer, std::size_t max_bytes) {
  auto& read = answer.read;
  if (read.pack) {
    auto numbers = store.load_pack({read.endpoint, read.pack->first}, read.pack->last);
    if (!numbers) return std::move(numbers).error();
    read.events = std::move(numbers->events);
    answer.pack_is_missing = numbers->missing;
  }
  const auto wanted = std::span(read.events).first(std::min(read.events.size(), read.most_events));
  return store.load_owed(read.endpoint, wanted, max_bytes);
}

}  // namespace

std::vector<BacklogAnswer> answer(OwedReads& store, BacklogReads&& reads) {
  std::vector<BacklogAnswer> answers;
  for (auto& read : reads.reads) {
    auto& answer = answers.emplace_back(BacklogAnswer{.read = std::move(read)});
    if (reads.max_bytes == 0) continue;
    answer.is_read = true;
    answer.page = read_page(store, answer, std::min(answer.read.max_bytes, reads.max_bytes));
    if (answer.page) reads.max_bytes -= std::min(reads.max_bytes, answer.page->bytes);
  }
  // Who was not reached stands before the others when they ask again.
  std::ranges::stable_partition(answers, [](const BacklogAnswer& each) { return !each.is_read; });
  return answers;
}

}  // namespace exposee
