#include "engine/lane/backlog.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/assert.h"

namespace exposee::engine {
namespace {

constexpr auto seq_of = [](const auto& event) { return event->seq; };

// The first of an ascending range that comes after `seq`.
auto first_after(const auto& events, EventSeq seq) {
  return std::ranges::upper_bound(events, seq, {}, seq_of);
}

// The pack in whose stretch the event lies.
template <class Packs>
auto pack_around(Packs& packs, std::size_t from, EventSeq event, auto first, auto last) {
  const auto begin = packs.begin() + static_cast<std::ptrdiff_t>(from);
  const auto after = std::upper_bound(begin, packs.end(), event,
                                      [&](EventSeq e, const auto& pack) { return e < first(pack); });
  return after != begin && event <= last(*std::prev(after)) ? std::prev(after) : packs.end();
}

bool count_off(auto pack, auto end) {
  if (pack == end || pack->owed == 0) return false;
  --pack->owed;
  return true;
}

}  // namespace

// --- the window -----------------------------------------------------------------------------------------

EventRef Backlog::pop() {
  auto event = std::move(window_.front());
  window_.pop_front();
  if (came_back_ > 0) --came_back_;
  bytes_ -= event->body.size();
  return event;
}

void Backlog::put_back(EventRef&& event) {
  bytes_ += event->body.size();
  ++came_back_;
  window_.insert(first_after(window_, event->seq), std::move(event));
}

// Before all numbers, unless what was read came out of order.
void Backlog::shed() {
  EXPOSEE_ASSERT(!reading_ && !window_.empty(), "what is being read comes next");
  bytes_ -= window_.back()->body.size();
  next_.insert(std::ranges::lower_bound(next_, window_.back()->seq), window_.back()->seq);
  window_.pop_back();
  window_shrank();
}

std::size_t Backlog::drop_unowed(const OpenSubscriptions& open, const PatternTable& patterns) {
  const auto is_unowed = [&](const EventRef& e) {
    if (owes(open, patterns.matching(e->type), e->version)) return false;
    bytes_ -= e->body.size();
    return true;
  };
  const auto unowed = std::ranges::remove_if(window_, is_unowed);
  const auto count = unowed.size();
  window_.erase(unowed.begin(), unowed.end());
  window_shrank();
  return count;
}

// --- what comes -----------------------------------------------------------------------------------------

void Backlog::push(const EventRef& event, bool room, Instant now) {
  if (!room || has_beyond()) return push_number(event->seq, now);
  window_.push_back(event);
  bytes_ += event->body.size();
}

void Backlog::push_number(EventSeq event, Instant now) {
  if (!has_unwritten_tail()) tail_since_ = now;
  if (tail_.empty() || !tail_.back().numbers.takes(event, limits_.pack_bytes)) tail_.emplace_back();
  tail_.back().numbers.add(event);
  ++tail_.back().owed;
}

void Backlog::resume(const PackRef& pack) {
  packs_.push_back(pack);
  packed_to_ = std::max(packed_to_, pack.last);
}

// An event that is owed, not attempted and in no window stands in the pack around it.
bool Backlog::remove(EventSeq event) {
  if (reading_) struck_.push_back(event);
  const auto held = std::ranges::lower_bound(window_, event, {}, seq_of);
  if (held != window_.end() && (*held)->seq == event) {
    bytes_ -= (*held)->body.size();
    window_.erase(held);
    window_shrank();
    return true;
  }
  const auto known = std::ranges::lower_bound(next_, event);
  if (known != next_.end() && *known == event) {
    next_.erase(known);
    return true;
  }
  const auto pack = pack_around(
      packs_, loaded_, event, [](const auto& p) { return p.first; }, [](const auto& p) { return p.last; });
  if (pack != packs_.end()) return count_off(pack, packs_.end());
  return count_off(pack_around(
                       tail_, 0, event, [](const auto& p) { return p.numbers.first(); },
                       [](const auto& p) { return p.numbers.last(); }),
                   tail_.end());
}

std::vector<EventSeq> Backlog::clear() {
  std::vector<EventSeq> firsts;
  for (const auto& pack : packs_) firsts.push_back(pack.first);
  const bool tail_on_disk = !tail_.empty() && tail_.front().numbers.first() <= packed_to_;
  if (tail_on_disk) firsts.push_back(tail_.front().numbers.first());
  window_.clear();
  next_.clear();
  packs_.clear();
  tail_.clear();
  bytes_ = came_back_ = surplus_ = loaded_ = 0;
  ++life_;
  end_read();
  return firsts;
}

// --- what lies beyond the window ------------------------------------------------------------------------

std::uint64_t Backlog::numbered() const {
  std::uint64_t count = next_.size() - std::min(next_.size(), surplus_);
  for (const auto& pack : tail_) count += pack.owed;
  return count;
}

const PackRef* Backlog::pack_to_load() const {
  return next_.empty() && has_unread_packs() ? &packs_[loaded_] : nullptr;
}

void Backlog::loaded(std::vector<EventSeq>&& numbers) {
  EXPOSEE_ASSERT(next_.empty() && has_unread_packs(), "packs are read one after the other");
  next_ = std::move(numbers);
  surplus_ += next_.size() - std::min<std::size_t>(next_.size(), packs_[loaded_].owed);
  ++loaded_;
}

std::span<const EventSeq> Backlog::next(std::size_t most) {
  if (next_.empty() && !has_unread_packs() && !tail_.empty()) take_tail();
  return std::span(next_).first(std::min(most, next_.size()));
}

// What of it is on disk is a pack like others, and loaded.
void Backlog::take_tail() {
  const auto front = std::move(tail_.front());
  tail_.erase(tail_.begin());
  next_ = front.numbers.events();
  surplus_ += next_.size() - front.owed;
  if (front.numbers.first() > packed_to_) return;
  packs_.push_back({front.numbers.first(), std::min(front.numbers.last(), packed_to_), front.owed});
  ++loaded_;
}

std::uint64_t Backlog::refill(std::size_t asked, OwedPage&& page) {
  EXPOSEE_ASSERT(asked <= next_.size() && page.events.size() <= asked,
                 "no more is read back than was asked for");
  next_.erase(next_.begin(), next_.begin() + static_cast<std::ptrdiff_t>(asked));
  const auto missing = asked - page.events.size();
  for (auto& event : page.events) {
    bytes_ += event->body.size();
    window_.push_back(std::move(event));
  }
  const auto known = std::min(missing, surplus_);
  surplus_ = next_.empty() && !has_unread_packs() ? 0 : surplus_ - known;
  return missing - known;
}

// --- what is being read ---------------------------------------------------------------------------------

std::optional<BacklogRead> Backlog::ask(std::size_t most_events) {
  if (reading_) return std::nullopt;
  BacklogRead read{.life = life_};
  if (const auto* pack = pack_to_load()) {
    read.pack = {pack->first, pack->last};
    read.most_events = std::clamp<std::size_t>(pack->owed, 1, most_events);
  } else {
    const auto wanted = next(most_events);
    read.events.assign(wanted.begin(), wanted.end());
    read.most_events = wanted.size();
  }
  reading_ = read.pack || !read.events.empty();
  return reading_ ? std::optional(std::move(read)) : std::nullopt;
}

void Backlog::take(BacklogResult& result) {
  strike(result);
  end_read();
  if (result.read.pack) loaded(std::move(result.read.events));
}

// As if the read had never known of them.
void Backlog::strike(BacklogResult& result) const {
  auto& read = result.read;
  auto& page = result.page;
  const auto is_struck = [&](EventSeq seq) { return std::ranges::find(struck_, seq) != struck_.end(); };
  if (struck_.empty()) return;
  page->looked_at -= static_cast<std::size_t>(
      std::ranges::count_if(std::span(read.events).first(page->looked_at), is_struck));
  std::erase_if(read.events, is_struck);
  std::erase_if(page->events, [&](const EventRef& event) { return is_struck(event->seq); });
  std::erase_if(page->unreadable, is_struck);
}

void Backlog::end_read() {
  reading_ = false;
  struck_.clear();
}

// --- what is taken out of packs -------------------------------------------------------------------------

EventSeq Backlog::last() const {
  auto last = packed_to_;
  if (!window_.empty()) last = std::max(last, window_.back()->seq);
  if (!next_.empty()) last = std::max(last, next_.back());
  return tail_.empty() ? last : std::max(last, tail_.back().numbers.last());
}

std::vector<PackStretch> Backlog::next_packs(EventSeq after, EventSeq upto, std::size_t most) {
  close_tail();
  std::vector<PackStretch> packs;
  const auto end = std::ranges::upper_bound(packs_, upto, {}, &PackRef::first);
  auto pack = std::ranges::upper_bound(packs_.begin(), end, after, {}, &PackRef::first);
  for (std::uint64_t count = 0; pack != end && (count == 0 || count + pack->owed <= most); ++pack) {
    count += std::max(pack->owed, 1u);
    packs.push_back({pack->first, pack->last});
  }
  return packs;
}

// All of it is on disk: it is a pack like others, and does not grow.
void Backlog::close_tail() {
  if (tail_.size() != 1 || has_unwritten_tail()) return;
  const auto& [numbers, owed] = tail_.front();
  packs_.push_back({numbers.first(), numbers.last(), owed});
  tail_.clear();
}

bool Backlog::has_unwritten_up_to(EventSeq upto) const {
  const auto next = std::ranges::upper_bound(next_, packed_to_);
  return (next != next_.end() && *next <= upto) || (!tail_.empty() && tail_.front().numbers.first() <= upto);
}

std::uint64_t Backlog::sifted(const SiftedPack& sifted) {
  const auto pack = std::ranges::lower_bound(packs_, sifted.was, {}, &PackRef::first);
  EXPOSEE_ASSERT(pack != packs_.end() && pack->first == sifted.was, "a pack on disk is known");
  const bool is_loaded = pack - packs_.begin() < static_cast<std::ptrdiff_t>(loaded_);
  const auto& left = sifted.left;
  const std::uint64_t gone =
      is_loaded ? forget_beyond(*pack, left) : pack->owed - std::min(pack->owed, left.count());
  const auto known = std::min<std::uint64_t>(gone, surplus_);  // they were counted off before
  surplus_ -= known;
  if (left.empty()) {
    packs_.erase(pack);
    if (is_loaded) --loaded_;
  } else {
    *pack = {left.first(), left.last(), std::min(pack->owed, left.count())};
  }
  return gone - known;
}

// Of the numbers in memory that stood in the pack, those that it names no more.
std::uint64_t Backlog::forget_beyond(const PackRef& pack, const EventPack& left) {
  const auto named = left.empty() ? std::vector<EventSeq>{} : left.events();
  return std::erase_if(next_, [&](EventSeq seq) {
    return seq >= pack.first && seq <= pack.last && !std::ranges::binary_search(named, seq);
  });
}

// --- what is written ------------------------------------------------------------------------------------

std::optional<BacklogStep> Backlog::plan(const Situation& situation) const {
  BacklogStep step{.packed_to = packed_to_};
  plan_gone(situation, step);
  const bool trims = may_trim(situation);
  if (trims && is_in_packs() && step.removed.size() < situation.most_removed) {
    plan_trim(step);
  } else if (trims || must_pack(situation)) {
    plan_packs(situation, step);
  }
  if (step.put.empty() && step.removed.empty() && !step.trim) return std::nullopt;
  return step;
}

// Of the loaded ones, those before everything that is open.
void Backlog::plan_gone(const Situation& situation, BacklogStep& step) const {
  const auto in_flight = situation.in_flight;
  std::optional<EventSeq> oldest;
  const auto consider = [&](EventSeq seq) { oldest = oldest ? std::min(*oldest, seq) : seq; };
  if (!in_flight.empty()) consider(in_flight.front()->seq);
  if (!window_.empty()) consider(window_.front()->seq);
  if (!next_.empty()) consider(next_.front());
  for (; step.gone < std::min(loaded_, situation.most_removed); ++step.gone) {
    if (oldest && packs_[step.gone].last >= *oldest) return;
    step.removed.push_back(packs_[step.gone].first);
  }
}

// What is in the air may come back to its place, which must not be on disk by then.
bool Backlog::may_trim(const Situation& situation) const {
  return situation.stopped && situation.in_flight.empty() && !reading_ && is_too_large_for_a_stop();
}

bool Backlog::is_in_packs() const {
  return (window_.empty() || window_.back()->seq <= packed_to_) &&
         (next_.empty() || next_.back() <= packed_to_);
}

// The packs of what is kept are written anew, without what has been settled and holds retention up; those
// behind need only be forgotten, and are read again when their time comes.
void Backlog::plan_trim(BacklogStep& step) const {
  auto& trim = step.trim.emplace();
  trim.keep = std::min(limits_.stopped_window, window_.size());
  const auto known = std::span(packs_).subspan(step.gone, loaded_ - step.gone);
  const auto last_kept = trim.keep > 0 ? window_[trim.keep - 1]->seq : EventSeq{};
  const auto behind = std::ranges::upper_bound(known, last_kept, {}, &PackRef::first);
  for (auto pack = known.begin(); pack != behind; ++pack) step.removed.push_back(pack->first);
  for (std::size_t i = 0; i < trim.keep; ++i) add_to(step.put, window_[i]->seq, limits_.pack_bytes);
  trim.loaded = step.put.size();
  const auto split = behind == known.begin() ? EventSeq{} : std::prev(behind)->last;
  plan_rest(split, {behind, known.end()}, step);
  step.gone += static_cast<std::size_t>(behind - known.begin());
}

// What memory gives up: up to `split` it stood in the same pack as what is kept.
void Backlog::plan_rest(EventSeq split, std::span<const PackRef> behind, BacklogStep& step) const {
  auto& trim = *step.trim;
  const auto rest = beyond(trim.keep);
  auto seq = rest.begin();
  std::vector<EventPack> others;
  for (; seq != rest.end() && *seq <= split; ++seq) add_to(others, *seq, limits_.pack_bytes);
  std::ranges::move(others, std::back_inserter(step.put));
  for (const auto& pack : step.put) trim.front.push_back({pack.first(), pack.last(), pack.count()});
  for (const auto& pack : behind) {
    const auto end = std::upper_bound(seq, rest.end(), pack.last);
    trim.owed.push_back(static_cast<std::uint32_t>(end - std::exchange(seq, end)));
  }
}

std::vector<EventSeq> Backlog::beyond(std::size_t kept) const {
  std::vector<EventSeq> rest;
  std::transform(window_.begin() + static_cast<std::ptrdiff_t>(kept), window_.end(), std::back_inserter(rest),
                 seq_of);
  std::ranges::copy(next_, std::back_inserter(rest));
  return rest;
}

// What only memory knows holds the lane's mark: not for long, and not once it is a pack full.
bool Backlog::must_pack(const Situation& situation) const {
  if (tail_.size() > 1) return true;
  const auto is_old = [&](Instant since) { return situation.now - since >= limits_.pack_after; };
  const auto flight = first_after(situation.in_flight, packed_to_);
  if (flight != situation.in_flight.end() && is_old((*flight)->accepted_at)) return true;
  const auto held = first_after(window_, packed_to_);
  if (held != window_.end() && is_old((*held)->accepted_at)) return true;
  const bool known = !next_.empty() && next_.back() > packed_to_;
  return (known || has_unwritten_tail()) && is_old(tail_since_);
}

std::vector<EventSeq> Backlog::unpacked(InFlight in_flight) const {
  std::vector<EventSeq> open;
  std::ranges::transform(first_after(in_flight, packed_to_), in_flight.end(), std::back_inserter(open),
                         seq_of);
  std::ranges::transform(first_after(window_, packed_to_), window_.end(), std::back_inserter(open), seq_of);
  std::ranges::copy(std::ranges::upper_bound(next_, packed_to_), next_.end(), std::back_inserter(open));
  std::ranges::sort(open);  // one that was taken back may be older than one under way
  return open;
}

// In order, so that what is in no pack always comes after what is in one; the tail only after all the rest.
void Backlog::plan_packs(const Situation& situation, BacklogStep& step) const {
  const auto open = unpacked(situation.in_flight);
  EXPOSEE_ASSERT(open.empty() || !has_unread_packs(), "what is in no pack comes after all packs");
  for (const auto seq : open) add_to(step.put, seq, limits_.pack_bytes);
  const bool whole = step.put.size() <= situation.most_put;
  if (!whole) step.put.resize(situation.most_put);
  for (const auto& pack : step.put) step.back.push_back({pack.first(), pack.last(), pack.count()});
  step.loaded = step.put.size();
  if (!step.put.empty()) step.packed_to = step.put.back().last();
  if (whole && has_unwritten_tail()) plan_tail(situation.most_put, step);
}

// Its last pack stays in memory and grows.
void Backlog::plan_tail(std::size_t most_put, BacklogStep& step) const {
  for (const auto& [numbers, owed] : tail_) {
    if (numbers.last() > packed_to_) {
      if (step.put.size() >= most_put) return;
      step.put.push_back(numbers);
      step.packed_to = numbers.last();
    }
    if (step.tail + 1 == tail_.size()) return;
    step.back.push_back({numbers.first(), numbers.last(), owed});
    ++step.tail;
  }
}

void Backlog::written(const BacklogStep& step) {
  packs_.erase(packs_.begin(), packs_.begin() + static_cast<std::ptrdiff_t>(step.gone));
  loaded_ -= step.gone;
  if (step.trim) trim(*step.trim);
  packs_.insert(packs_.end(), step.back.begin(), step.back.end());
  loaded_ += step.loaded;
  packed_to_ = step.packed_to;
  tail_.erase(tail_.begin(), tail_.begin() + static_cast<std::ptrdiff_t>(step.tail));
}

void Backlog::trim(const BacklogStep::Trim& trim) {
  for (std::size_t i = 0; i < trim.owed.size(); ++i) packs_[i].owed = trim.owed[i];
  packs_.insert(packs_.begin(), trim.front.begin(), trim.front.end());
  loaded_ = trim.loaded;
  for (; window_.size() > trim.keep; window_.pop_back()) bytes_ -= window_.back()->body.size();
  window_shrank();
  next_.clear();
}

bool Backlog::at_rest(bool stopped) const {
  const bool packed = is_in_packs() && !has_unwritten_tail();
  const bool loaded = loaded_ > 0 && window_.empty() && next_.empty();
  return packed && !loaded && (!stopped || !is_too_large_for_a_stop());
}

EventSeq Backlog::low_water(InFlight in_flight, const BacklogStep* step, EventSeq last) const {
  const auto packed_to = step ? step->packed_to : packed_to_;
  auto low = last;
  const auto hold = [&](EventSeq open) { low = std::min(low, EventSeq{open.value - 1}); };
  if (const auto e = first_after(in_flight, packed_to); e != in_flight.end()) hold((*e)->seq);
  if (const auto e = first_after(window_, packed_to); e != window_.end()) hold((*e)->seq);
  if (const auto e = std::ranges::upper_bound(next_, packed_to); e != next_.end()) hold(*e);
  const auto pack =
      std::ranges::find_if(tail_, [&](const TailPack& tail) { return tail.numbers.last() > packed_to; });
  if (pack != tail_.end()) hold(std::max(pack->numbers.first(), EventSeq{packed_to.value + 1}));
  return low;
}

}  // namespace exposee::engine
