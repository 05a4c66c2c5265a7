#include "engine/lane/backlog_test.h"

namespace exposee::engine {
namespace {

TEST_F(BacklogTest, GivesEventsBackInOrderAndTakesBackWhatItGaveOutToItsPlace) {
  push(1, 4);
  EXPECT_EQ(backlog_.bytes(), 8u);
  auto first = backlog_.pop(), second = backlog_.pop(), third = backlog_.pop();
  backlog_.put_back(std::move(third));
  backlog_.put_back(std::move(first));
  backlog_.put_back(std::move(second));
  EXPECT_EQ(backlog_.bytes(), 8u);
  EXPECT_EQ(drain(), "1 2 3 4 ");
}

TEST_F(BacklogTest, OfWhatDoesNotFitItKnowsTheNumbers) {
  push(1, 9);
  EXPECT_EQ(backlog_.size(), 4u);
  EXPECT_EQ(backlog_.numbered(), 5u);
  backlog_.pop();
  backlog_.push(event(10), true, now_);
  EXPECT_EQ(backlog_.size(), 3u) << "it does not overtake those before it";
  EXPECT_EQ(drain(), "2 3 4 5 6 7 8 9 10 ");
}

TEST_F(BacklogTest, AWindowThatMovesWritesNothing) {
  push(1, 4);
  EXPECT_EQ(write(), 0u);
  EXPECT_EQ(mark_, EventSeq{0});
  drain();
  EXPECT_EQ(write(), 0u);
  EXPECT_EQ(mark_, EventSeq{kLast});
}

TEST_F(BacklogTest, WhatOnlyMemoryKnowsIsWrittenWhenItIsOldAndHoldsTheMarkNoMore) {
  push(1, 6);
  in_flight_.push_back(backlog_.pop());
  EXPECT_EQ(write(), 0u);
  EXPECT_EQ(mark_, EventSeq{0});
  now_ += kTiny.pack_after;
  write();
  EXPECT_EQ(on_disk(), "1 2 3 4 | 5 6 | ");
  EXPECT_EQ(mark_, EventSeq{kLast});
  push(7, 7);
  EXPECT_EQ(write(), 2u);
  EXPECT_EQ(mark_, EventSeq{6});
  EXPECT_EQ(drain(), "2 3 4 5 6 7 ");
  EXPECT_EQ(write(), 2u) << "one of the first pack is under way, and the seventh is in no pack";
  in_flight_.clear();
  EXPECT_EQ(write(), 0u);
}

TEST_F(BacklogTest, APackFullOfNumbersIsWrittenAtOnceAndTheLastOneGrows) {
  push(1, 11);
  write();
  EXPECT_EQ(on_disk(), "1 2 3 4 | 5 6 7 8 | 9 10 11 | ");
  EXPECT_EQ(mark_, EventSeq{kLast});
  push(12, 12);
  EXPECT_EQ(write(), 3u);
  EXPECT_EQ(mark_, EventSeq{11});
  now_ += kTiny.pack_after;
  write();
  EXPECT_EQ(on_disk(), "1 2 3 4 | 5 6 7 8 | 9 10 11 12 | ");
  EXPECT_EQ(drain(), "1 2 3 4 5 6 7 8 9 10 11 12 ");
  EXPECT_EQ(write(), 0u);
  EXPECT_TRUE(backlog_.idle());
}

TEST_F(BacklogTest, OneThatIsStoppedKeepsAHandful) {
  push(1, 11);
  write();
  backlog_.pop();
  backlog_.pop();
  now_ += kTiny.pack_after;
  in_flight_.push_back(event(2));
  write(true);
  EXPECT_EQ(backlog_.size(), 2u) << "it has no more than that by now";
  read_some();
  EXPECT_EQ(backlog_.size(), 5u);
  write(true);
  EXPECT_EQ(backlog_.size(), 5u) << "what is in the air may come back";
  in_flight_.clear();
  write(true);
  EXPECT_EQ(backlog_.size(), 2u);
  EXPECT_EQ(backlog_.bytes(), 4u);
  EXPECT_EQ(on_disk(), "3 4 | 5 6 7 8 | 9 10 11 | ") << "and what was settled stands in no pack";
  EXPECT_TRUE(backlog_.at_rest(true));
  EXPECT_EQ(drain(), "3 4 5 6 7 8 9 10 11 ");
  EXPECT_EQ(write(), 0u);
}

TEST_F(BacklogTest, WhatOneThatIsStoppedGivesUpIsForgottenWithoutAWord) {
  push(1, 11);
  write();
  for (int n = 0; n < 3; ++n) read_some();
  ASSERT_EQ(backlog_.size(), 11u);
  const auto step = plan(true);
  ASSERT_TRUE(step && step->trim);
  EXPECT_EQ(step->removed.size(), 1u);
  EXPECT_EQ(step->put.size(), 2u) << "those that are kept, and what stood in their pack";
  backlog_.written(*step);
  EXPECT_EQ(on_disk(), "1 2 | 3 4 | 5 6 7 8 | 9 10 11 | ");
  EXPECT_EQ(backlog_.size(), 2u);
  EXPECT_EQ(backlog_.numbered(), 0u);
  EXPECT_EQ(drain(), "1 2 3 4 5 6 7 8 9 10 11 ");
  EXPECT_EQ(fewer_, 0u) << "each counts as owed, as before";
}

// A receiver of a rare type: each of its packs is of another block, and has one number.
TEST_F(BacklogTest, AStopWritesNoMoreThanItMayHoweverManyPacksWereRead) {
  constexpr std::uint64_t kPacks = 500;
  constexpr std::size_t kMost = 5;
  for (std::uint64_t n = 1; n <= kPacks; ++n) {
    backlog_.push_number(EventSeq{n * kPackBlock}, now_);
  }
  now_ += kTiny.pack_after;
  write();
  while (backlog_.has_beyond()) read_some();
  for (std::uint64_t n = 0; n < kPacks / 2; ++n) backlog_.pop();
  std::size_t steps = 0;
  for (; steps < kPacks && !backlog_.at_rest(true); ++steps) {
    const auto step = backlog_.plan({{}, true, now_, kMost, kMost});
    ASSERT_TRUE(step);
    ASSERT_LE(step->removed.size(), kMost + kTiny.stopped_window);
    ASSERT_LE(step->put.size(), kMost + kTiny.stopped_window);
    for (const auto first : step->removed) disk_.erase(first);
    for (const auto& pack : step->put) disk_[pack.first()] = pack;
    backlog_.written(*step);
  }
  EXPECT_GE(steps, kPacks / 2 / kMost);
  EXPECT_EQ(disk_.size(), kPacks / 2);
  EXPECT_EQ(backlog_.size(), kTiny.stopped_window);
}

TEST_F(BacklogTest, OneThatIsStoppedPacksWhatIsInNoneBeforeItGivesItUp) {
  push(1, 4);
  now_ = kStart;
  write(true);
  EXPECT_EQ(on_disk(), "1 2 3 4 | ") << "though it is not old";
  EXPECT_EQ(backlog_.size(), 4u);
  write(true);
  EXPECT_EQ(on_disk(), "1 2 | 3 4 | ");
  EXPECT_EQ(backlog_.size(), 2u);
  EXPECT_EQ(drain(), "1 2 3 4 ");
}

TEST_F(BacklogTest, AStepThatWasNotWrittenIsPlannedAnew) {
  push(1, 11);
  EXPECT_TRUE(plan());
  disk_.clear();
  write();
  EXPECT_EQ(on_disk(), "1 2 3 4 | 5 6 7 8 | 9 10 11 | ");
}

TEST_F(BacklogTest, WhatIsOwedNoMoreByTheTimeItIsReadIsCountedOff) {
  push(1, 11);
  gone_ = {EventSeq{5}, EventSeq{7}, EventSeq{11}};
  write();
  EXPECT_EQ(drain(), "1 2 3 4 6 8 9 10 ");
  EXPECT_EQ(fewer_, 3u);
}

TEST_F(BacklogTest, OneThatIsAskedForByHandWaitsNoMoreAndIsCountedOnce) {
  push(1, 11);
  write();
  for (const std::uint64_t seq : {2, 6, 10}) {
    EXPECT_TRUE(backlog_.remove(EventSeq{seq})) << seq;
    gone_.insert(EventSeq{seq});
  }
  EXPECT_FALSE(backlog_.remove(EventSeq{2}));
  EXPECT_FALSE(backlog_.remove(EventSeq{12}));
  EXPECT_EQ(drain(), "1 3 4 5 7 8 9 11 ");
  EXPECT_EQ(fewer_, 0u);
}

// Some of the numbers are known to be owed no more, but not which: a stop meanwhile changes nothing of how many are.
TEST_F(BacklogTest, HowManyOfAPackAreOwedIsKeptWhenAStopDividesIt) {
  for (std::uint64_t seq = 1; seq <= 9; ++seq) disk_[EventSeq{1}].add(EventSeq{seq});
  backlog_.resume({EventSeq{1}, EventSeq{9}, 3});
  gone_ = {EventSeq{1}, EventSeq{2}, EventSeq{3}, EventSeq{5}, EventSeq{7}, EventSeq{8}};
  read_some();
  write(true);
  EXPECT_EQ(drain(), "4 6 9 ");
  EXPECT_EQ(fewer_, 0u);
}

TEST_F(BacklogTest, AStartTakesUpItsPacks) {
  push(1, 11);
  write();
  Backlog another(kTiny);
  for (const auto& [first, pack] : disk_) another.resume({first, pack.last(), pack.count()});
  EXPECT_EQ(another.packed_to(), EventSeq{11});
  another.push(event(12), true, now_);
  EXPECT_TRUE(another.empty()) << "it does not overtake";
  std::string text;
  while (another.has_beyond()) {
    if (const auto* pack = another.pack_to_load()) another.loaded(disk_.at(pack->first).events());
    const auto wanted = another.next(3);
    OwedPage page;
    for (const auto seq : wanted) page.events.push_back(event(seq.value));
    another.refill(wanted.size(), std::move(page));
  }
  while (!another.empty()) text += std::to_string(another.pop()->seq.value) + " ";
  EXPECT_EQ(text, "1 2 3 4 5 6 7 8 9 10 11 12 ");
}

TEST_F(BacklogTest, WhatIsClearedLeavesItsPacksToBeRemoved) {
  push(1, 11);
  write();
  const auto firsts = backlog_.clear();
  EXPECT_EQ(firsts.size(), disk_.size());
  EXPECT_TRUE(backlog_.idle());
}

TEST_F(BacklogTest, GivesUpWhatNoSubscriptionOwesAnyMore) {
  backlog_.push(event(1, TypeNumber{1}), true, now_);
  backlog_.push(event(2, TypeNumber{2}), true, now_);
  PatternTable patterns;
  patterns.add_type("a");
  patterns.add_type("b");
  EXPECT_EQ(backlog_.drop_unowed({{patterns.intern("b"), RegistryVersion{1}}}, patterns), 1u);
  EXPECT_EQ(backlog_.front_seq(), EventSeq{2});
  EXPECT_EQ(backlog_.bytes(), 2u);
}

TEST_F(BacklogTest, OneStepWritesNoMorePacksThanItMayAndTheMarkFollows) {
  push(1, 20);
  now_ += kTiny.pack_after;
  std::string marks;
  for (int n = 0; n < 10; ++n) {
    const auto step = backlog_.plan({{}, false, now_, 2, 2});
    if (!step) break;
    EXPECT_LE(step->put.size(), 2u);
    marks += std::to_string(backlog_.low_water({}, &*step, EventSeq{kLast}).value) + " ";
    for (const auto& pack : step->put) disk_[pack.first()] = pack;
    backlog_.written(*step);
  }
  EXPECT_EQ(on_disk(), "1 2 3 4 | 5 6 7 8 | 9 10 11 12 | 13 14 15 16 | 17 18 19 20 | ");
  EXPECT_EQ(marks, "8 16 100 ");
  EXPECT_EQ(drain(), "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 ");
}

// Random work against a plain list of what waits.
TEST_F(BacklogTest, LosesAndDoublesNothingWhateverHappens) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    std::uint64_t state = seed * 0x9E3779B97F4A7C15ull;
    const auto below = [&](std::uint64_t n) {
      state = state * 6364136223846793005ull + 1442695040888963407ull;
      return (state >> 33) % n;
    };
    Backlog lane(kTiny);
    std::map<EventSeq, EventPack> disk;
    std::set<EventSeq> waiting;  // not popped or popped and in flight
    std::vector<EventRef> flights;
    std::uint64_t last = 0;
    std::vector<EventSeq> gone;
    const auto checkpoint = [&](bool stopped, bool fails) {
      std::vector<const Event*> in_flight;
      std::ranges::sort(flights, {}, [](const auto& e) { return e->seq; });
      for (const auto& e : flights) in_flight.push_back(e.get());
      const auto most = below(3) == 0 ? 1 + below(3) : Backlog::Situation::kNoLimit;
      const auto step = lane.plan({in_flight, stopped, now_, most, most});
      const auto handful = step && step->trim ? 2 * kTiny.stopped_window : 0;
      ASSERT_TRUE(!step || step->put.size() <= most || step->put.size() <= handful);
      ASSERT_TRUE(!step || step->removed.size() <= most || step->removed.size() <= most + handful);
      if (fails) return;
      const auto mark = lane.low_water(in_flight, step ? &*step : nullptr, EventSeq{last});
      if (step) {
        for (const auto first : step->removed) ASSERT_EQ(disk.erase(first), 1u);
        for (const auto& pack : step->put) disk[pack.first()] = pack;
        lane.written(*step);
      }
      std::set<EventSeq> packed;
      for (const auto& [first, pack] : disk) {
        for (const auto seq : pack.events()) packed.insert(seq);
      }
      for (const auto seq : waiting)
        ASSERT_TRUE(seq > mark || packed.contains(seq)) << seq.value << " is lost";
    };
    for (int i = 0; i < 200 && !HasFatalFailure(); ++i) {
      SCOPED_TRACE(std::to_string(seed) + "/" + std::to_string(i));
      switch (below(9)) {
        case 0:
        case 1:
          for (auto n = below(9); n > 0; --n) {
            last += 1 + below(3);
            waiting.insert(EventSeq{last});
            auto e = std::make_shared<Event>(*event(last));
            e->accepted_at = now_;
            lane.push(e, lane.size() < kTiny.window, now_);
          }
          break;
        case 2:
        case 3:
          for (auto n = below(5); n > 0 && !lane.empty(); --n) flights.push_back(lane.pop());
          break;
        case 4:
          for (auto n = below(5); n > 0 && !flights.empty(); --n) {
            const auto at = flights.begin() + static_cast<std::ptrdiff_t>(below(flights.size()));
            if (below(3) == 0) {
              lane.put_back(std::move(*at));
            } else {
              waiting.erase((*at)->seq);
            }
            flights.erase(at);
          }
          break;
        case 5: {
          if (lane.size() > 2) break;
          if (const auto* pack = lane.pack_to_load()) lane.loaded(disk.at(pack->first).events());
          const auto wanted = lane.next(1 + below(4));
          OwedPage page;
          for (const auto seq : wanted) {
            if (waiting.contains(seq)) page.events.push_back(event(seq.value));
          }
          lane.refill(wanted.size(), std::move(page));
          break;
        }
        case 6:
          now_ += Duration{3'000'000};
          break;
        case 7:
          for (const auto& pack : lane.next_packs(EventSeq{below(last + 1)}, EventSeq{last}, 1 + below(9)))
            lane.sifted(sift(disk, pack, [&](EventSeq seq) { return !waiting.contains(seq); }));
          break;
        default:
          checkpoint(below(2) == 0, below(5) == 0);
      }
    }
    // A crash: the disk and the marks give everything back.
    std::set<EventSeq> seen;
    for (const auto& e : flights) ASSERT_TRUE(seen.insert(e->seq).second);
    while (!lane.empty() || lane.has_beyond()) {
      while (!lane.empty()) ASSERT_TRUE(seen.insert(lane.pop()->seq).second) << "twice";
      if (const auto* pack = lane.pack_to_load()) lane.loaded(disk.at(pack->first).events());
      const auto wanted = lane.next(4);
      OwedPage page;
      for (const auto seq : wanted) {
        if (waiting.contains(seq)) page.events.push_back(event(seq.value));
      }
      lane.refill(wanted.size(), std::move(page));
    }
    ASSERT_EQ(seen, waiting) << seed;
  }
}

TEST_F(BacklogTest, AWindowHoldsNoMoreThanItMayButForWhatComesBack) {
  push(1, kTiny.window);
  auto first = backlog_.pop();
  push(5, 5);
  backlog_.put_back(std::move(first));
  EXPECT_EQ(backlog_.size(), kTiny.window + 1);
  EXPECT_TRUE(backlog_.is_within_limit());
  backlog_.pop();
  EXPECT_TRUE(backlog_.is_within_limit());
  backlog_.push(event(6), true, now_);
  EXPECT_FALSE(backlog_.is_within_limit());
  backlog_.clear();
  EXPECT_TRUE(backlog_.is_within_limit());
}

TEST_F(BacklogTest, GivesUpTheLastOfItsWindowAndReadsThemAgainInTheirPlaces) {
  push(1, 7);
  const auto bytes = backlog_.bytes();
  backlog_.shed();
  backlog_.shed();
  EXPECT_EQ(backlog_.size(), kTiny.window - 2);
  EXPECT_EQ(backlog_.bytes(), bytes / 2);
  push(8, 8);
  EXPECT_EQ(drain(), "1 2 3 4 5 6 7 8 ");
}

}  // namespace
}  // namespace exposee::engine
