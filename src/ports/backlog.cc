#include "ports/backlog.h"

#include <algorithm>
#include <iterator>
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

Result<std::vector<DeliveryRow>> read_rows(OwedReads& store, const RetryRowsRead& read) {
  return read.by_hand ? store.load_asked(read.endpoint, read.after_due, read.after_event, read.most)
                      : store.load_pending(read.endpoint, read.after_due, read.after_event, read.most);
}

std::size_t bytes_of(const EventsRead& read) {
  std::size_t bytes = 0;
  for (const auto& event : read.events) bytes += event->body.size();
  return bytes;
}

// As far as `left` goes. `carry_out` gives what an answer has cost. Reads that were not reached stand before the
// others the next time.
template <class Answer, class Read, class CarryOut>
std::vector<Answer> answer_each(std::vector<Read>&& reads, std::size_t& left, CarryOut&& carry_out) {
  std::vector<Answer> answers;
  answers.reserve(reads.size());
  for (auto& read : reads) {
    auto& answer = answers.emplace_back(Answer{.read = std::move(read)});
    if (left == 0) continue;
    answer.is_read = true;
    left -= std::min<std::size_t>(left, carry_out(answer));
  }
  std::ranges::stable_partition(answers, [](const Answer& each) { return !each.is_read; });
  return answers;
}

}  // namespace

void BacklogAnswers::add(BacklogAnswers&& others) {
  std::ranges::move(others.windows, std::back_inserter(windows));
  std::ranges::move(others.rows, std::back_inserter(rows));
  std::ranges::move(others.events, std::back_inserter(events));
}

BacklogAnswers answer(OwedReads& store, BacklogReads&& reads) {
  auto& bytes = reads.max_bytes;
  BacklogAnswers all;
  all.rows =
      answer_each<RetryRowsAnswer>(std::move(reads.rows), reads.max_rows, [&](RetryRowsAnswer& answer) {
        answer.rows = read_rows(store, answer.read);
        return answer.rows ? answer.rows->size() : 0;
      });
  all.events = answer_each<RetryEventsAnswer>(std::move(reads.events), bytes, [&](RetryEventsAnswer& answer) {
    answer.found = store.load_events(answer.read.events, std::min(answer.read.max_bytes, bytes));
    return answer.found ? bytes_of(*answer.found) : 0;
  });
  all.windows = answer_each<BacklogAnswer>(std::move(reads.windows), bytes, [&](BacklogAnswer& answer) {
    answer.page = read_page(store, answer, std::min(answer.read.max_bytes, bytes));
    return answer.page ? answer.page->bytes : 0;
  });
  return all;
}

}  // namespace exposee
