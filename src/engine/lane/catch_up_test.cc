#include "engine/lane/catch_up.h"

#include <gtest/gtest.h>

#include <string>

namespace exposee::engine {
namespace {

using namespace std::chrono_literals;

const Instant kBack = from_micros(1'700'000'000'000'000);

DeliveryRow failed_before() {
  return {
      .key = {EventSeq{1}, EndpointNumber{1}}, .attempts = 2, .due = kBack + 5min, .updated_at = kBack - 1s};
}

TEST(CatchUp, TakesWhatFailedBeforeTheEndpointWasBackAndWaitsSince) {
  struct Case {
    std::string story;
    DeliveryRow row = failed_before();
    bool taken = true;
  };
  Case cases[] = {{"failed before"},
                  {"failed since"},
                  {"due by now"},
                  {"hurried once already"},
                  {"its Retry-After is not over"},
                  {"its Retry-After is over"}};
  cases[1].row.updated_at = kBack + 1s;
  cases[2].row.due = kBack + 2s;
  cases[3].row.brought_forward = true;
  cases[4].row.not_before = kBack + 1min;
  cases[5].row.not_before = kBack + 1s;
  for (auto n : {1, 2, 3, 4}) cases[n].taken = false;
  CatchUp catch_up;
  catch_up.begin(kBack);
  for (const auto& c : cases) EXPECT_EQ(catch_up.takes(c.row, kBack + 2s), c.taken) << c.story;
}

TEST(CatchUp, StepsGrowAndEachWaitsForASuccess) {
  CatchUp catch_up;
  EXPECT_FALSE(catch_up.wants_step());
  catch_up.begin(kBack);
  for (auto step = kUsualLimits.first_catch_up_step; step <= kUsualLimits.most_catch_up_step; step *= 2) {
    ASSERT_TRUE(catch_up.wants_step());
    EXPECT_EQ(catch_up.step(), step);
    catch_up.took_step({kBack, EventSeq{1}}, true, true);
    EXPECT_FALSE(catch_up.wants_step());
    catch_up.note_success();
  }
  EXPECT_EQ(catch_up.step(), kUsualLimits.most_catch_up_step);
  catch_up.took_step({kBack, EventSeq{1}}, true, false);
  EXPECT_TRUE(catch_up.wants_step()) << "nothing was found: there is no success to wait for";
  catch_up.took_step({kBack, EventSeq{1}}, false, true);
  EXPECT_FALSE(catch_up.is_active());
}

TEST(CatchUp, AFailureMakesItCautiousAndSeveralInARowEndIt) {
  CatchUp catch_up;
  catch_up.begin(kBack);
  catch_up.took_step({kBack, EventSeq{1}}, true, true);
  catch_up.note_failure(1);
  EXPECT_TRUE(catch_up.is_active()) << "one event that its receiver cannot take stops no others";
  EXPECT_EQ(catch_up.step(), kUsualLimits.first_catch_up_step);
  catch_up.note_failure(kGivesUpAfter);
  EXPECT_FALSE(catch_up.is_active());
}

}  // namespace
}  // namespace exposee::engine
