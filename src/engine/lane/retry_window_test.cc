#include "engine/lane/retry_window.h"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>

namespace exposee::engine {
namespace {

constexpr std::size_t kWindow = kUsualLimits.retry_window;
constexpr Instant kAnyTime = Instant::max();

EventRef event(std::uint64_t seq, std::size_t bytes = 10) {
  auto e = std::make_shared<Event>();
  e->seq = EventSeq{seq};
  e->body = std::string(bytes, 'x');
  return e;
}

DeliveryRow pending(std::uint64_t seq, std::int64_t due) {
  return {.key = {EventSeq{seq}, EndpointNumber{1}}, .attempts = 1, .due = from_micros(due)};
}

// The rows of these numbers, each due at its number.
std::vector<DeliveryRow> stored(std::uint64_t from, std::uint64_t to) {
  std::vector<DeliveryRow> rows;
  for (; from <= to; ++from) rows.push_back(pending(from, static_cast<std::int64_t>(from)));
  return rows;
}

void add(RetryWindow& window, std::uint64_t seq, std::int64_t due) {
  window.add(pending(seq, due), event(seq));
}

void read(RetryWindow& window, std::span<const DeliveryRow> rows) {
  window.begin_read();
  window.take(rows);
}

// What is given out, soonest first: "1 2 3 ".
std::string drain(RetryWindow& window) {
  RetryWindow::EventsOf events;
  for (std::uint64_t seq = 1; seq <= 2 * kWindow; ++seq) events[EventSeq{seq}] = event(seq);
  window.take_events(events, [](const DeliveryRow&, const Event*) { return true; });
  std::string order;
  while (const auto retry = window.pop_due(kAnyTime))
    order += std::to_string(retry->row.key.event.value) + " ";
  return order;
}

TEST(RetryWindow, GivesBackOnlyWhatIsDueSoonestFirst) {
  RetryWindow window;
  add(window, 1, 300);
  add(window, 2, 100);
  EXPECT_EQ(window.next_due(), from_micros(100));
  EXPECT_FALSE(window.pop_due(from_micros(99)));
  EXPECT_EQ(window.pop_due(from_micros(100))->row.key.event, EventSeq{2});
  EXPECT_FALSE(window.pop_due(from_micros(299)));
}

TEST(RetryWindow, KeepsTheSoonestAndLeavesTheRestToTheStore) {
  RetryWindow window;
  for (const auto& row : stored(1, kWindow + 10)) window.add(row);
  EXPECT_EQ(window.size(), kWindow);
  EXPECT_TRUE(window.has_more());
  EXPECT_EQ(window.horizon().second, EventSeq{kWindow});
  window.add(pending(9'999, 9'999));
  EXPECT_EQ(window.size(), kWindow) << "beyond the horizon it stays in the store";
  window.add(pending(10'000, 0));
  EXPECT_EQ(window.next_due(), from_micros(0));
}

TEST(RetryWindow, AfterAStartItTakesFromTheStoreFirst) {
  RetryWindow window;
  window.expect_more();
  window.add(pending(1, 50));
  EXPECT_TRUE(window.empty()) << "it is in the store and comes with the first read";
  const std::vector<DeliveryRow> rows{pending(1, 50), pending(2, 60)};
  read(window, rows);
  EXPECT_EQ(window.size(), 2u);
  EXPECT_FALSE(window.has_more());
}

TEST(RetryWindow, DoesNotReadBackWhatIsUnderWay) {
  RetryWindow window;
  for (std::uint64_t n = 1; n <= 40; ++n) {
    add(window, n, static_cast<std::int64_t>(n));
    ASSERT_TRUE(window.pop_due(from_micros(1'000)));
  }
  window.expect_more();
  window.settled(EventSeq{7});
  read(window, stored(1, 50));
  EXPECT_EQ(window.size(), 11u) << "the ten after them, and the one that is settled";
  EXPECT_EQ(window.next_event(), EventSeq{7});
  window.add(pending(3, 3));
  EXPECT_EQ(window.next_event(), EventSeq{3}) << "one that comes back is there again";
}

TEST(RetryWindow, DoesNotReadBackWhatIsUnderWayThoughItWasNotGivenOutHere) {
  RetryWindow window;
  window.expect_more();
  window.gave(EventSeq{2});
  read(window, stored(1, 3));
  EXPECT_EQ(drain(window), "1 3 ");
}

TEST(RetryWindow, ForgetsARowThatWasReplaced) {
  RetryWindow window;
  window.add(pending(1, 500));
  EXPECT_TRUE(window.remove(EventSeq{1}));
  EXPECT_TRUE(window.empty());
  EXPECT_FALSE(window.remove(EventSeq{1}));
}

// --- what happens while rows are being read -------------------------------------------------------------

// A lane that may not start holds a handful; what is given up is read back.
TEST(RetryWindow, ThatMayHoldLessGivesUpItsLastAndReadsThemAgain) {
  RetryWindow window;
  for (const auto& row : stored(1, 10)) window.add(row, event(row.key.event.value));
  window.set_most(4);
  EXPECT_EQ(window.size(), 4u);
  EXPECT_EQ(window.held(), 4u);
  EXPECT_TRUE(window.has_more());
  EXPECT_EQ(window.horizon(), (RetryWindow::Place{from_micros(4), EventSeq{4}}));
  window.add(pending(11, 2));
  EXPECT_EQ(window.size(), 4u);
  window.set_most(40);
  window.settled(window.pop_due(kAnyTime)->row.key.event);
  ASSERT_TRUE(window.wants_refill());
  EXPECT_EQ(window.begin_read(), 37u);
  window.take(stored(4, 10));
  EXPECT_EQ(drain(window), "2 11 3 4 5 6 7 8 9 10 ");
}

TEST(RetryWindow, ThatMayHoldLessByTheTimeOfAnAnswerReadsItAgain) {
  RetryWindow window;
  for (const auto& row : stored(1, 5)) window.add(row);
  window.expect_more();
  EXPECT_EQ(window.begin_read(), kWindow - 5);
  window.set_most(3);
  window.take(stored(6, 50));
  EXPECT_EQ(window.size(), 3u);
  EXPECT_TRUE(window.has_more());
}

TEST(RetryWindow, AsksForNoMoreThanItHasRoomFor) {
  RetryWindow window;
  window.set_most(8);
  for (const auto& row : stored(1, 9)) window.add(row, event(row.key.event.value));
  while (window.size() > 1) window.settled(window.pop_due(kAnyTime)->row.key.event);
  ASSERT_EQ(window.begin_read(), 7u);
  window.take(stored(9, 15));
  EXPECT_EQ(window.size(), 8u);
  EXPECT_TRUE(window.has_more());
}

// Each is read back as it was before; what has happened since counts.
TEST(RetryWindow, KnowsBetterThanAReadThatBeganBefore) {
  struct Case {
    std::string story;
    std::function<void(RetryWindow&)> meanwhile;
    std::string order;
  };
  const Case cases[] = {
      {"nothing", [](RetryWindow&) {}, "1 2 3 "},
      {"one was settled", [](RetryWindow& w) { w.settled(EventSeq{2}); }, "1 3 "},
      {"one was removed", [](RetryWindow& w) { w.remove(EventSeq{1}); }, "2 3 "},
      {"one was put off", [](RetryWindow& w) { w.add(pending(1, 900)); }, "2 3 1 "},
      {"one was put off, and then removed",
       [](RetryWindow& w) { w.add(pending(1, 900)), w.remove(EventSeq{1}); }, "2 3 "},
      {"one is due now", [](RetryWindow& w) { w.remove(EventSeq{3}), w.add(pending(3, 0)); }, "3 1 2 "},
      {"one came", [](RetryWindow& w) { w.add(pending(4, 2)); }, "1 2 4 3 "},
      {"one came that the read knows", [](RetryWindow& w) { w.add(pending(2, 2)); }, "1 2 3 "},
      {"the lane began anew", [](RetryWindow& w) { w.clear(); }, ""},
      {"there is none", [](RetryWindow& w) { w.end_read(); }, ""},
  };
  for (const auto& c : cases) {
    RetryWindow window;
    window.expect_more();
    window.begin_read();
    EXPECT_FALSE(window.wants_refill()) << "it is being read";
    c.meanwhile(window);
    window.take(stored(1, 3));
    EXPECT_EQ(drain(window), c.order) << c.story;
  }
}

TEST(RetryWindow, ThatOverflowsMeanwhileIsReadAgain) {
  RetryWindow window;
  for (const auto& row : stored(100, 100 + kWindow)) window.add(row);
  while (!window.wants_refill()) {
    window.drop_events();
    RetryWindow::EventsOf next{{*window.next_event(), event(1)}};
    window.take_events(next, [](const DeliveryRow&, const Event*) { return true; });
    window.settled(window.pop_due(kAnyTime)->row.key.event);
  }
  window.begin_read();
  for (const auto& row : stored(1, 99)) window.add(row);
  for (const auto& row : stored(1'000, 1'000 + kWindow)) window.add({.key = row.key, .due = from_micros(99)});
  const auto horizon = window.horizon();
  window.take(stored(100 + kWindow, 100 + kWindow));
  EXPECT_TRUE(window.has_more()) << "what fell out of the window lies before what was read";
  EXPECT_EQ(window.horizon(), horizon);
}

// Against a store that does what it is told, whatever comes between asking and answering.
TEST(RetryWindow, GivesOutEachRowOnceAndMissesNone) {
  constexpr EngineLimits kFew{.retry_window = 5};
  for (unsigned seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t n) { return random() % n; };
    RetryWindow window(kFew);
    std::map<RetryWindow::Place, DeliveryRow> disk;
    std::map<EventSeq, RetryWindow::Place> places;
    std::set<EventSeq> out;
    std::optional<std::vector<DeliveryRow>> result;
    RetryWindow::Place asked;
    std::size_t asked_for = 0;
    std::uint64_t last = 0;
    const auto read_disk = [&] {
      std::vector<DeliveryRow> rows;
      for (auto at = disk.upper_bound(asked); at != disk.end() && rows.size() < asked_for; ++at)
        rows.push_back(at->second);
      return rows;
    };
    const auto put = [&](EventSeq seq, std::int64_t due) {
      if (const auto was = places.find(seq); was != places.end()) disk.erase(was->second);
      const auto row = pending(seq.value, due);
      disk[places[seq] = {*row.due, seq}] = row;
      out.erase(seq);
      window.add(row);
    };
    const auto end = [&](EventSeq seq) {
      disk.erase(places.at(seq));
      places.erase(seq);
      out.erase(seq);
      if (!window.remove(seq)) window.settled(seq);
    };
    const auto give = [&] {
      const auto next = window.next_event();
      if (!next) return;
      window.take_events({{*next, event(next->value)}},
                         [](const DeliveryRow&, const Event*) { return true; });
      const auto retry = window.pop_due(kAnyTime);
      ASSERT_TRUE(out.insert(retry->row.key.event).second) << "twice; seed " << seed;
      ASSERT_TRUE(places.contains(retry->row.key.event)) << "it has ended; seed " << seed;
      ASSERT_EQ(places.at(retry->row.key.event).first, *retry->row.due) << "as it was; seed " << seed;
    };
    const auto take = [&] {
      if (!result) result = read_disk();
      window.take(*result);
      result.reset();
    };
    for (int n = 0; n < 300 && !HasFatalFailure(); ++n) {
      switch (below(8)) {
        case 0:
        case 1:
          put(EventSeq{++last}, static_cast<std::int64_t>(below(1'000)));
          break;
        case 2:
          give();
          break;
        case 3:
          if (!out.empty())
            below(2) ? put(*out.begin(), static_cast<std::int64_t>(below(1'000))) : end(*out.begin());
          break;
        case 4:
          if (!places.empty() && below(4) == 0) end(std::next(places.begin(), below(places.size()))->first);
          break;
        case 5:
          if (window.wants_refill()) {
            asked = window.horizon();
            asked_for = window.begin_read();
            if (below(2)) result = read_disk();
          }
          break;
        case 6:
          window.set_most(1 + below(kFew.retry_window));
          break;
        default:
          if (window.is_reading()) take();
      }
    }
    for (int n = 0; n < 1'000 && window.has_any() && !HasFatalFailure(); ++n) {
      if (window.is_reading()) take();
      if (window.wants_refill()) asked = window.horizon(), asked_for = window.begin_read();
      give();
    }
    ASSERT_EQ(out.size(), places.size()) << "seed " << seed;
  }
}

// --- events of those that come next ---------------------------------------------------------------------

TEST(RetryWindow, GivesOutNothingBeforeItsEventIsHere) {
  RetryWindow window;
  window.add(pending(1, 100));
  window.add(pending(2, 200));
  EXPECT_TRUE(window.has_due(kAnyTime));
  EXPECT_FALSE(window.has_ready(kAnyTime));
  EXPECT_FALSE(window.pop_due(kAnyTime));
  window.take_events({{EventSeq{1}, event(1)}}, [](const DeliveryRow&, const Event*) { return true; });
  EXPECT_EQ(window.pop_due(kAnyTime)->event->seq, EventSeq{1});
  EXPECT_FALSE(window.pop_due(kAnyTime));
}

TEST(RetryWindow, WantsTheEventsOfThoseThatAreDueAndNoMoreThanItMayHold) {
  RetryWindow window;
  for (const auto& row : stored(1, 10)) window.add(row);
  const auto wanted = [&](std::int64_t due, std::size_t most) {
    std::vector<EventSeq> events;
    window.add_wanted(from_micros(due), most, events);
    std::string text;
    for (const auto e : events) text += std::to_string(e.value) + " ";
    return text;
  };
  EXPECT_FALSE(window.wants_events(from_micros(0), 8));
  EXPECT_FALSE(window.wants_events(from_micros(9), 0));
  EXPECT_TRUE(window.wants_events(from_micros(3), 8));
  EXPECT_EQ(wanted(3, 8), "1 2 3 ");
  EXPECT_EQ(wanted(9, 4), "1 2 3 4 ");
  RetryWindow::EventsOf events;
  for (std::uint64_t seq = 1; seq <= 4; ++seq) events[EventSeq{seq}] = event(seq);
  window.take_events(events, [](const DeliveryRow&, const Event*) { return true; });
  EXPECT_EQ(wanted(9, 8), "5 6 7 8 ");
  EXPECT_FALSE(window.wants_events(from_micros(9), 8)) << "enough are here";
  for (int n = 0; n < 2; ++n) (void)window.pop_due(kAnyTime);
  EXPECT_TRUE(window.wants_events(from_micros(9), 8)) << "so that it goes on meanwhile";
}

TEST(RetryWindow, CountsTheEventsThatItHolds) {
  RetryWindow window;
  for (std::uint64_t seq = 1; seq <= 4; ++seq)
    window.add(pending(seq, static_cast<std::int64_t>(seq)), event(seq, 10 * seq));
  const auto holds = [&](std::size_t held, std::size_t bytes) {
    EXPECT_EQ(window.held(), held);
    EXPECT_EQ(window.bytes(), bytes);
  };
  holds(4, 100);
  (void)window.pop_due(kAnyTime);
  holds(3, 90);
  window.remove(EventSeq{3});
  holds(2, 60);
  window.drop_events(1);
  holds(1, 20);
  window.drop_events();
  holds(0, 0);
  window.add(pending(9, 0), event(9, 5));
  window.clear();
  holds(0, 0);
}

TEST(RetryWindow, ForgetsWhatItsEventShowsToBeOwedNoMore) {
  RetryWindow window;
  for (const auto& row : stored(1, 3)) window.add(row);
  const RetryWindow::EventsOf events{{EventSeq{1}, event(1)}, {EventSeq{2}, nullptr}, {EventSeq{9}, nullptr}};
  window.take_events(events, [](const DeliveryRow&, const Event* read) { return read != nullptr; });
  EXPECT_EQ(drain(window), "1 3 ");
}

}  // namespace
}  // namespace exposee::engine
