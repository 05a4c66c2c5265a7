// What commands of one turn make of each other: the same as they would, each in a turn of its own.
#include "sim/world/disk.h"

namespace exposee::sim {
namespace {

using namespace std::chrono_literals;

class OneTurn : public testing::Test {
 protected:
  OneTurn() { id_ = (*world_.add_endpoint("http://a.example/", {"*"}, RetrySchedule{{1h}}))->endpoint->id; }

  void put_disabled(bool disabled) { world_.put(engine::UpdateEndpoint{.id = id_, .disabled = disabled}); }
  void set_mood(Mood mood) { world_.sender.receivers[kNumber].mood = mood; }
  const engine::Dispatcher& dispatcher() { return world_.engine->dispatcher(); }

  static constexpr EndpointNumber kNumber{1};
  Disk disk_;
  World world_{disk_.options(1)};
  EndpointId id_;
};

TEST_F(OneTurn, AnEndpointThatIsDisabledAndEnabledBeginsAnew) {
  set_mood(Mood::refusing);
  std::vector<EventSeq> waiting;
  for (int i = 0; i < 50; ++i) waiting.push_back(must_publish(world_).seq);
  world_.run(1s);
  ASSERT_EQ(dispatcher().breaker(kNumber), BreakerState::open);
  put_disabled(true);
  put_disabled(false);
  world_.step();
  EXPECT_EQ(dispatcher().breaker(kNumber), BreakerState::closed);
  EXPECT_FALSE(dispatcher().failing_since(kNumber));
  EXPECT_EQ(dispatcher().owed(), 0u);
  for (const auto event : waiting) EXPECT_EQ(status_of(world_, event, kNumber), DeliveryStatus::cancelled);
  world_.sender.seen.clear();
  set_mood(Mood::fine);
  for (int i = 0; i < 3; ++i) world_.publish_soon("user_registered", "{}");
  world_.step();
  EXPECT_EQ(world_.sender.seen.size(), 3u) << "no probe first, nor one attempt at a time";
}

TEST_F(OneTurn, ARetryByHandEndsWithTheEndpointThatIsDisabledAndEnabled) {
  set_mood(Mood::hanging);
  const auto published = must_publish(world_);
  world_.run(20s);
  ASSERT_TRUE(*world_.retry({published.seq, kNumber}));
  put_disabled(true);
  put_disabled(false);
  world_.run(2h);
  EXPECT_EQ(status_of(world_, published.seq, kNumber), DeliveryStatus::cancelled);
  EXPECT_EQ(world_.sender.seen.size(), 2u) << "the attempt that was under way is the last";
}

TEST_F(OneTurn, ARetryByHandIsForgottenWhenTheEndpointIsDisabledAfterIt) {
  set_mood(Mood::broken);
  const auto published = must_publish(world_);
  world_.run(1s);
  world_.put(engine::RetryDelivery{.key = {published.seq, kNumber}});
  put_disabled(true);
  world_.run(1s);
  EXPECT_EQ(dispatcher().owed(), 0u);
  put_disabled(false);
  world_.run(2h);
  EXPECT_EQ(world_.sender.seen.size(), 1u);
  EXPECT_EQ(status_of(world_, published.seq, kNumber), DeliveryStatus::cancelled);
}

TEST_F(OneTurn, ARetryByHandAfterTheEndpointIsEnabledIsKept) {
  set_mood(Mood::broken);
  const auto published = must_publish(world_);
  world_.run(1s);
  put_disabled(true);
  world_.step();
  put_disabled(false);
  world_.put(engine::RetryDelivery{.key = {published.seq, kNumber}});
  world_.step();
  EXPECT_EQ(status_of(world_, published.seq, kNumber), DeliveryStatus::pending);
  EXPECT_EQ(world_.sender.seen.size(), 2u);
}

TEST_F(OneTurn, AnAttemptUnderWayThatWouldNotHaveCountedIsTheOneAskedForOnceItsEndpointIsEnabled) {
  set_mood(Mood::hanging);
  const auto published = must_publish(world_);
  world_.run(1s);
  put_disabled(true);
  world_.step();
  put_disabled(false);
  world_.step();
  ASSERT_EQ(status_of(world_, published.seq, kNumber), DeliveryStatus::cancelled);
  ASSERT_TRUE(*world_.retry({published.seq, kNumber}));
  EXPECT_EQ(world_.sender.seen.size(), 1u) << "never two at once";
  world_.run(20s);
  EXPECT_EQ(status_of(world_, published.seq, kNumber), DeliveryStatus::pending) << "it failed, and goes on";
  set_mood(Mood::fine);
  world_.run(2h);
  EXPECT_EQ(status_of(world_, published.seq, kNumber), DeliveryStatus::succeeded);
  EXPECT_EQ(world_.sender.seen.size(), 2u);
  EXPECT_EQ(dispatcher().owed(), 0u);
}

TEST_F(OneTurn, TwoRequestsOfOneKeyMakeOneEvent) {
  int told = 0;
  for (const auto* data : {"{}", "{}", "[]"}) {
    engine::PublishEvent command{.type_name = "user_registered", .data = data};
    command.claim = {"a key of thirty-two bytes, or so.", data};
    world_.put(std::move(command), [&] { ++told; });
  }
  world_.step();
  EXPECT_EQ(told, 2) << "the third has another body";
  EXPECT_EQ(world_.store->load_events_after({}, 10)->events.size(), 1u);
}

TEST_F(OneTurn, ADocumentIsThereForTheCommandsThatFollow) {
  std::vector<std::string> done;
  const auto put = [&](const char* what, std::vector<engine::Precondition> preconditions, Document document) {
    engine::PublishEvent command{.type_name = "user_registered", .data = "{}"};
    command.preconditions = std::move(preconditions);
    command.documents.push_back(std::move(document));
    world_.put(std::move(command), [&done, what] { done.push_back(what); });
  };
  const auto is = [](const char* name) { return engine::Precondition{DocumentKind::user, name, true, 1}; };
  const auto is_not = [](const char* name) { return engine::Precondition{DocumentKind::user, name, false, 2}; };
  const MessageRow message{"alice", "bob", "bob", "s", "m", {}};
  put("too early", {is("alice"), is("bob")}, message);
  put("alice", {is_not("alice")}, UserRow{"alice", {}});
  put("alice again", {is_not("alice")}, UserRow{"alice", {}});
  put("to nobody", {is("alice"), is("bob")}, message);
  put("bob", {is_not("bob")}, UserRow{"bob", {}});
  put("to bob", {is("alice"), is("bob")}, message);
  world_.step();
  EXPECT_EQ(done, (std::vector<std::string>{"alice", "bob", "to bob"}));
}

TEST_F(OneTurn, ARetryAfterARetryIsTheSameOne) {
  set_mood(Mood::broken);
  const auto published = must_publish(world_);
  world_.run(1s);
  for (int i = 0; i < 2; ++i) world_.put(engine::RetryDelivery{.key = {published.seq, kNumber}});
  world_.step();
  EXPECT_EQ(world_.find_delivery({published.seq, kNumber})->by_hand, 1u);
  EXPECT_EQ(world_.sender.seen.size(), 2u);
}

TEST_F(OneTurn, ARetryFindsTheOutcomeThatCameInWithIt) {
  const auto published = must_publish(world_);
  world_.clock.advance_to(world_.clock.true_now() + 5ms);  // its response is there, and no turn has seen it
  world_.put(engine::RetryDelivery{.key = {published.seq, kNumber}});
  world_.step();
  const auto row = world_.find_delivery({published.seq, kNumber});
  EXPECT_TRUE(row->once) << "one more of what had succeeded";
  world_.run(1s);
  EXPECT_EQ(status_of(world_, published.seq, kNumber), DeliveryStatus::succeeded);
  EXPECT_EQ(world_.find_delivery({published.seq, kNumber})->attempts, 2u);
}

TEST_F(OneTurn, AnEventIsNotSentToWhomAnUnregisteringAfterItTook) {
  const auto url = "http://b.example/";
  world_.add_endpoint(url, {"user_registered", "user_send_message"});
  const EndpointNumber other{2};
  world_.publish_soon("user_registered", "{}");
  world_.publish_soon("user_send_message", "{}");
  world_.put(engine::UnregisterWebhook{.type_name = "user_registered", .url = parse_url(url)->text});
  world_.run(1s);
  ASSERT_EQ(world_.acked.size(), 2u);
  EXPECT_EQ(world_.sender.seen.size(), 3u);
  EXPECT_EQ(status_of(world_, world_.acked[0].seq, other), DeliveryStatus::cancelled);
  EXPECT_EQ(status_of(world_, world_.acked[1].seq, other), DeliveryStatus::succeeded);
  EXPECT_EQ(dispatcher().owed(), 0u);
}

TEST_F(OneTurn, AnEventAndTheRemovalOfItsEndpointLeaveNothingBehind) {
  world_.publish_soon("user_registered", "{}");
  world_.put(engine::RemoveEndpoint{.id = id_});
  world_.run(5s);
  EXPECT_TRUE(world_.sender.seen.empty());
  EXPECT_EQ(dispatcher().owed(), 0u);
  EXPECT_TRUE(disk_.data->state.marks.empty()) << "nothing keeps events from retention";
}

}  // namespace
}  // namespace exposee::sim
