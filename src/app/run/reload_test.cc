#include "app/run/reload.h"

#include <gtest/gtest.h>

#include "app/settings/setting_table.h"

namespace exposee::app {
namespace {

using testing::ElementsAre;

TEST(Reload, TellsWhatChangesAtOnceFromWhatNeedsARestart) {
  const Settings before;
  Settings after;
  EXPECT_THAT(changes_between(before, after).live, ElementsAre());
  after.log.level = LogLevel::debug;
  after.security.allow_hosts = {"receiver"};
  after.server.max_connections = 7;
  after.storage.path = "elsewhere";
  const auto changes = changes_between(before, after);
  EXPECT_THAT(changes.live, ElementsAre("security.allow_hosts", "log.level"));
  EXPECT_THAT(changes.restart, ElementsAre("server.max_connections", "storage.path"));
}

TEST(Reload, TakesOverWhatItSaysItTakesOverAndNothingElse) {
  Settings after;
  after.log.level = LogLevel::error;
  after.security.allow_hosts = {"receiver"};
  after.security.allow_networks = {*Network::parse("10.0.0.0/8")};
  after.cors.allow_origins = {"https://shop.example"};
  after.server.max_connections = 7;
  const auto live = with_live_settings({}, after);
  EXPECT_THAT(changes_between({}, live).restart, ElementsAre());
  EXPECT_THAT(changes_between(live, after).live, ElementsAre());
  EXPECT_EQ(changes_between({}, live).live.size(), 4u);
}

}  // namespace
}  // namespace exposee::app
