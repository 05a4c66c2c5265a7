#include "contract/twins.h"

namespace exposee::contract {

void Twins::compare_everything() {
  compare_writer();
  compare_deliveries();
  compare_lists();
  both_readers([](Reader& r) { return text_of(all_users(r)); });
  for (std::uint64_t n = 0; n < 8; ++n) {
    const auto number = std::to_string(n);
    both_readers([&](Reader& r) { return text_of(all_messages(r, "user " + number)); });
    const auto reply_key = "key " + number, name = "user " + number;
    both([&](Store& s) { return s.look({.keys = {reply_key}})->replies; });
    both(
        [&](Store& s) { return bool{s.look({.documents = {{DocumentKind::user, name}}})->documents.at(0)}; });
  }
}

void Twins::compare_writer() {
  both([](Store& s) { return s.load_start(); });
  for (const auto& marker : {marker_, TurnMarker{marker_.node, marker_.turn + 1}, TurnMarker{3, 1}})
    both([&](Store& s) { return s.settled(marker); });
  compare_packs();
  const auto after = known_.last ? seq(1 + below(known_.last)) : EventSeq{};
  both([&](Store& s) {
    auto touched = s.load_touched_after(after);
    std::ranges::sort(*touched);
    return touched;
  });
  both([&](Store& s) { return s.load_events_after(after, 7); });
  both([&, wanted = any_events(20), most = below(5'000)](Store& s) {
    auto read = s.load_events(wanted, most);
    std::ranges::sort(read->events, {}, [](const EventRef& event) { return event->seq; });
    return Result<std::vector<EventRef>>(std::move(read->events));
  });
  for (std::uint64_t n = 1; n <= kEndpoints; ++n) compare_owed(n, after);
}

void Twins::compare_owed(std::uint64_t of_endpoint, EventSeq after) {
  const auto number = endpoint(of_endpoint);
  const auto most = static_cast<std::uint32_t>(1 + below(10));
  const auto wanted = any_events(below(40));
  const auto max_bytes = below(3) ? below(1'000) : SIZE_MAX;
  both([&](Store& s) { return s.load_owed(number, wanted, max_bytes); });
  const auto due = any_time();
  both([&](Store& s) { return s.load_pending(number, due, after, most); });
  both([&](Store& s) { return s.load_asked(number, due, after, most); });
  both_readers([&](Reader& r) { return text_of(r.load_pending(number, due, after, most)); });
  both_readers([&](Reader& r) { return text_of(r.load_asked(number, due, after, most)); });
  both_readers([&](Reader& r) {
    auto read = r.load_events(wanted, max_bytes);
    std::ranges::sort(read->events, {}, [](const EventRef& event) { return event->seq; });
    return text_of(read->events);
  });
}

// Also one that is not there.
void Twins::compare_packs() {
  auto packs = memory_->store().load_start()->packs;
  const auto of = any_key();
  packs.push_back({{of.endpoint, of.event}, EventSeq{of.event.value + below(9)}, 0});
  for (const auto& pack : packs) {
    both([&](Store& s) -> Result<std::vector<std::uint64_t>> {
      auto numbers = s.load_pack(pack.key, pack.last);
      if (!numbers) return std::move(numbers).error();
      std::vector<std::uint64_t> plain;
      for (const auto event : numbers->events) plain.push_back(event.value);
      plain.push_back(numbers->missing);
      return plain;
    });
  }
}

void Twins::compare_deliveries() {
  for (std::uint64_t event = 1; event <= known_.last; event += 1 + below(3)) {
    both_readers([&](Reader& r) { return text_of(r.event(seq(event))); });
    if (const auto known = memory_reader_->event(seq(event)))
      both_readers([id = (*known)->id](Reader& r) { return text_of(r.event(id)); });
    for (std::uint64_t n = 1; n <= kEndpoints; ++n) {
      both_readers([&](Reader& r) { return text_of(r.delivery(key(event, n))); });
      both_readers([&](Reader& r) { return text_of(r.attempts(key(event, n))); });
      both_readers([&](Reader& r) { return text_of(r.attempts(key(event, n), 3, 1)); });
      both_readers([&](Reader& r) { return text_of(r.last_failure(key(event, n))); });
      both([&](Store& s) { return s.look({.deliveries = {key(event, n)}})->deliveries; });
    }
  }
}

DeliveryFilter Twins::any_filter() {
  DeliveryFilter filter;
  if (chance(60)) filter.status = static_cast<DeliveryStatus>(below(5));
  if (chance(30)) filter.endpoint = endpoint(1 + below(kEndpoints));
  if (chance(20)) filter.type = type(1 + below(kTypes));
  if (chance(20)) filter.cause = static_cast<Cause>(below(4));
  if (chance(20)) filter.since = any_time();
  if (chance(20)) filter.until = any_time();
  if (chance(10)) filter.before = any_key();
  if (chance(5)) filter.event = any_key().event;
  filter.limit = static_cast<std::uint32_t>(1 + below(30));
  return filter;
}

EventFilter Twins::any_event_filter() {
  EventFilter filter;
  if (chance(30)) filter.type = type(1 + below(kTypes));
  if (chance(30)) filter.since = any_time();
  if (chance(30)) filter.until = any_time();
  if (chance(10)) filter.before = any_key().event;
  filter.limit = static_cast<std::uint32_t>(1 + below(30));
  return filter;
}

static const auto& views_of(const DeliveryPage& page) {
  return page.deliveries;
}
static const auto& views_of(const EventPage& page) {
  return page.events;
}
static auto page_of(Reader& reader, const DeliveryFilter& filter) {
  return reader.deliveries(filter);
}
static auto page_of(Reader& reader, const EventFilter& filter) {
  return reader.events(filter);
}

template <class Filter>
static std::string whole_list(Reader& reader, Filter filter) {
  std::string text;
  while (true) {
    auto page = page_of(reader, filter);
    if (!page) return page.error().message;
    for (const auto& view : views_of(*page)) text += text_of(view) + "\n";
    if (!page->next) return text;
    filter.before = page->next;
  }
}

void Twins::compare_lists() {
  for (int n = 0; n < 20; ++n) {
    const auto filter = any_filter();
    both_readers([&](Reader& r) { return whole_list(r, filter); });
    const auto of_events = any_event_filter();
    both_readers([&](Reader& r) { return whole_list(r, of_events); });
  }
}

}  // namespace exposee::contract
