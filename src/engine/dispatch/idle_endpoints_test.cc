// What endpoints cost to which nothing is owed: of a hundred thousand, most are idle.
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include "engine/dispatch/dispatcher.h"
#include "engine/registry.h"
#include "fakes/memory_store.h"
#include "fakes/quiet_observer.h"

namespace {
std::atomic<std::size_t> allocated_bytes{0};
std::size_t allocated() {
  return allocated_bytes;
}
}  // namespace

// Of this whole test program. Out of line: inlined into callers, GCC takes free() for the partner of a different operator
// new and warns.
[[gnu::noinline]] void* operator new(std::size_t size) {
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (!memory) throw std::bad_alloc();
  allocated_bytes += malloc_usable_size(memory);
  return memory;
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  void* memory = std::malloc(size == 0 ? 1 : size);
  allocated_bytes += malloc_usable_size(memory);  // of null: 0
  return memory;
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  allocated_bytes -= malloc_usable_size(memory);
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}

namespace exposee::engine {
namespace {

constexpr std::size_t kEndpoints = 10'000, kTypes = 100, kManyTypes = 1'000;
constexpr std::size_t kMostBytes = 1'000;  // each, of the registry, its snapshot and the lanes

// By a pattern each; nothing: each by one of the types.
StartState many_endpoints(std::size_t types, const std::string& pattern) {
  StartState start{.version = RegistryVersion{kEndpoints}};
  for (std::uint64_t t = 1; t <= types; ++t) start.types.push_back({TypeNumber{t}, "type" + std::to_string(t), "", {}});
  start.endpoints.reserve(kEndpoints);
  for (std::uint64_t n = 1; n <= kEndpoints; ++n) {
    const auto wanted = pattern.empty() ? start.types[n % types].name : pattern;
    Endpoint endpoint{.number = EndpointNumber{n},
                      .url = "http://receiver.example:8080/hooks/" + std::to_string(n),
                      .events = {{wanted, RegistryVersion{n}}},
                      .secret = "whsec_" + std::string(32, 'A')};
    endpoint.id.bits[0] = static_cast<std::uint8_t>(n), endpoint.id.bits[1] = static_cast<std::uint8_t>(n >> 8);
    start.endpoints.push_back(std::move(endpoint));
    start.subscriptions.push_back({wanted, EndpointNumber{n}, RegistryVersion{n}, {}});
  }
  return start;
}

class IdleEndpoints : public testing::Test {
 protected:
  void know_all(std::size_t types = kTypes, const std::string& pattern = {}) {
    dispatcher_.take_up(ShardSet::all(), from_micros(1));
    registry_.load(many_endpoints(types, pattern));
    snapshot_ = registry_.snapshot();
    for (const auto& state : registry_.all()) dispatcher_.sync(state, false, from_micros(1));
  }
  std::size_t lanes() const {
    std::size_t count = 0;
    for (std::uint64_t n = 1; n <= kEndpoints; ++n) count += dispatcher_.find_lane(EndpointNumber{n}) != nullptr;
    return count;
  }

  // Such a number of events, as many at once as may be, until nothing is left to do.
  void deliver(EndpointNumber to, int count) {
    for (int n = 0; n < count; ++n) {
      const Event event{
          .seq = EventSeq{++last_}, .type = TypeNumber{8}, .version = RegistryVersion{kEndpoints}};
      dispatcher_.route(std::make_shared<const Event>(event), Subscribers({to}), from_micros(2));
    }
    while (dispatcher_.owed() > 0) deliver_some(to);
    dispatcher_.checkpointed(dispatcher_.checkpoint(EventSeq{last_}, from_micros(5)));
  }
  void deliver_some(EndpointNumber to) {
    std::vector<SendJob> jobs;
    std::vector<DeliveryRow> ended;
    ASSERT_TRUE(dispatcher_.dispatch(from_micros(3), from_micros(3), jobs, ended));
    for (const auto& job : jobs) {
      const auto flight =
          dispatcher_.land(job.ticket, {.kind = VerdictKind::success}, Duration{100}, from_micros(4), 0.5);
      dispatcher_.settled({.key = {flight.event->seq, to}, .event = flight.event});
    }
  }

