// How a story ends: in peace, with even books.
#include <gtest/gtest.h>

#include "sim/world/story.h"

namespace exposee::sim {

using namespace std::chrono_literals;

namespace {

constexpr Duration kFarthestAhead = 1h;  // of the wall clock, over the whole story
constexpr Duration kPeace = 30min;       // beyond every schedule

}  // namespace

// The clock goes where it was furthest ahead: what waits since then is due again also after a crash.
void Story::make_peace() {
  disk_.faults.fail_from = disk_.faults.bad_chores = 0;
  disk_.space.now->free = disk_.space.now->total;
  world_.clock.set_wrong_by(kFarthestAhead);
  starts_.forget_times();
  if (plot_.damage) {
    heal();
    restart(&World::stop_and_restart);  // what was set aside until a start goes on
  } else if (world_.settings().retention < kPeace) {
    restart(&World::stop_and_restart);  // which believes the clock at once
  }
  for (auto& [number, receiver] : world_.sender.receivers) receiver.mood = Mood::fine;
  wire_.be_peaceful();
  world_.run(2s);
  enable_everybody();
  world_.run(kPeace);
}

void Story::enable_everybody() {
  const auto registry = world_.engine->registry();
  for (const auto& endpoint : registry->endpoints) {
    const bool is_well = endpoint->disabled_reason.empty() && !endpoint->settings.paused;
    if (plot_.crowd > 0 && is_well) continue;
    if (!endpoint->disabled_reason.empty()) interrupted_.insert(endpoint->number);
    engine::UpdateEndpoint change{.id = endpoint->id, .settings = pausing(false), .disabled = false};
    starts_.may_go_on(endpoint->number);
    world_.put(std::move(change), [this, number = endpoint->number] {
      starts_.is_enabled(number);
      starts_.is_paused(number, false);
    });
    world_.step();
  }
}

void Story::check_books() {
  const auto posts = this->posts();
  static const std::vector<const Seen*> kNone;
  for (const auto& owed : owed_) {
    const auto attempts = posts.find({owed.key.endpoint, owed.event});
    check_owed(owed, attempts == posts.end() ? kNone : attempts->second);
  }
  EXPECT_EQ(world_.engine->dispatcher().owed(), 0u) << "I13: the books are even";
  books_.check_end();
}

Story::Posts Story::posts() const {
  Posts posts;
  std::map<EventId, std::string> bodies;
  for (const auto& seen : world_.sender.seen) {
    posts[{seen.endpoint, seen.event}].push_back(&seen);
    const auto [first, is_new] = bodies.emplace(seen.event, seen.body);
    EXPECT_EQ(first->second, seen.body) << "I5: the same bytes over all attempts";
  }
  return posts;
}

void Story::check_owed(const Owed& owed, const std::vector<const Seen*>& attempts) {
  if (books_.has_expired(owed.key.event)) return;  // that it owed nothing by then was seen when it went
  const auto row = world_.find_delivery(owed.key);
  ASSERT_TRUE(row) << "I13: what was owed is known";
  const auto ok = std::ranges::count_if(attempts, [](const Seen* s) { return s->status / 100 == 2; });
  if (row->status == DeliveryStatus::succeeded) {
    EXPECT_GE(ok, 1) << "I3";
  }
  if (row->status == DeliveryStatus::cancelled) {
    EXPECT_TRUE(interrupted_.contains(owed.key.endpoint) ||
                world_.observer.disabled.contains(owed.key.endpoint));
  }
  if (starts_.is_by_hand(owed.key)) return;
  // D4: one success per life at most, and a later life repeats one only when it could not have been recorded.
  std::map<std::uint32_t, int> successes;
  for (const auto* s : attempts) successes[s->life] += s->status / 100 == 2;
  for (const auto& [life, count] : successes) EXPECT_LE(count, 1) << "D4 in life " << life;
}

std::uint64_t Story::digest() const {
  std::uint64_t digest = 14695981039346656037ull;
  const auto mix = [&](std::uint64_t value) { digest = (digest ^ value) * 1099511628211ull; };
  for (const auto& seen : world_.sender.seen) {
    mix(static_cast<std::uint64_t>(to_micros(seen.at)));
    mix(seen.endpoint.value);
    mix(static_cast<std::uint64_t>(seen.status));
    for (const auto byte : seen.event.bits) mix(byte);
  }
  return digest;
}

}  // namespace exposee::sim
