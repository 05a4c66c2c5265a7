#include "api/test_deliveries.h"

#include <gtest/gtest.h>

#include "fakes/quiet_watch.h"

namespace exposee::api {
namespace {

// Keeps what it is given until it is told to answer.
class HeldSender final : public Sender {
 public:
  void send(std::vector<SendJob>&& jobs, SendSink& sink) override {
    for (auto& job : jobs) sent.emplace_back(&sink, std::move(job));
  }
  void answer(std::size_t index) {
    std::vector<SendResult> results;
    results.push_back({sent[index].second.ticket, {}});
    results.front().response.status = 200;
    auto* sink = sent[index].first;
    sink->answered(std::move(results));
  }
  // The events of what was sent, in order: "aab".
  std::string order() const {
    std::string text;
    for (const auto& [sink, job] : sent) text += job.event->type_name;
    return text;
  }

  std::vector<std::pair<SendSink*, SendJob>> sent;
};

class TestDeliveriesTest : public testing::Test {
 protected:
  static std::vector<SendJob> jobs(std::string name, std::size_t count) {
    auto event = std::make_shared<Event>();
    event->type_name = std::move(name);
    auto target = std::make_shared<Target>();
    return {count, SendJob{.target = target, .event = event}};
  }
  bool send(std::string name, std::size_t count) {
    return test_deliveries.send(TestKind::test, jobs(std::move(name), count), [this](auto&& answers, TestDeliveries::Permit permit) {
      done.push_back(answers.size());
      permits.push_back(std::move(permit));
    });
  }

  std::vector<std::size_t> done;  // sizes, in the order of completion
  std::vector<TestDeliveries::Permit> permits;
  HeldSender sender;
  fakes::QuietCalls calls;
  TestDeliveries test_deliveries{sender, calls, {.concurrency = 5, .concurrency_per_call = 3, .admitted = 12}};
};

TEST_F(TestDeliveriesTest, OneCallHasAtMostSoManyUnderWay) {
  ASSERT_TRUE(send("a", 8));
  EXPECT_EQ(sender.order(), "aaa");
  sender.answer(1);
  EXPECT_EQ(sender.order(), "aaaa");
}

TEST_F(TestDeliveriesTest, CallsTakeTurnsWithinTheLimitOfAll) {
  ASSERT_TRUE(send("a", 6));
  ASSERT_TRUE(send("b", 2));
  EXPECT_EQ(sender.order(), "aaabb");
  ASSERT_TRUE(send("c", 2));
  EXPECT_EQ(sender.order(), "aaabb") << "five are under way";
  sender.answer(0);
  sender.answer(1);
  EXPECT_EQ(sender.order().size(), 7u);
  EXPECT_NE(sender.order().substr(5).find('c'), std::string::npos)
      << "a call of two waits for no call of six";
}

TEST_F(TestDeliveriesTest, EveryResponseComesOnceInTheOrderOfTheJobs) {
  ASSERT_TRUE(send("a", 7));
  for (std::size_t i = 0; i < 7; ++i) sender.answer(i);
  EXPECT_EQ(done, std::vector<std::size_t>{7});
  EXPECT_EQ(sender.sent.size(), 7u);
}

TEST_F(TestDeliveriesTest, WhatWasAdmittedCountsUntilItsResponsesAreGone) {
  ASSERT_TRUE(send("a", 12));
  EXPECT_FALSE(send("b", 1));
  for (std::size_t i = 0; i < 12; ++i) sender.answer(i);
  EXPECT_EQ(done, std::vector<std::size_t>{12});
  EXPECT_FALSE(send("b", 1)) << "the report is not written yet";
  permits.clear();
  EXPECT_TRUE(send("b", 12));
}

TEST_F(TestDeliveriesTest, NoJobsAreDoneAtOnce) {
  ASSERT_TRUE(send("a", 0));
  EXPECT_EQ(done, std::vector<std::size_t>{0});
}

}  // namespace
}  // namespace exposee::api