  std::uint64_t last_ = 0;
  EngineSettings settings_;
  fakes::MemoryStore store_;
  fakes::QuietObserver observer_;
  Registry registry_;
  std::shared_ptr<const RegistrySnapshot> snapshot_;
  Dispatcher dispatcher_{settings_, registry_, store_, observer_};
};

TEST_F(IdleEndpoints, TakeLittleMemory) {
  const auto before = allocated();
  know_all();
  EXPECT_LT((allocated() - before) / kEndpoints, kMostBytes);
}

TEST_F(IdleEndpoints, TakeNoMoreWhenEachIsSubscribedToVeryManyTypes) {
  const auto before = allocated();
  know_all(kManyTypes, "*");
  EXPECT_LT((allocated() - before) / kEndpoints, kMostBytes);
}

TEST_F(IdleEndpoints, TakeNoMoreWhenEachHasAPatternOfItsOwn) {
  auto start = many_endpoints(kTypes, "*");
  for (std::size_t i = 0; i < kEndpoints; ++i) {
    start.endpoints[i].events[0].pattern = start.subscriptions[i].pattern = "customer." + std::to_string(i) + ".*";
  }
  const auto before = allocated();
  dispatcher_.take_up(ShardSet::all(), from_micros(1));
  registry_.load(start);
  snapshot_ = registry_.snapshot();
  EXPECT_LT((allocated() - before) / kEndpoints, kMostBytes);
}

TEST_F(IdleEndpoints, AreNotTouchedByTheDeclarationOfATypeThatAllOfThemGet) {
  know_all(kManyTypes - 2, "*");
  registry_.add_type({registry_.next_type(), "one", "", {}});  // the list of types makes room for more
  registry_.settle();
  const auto before = allocated();
  registry_.add_type({registry_.next_type(), "another", "", {}});
  EXPECT_TRUE(registry_.changes().subscriptions.empty());
  EXPECT_TRUE(registry_.changed_endpoints().empty());
  registry_.settle();
  EXPECT_EQ(registry_.subscribers(TypeNumber{kManyTypes}).size(), kEndpoints);
  EXPECT_LT(allocated() - before, kMostBytes) << "in all, whatever their number";
}

TEST_F(IdleEndpoints, HaveNoLaneBeforeSomethingIsOwedToThem) {
  know_all();
  EXPECT_EQ(lanes(), 0u);
  EXPECT_EQ(dispatcher_.breaker(EndpointNumber{7}), BreakerState::closed);
  EXPECT_EQ(dispatcher_.held_until(EndpointNumber{7}), std::nullopt);
  auto event = std::make_shared<Event>();
  event->seq = EventSeq{1};
  event->type = TypeNumber{8};
  event->version = RegistryVersion{kEndpoints};
  dispatcher_.route(event, Subscribers({EndpointNumber{7}, EndpointNumber{107}}), from_micros(2));
  EXPECT_EQ(lanes(), 2u);
  EXPECT_EQ(dispatcher_.owed(), 2u);
  std::vector<SendJob> jobs;
  std::vector<DeliveryRow> ended;
  ASSERT_TRUE(dispatcher_.dispatch(from_micros(3), from_micros(3), jobs, ended));
  ASSERT_EQ(jobs.size(), 2u);
  EXPECT_EQ(jobs[0].target->url.text, registry_.find(EndpointNumber{7})->endpoint->url);
}

TEST_F(IdleEndpoints, TakeNoMoreForWhatTheyOnceDid) {
  know_all();
  const EndpointNumber busy{7}, other{107};
  deliver(other, 3'000);  // what is needed for all endpoints together is there
  deliver(busy, 1);
  const auto before = allocated();
  deliver(busy, 3'000);
  deliver(busy, 1);  // what is known of bodies that are gone goes with the next event
  EXPECT_LT(allocated(), before + kMostBytes);
}

TEST_F(IdleEndpoints, AreLeftAloneByWhatWouldEndAHold) {
  know_all();
  dispatcher_.resumed(EndpointNumber{7}, from_micros(2));
  dispatcher_.returned(EndpointNumber{8}, from_micros(2));
  dispatcher_.resume_failing_days({EndpointNumber{9}, {}}, {});
  EXPECT_EQ(lanes(), 0u);
}

}  // namespace
}  // namespace exposee::engine
