#include "app/log/chore_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "app/run/system_doors.h"

namespace exposee::app {
namespace {

using testing::HasSubstr;

TEST(ChoreLog, SaysWhatFailedWhatItMeansWhyAndWhatToDo) {
  std::ostringstream out;
  const SystemClock clock;
  Log log({}, out, clock);
  ChoreLog chores(log);
  for (const auto chore : {StoreChore::log_mark, StoreChore::log_copy, StoreChore::log_end}) {
    out.str("");
    chores.chore_failed(chore, {ErrorCode::unavailable, "Input/output error.", "Check that disk."});
    EXPECT_THAT(out.str(), HasSubstr(" warn  "));
    EXPECT_THAT(out.str(), HasSubstr("nothing is lost"));
    EXPECT_THAT(out.str(), HasSubstr("error=\"Input/output error.\"  hint=\"Check that disk.\""));
    out.str("");
    chores.chore_recovered(chore);
    EXPECT_THAT(out.str(), HasSubstr(" info  "));
  }
}

}  // namespace
}  // namespace exposee::app
