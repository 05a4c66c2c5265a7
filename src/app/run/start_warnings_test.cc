#include "app/run/start_warnings.h"

#include <gtest/gtest.h>

namespace exposee::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(StartWarnings, TheDefaultsNeedNone) {
  EXPECT_THAT(start_warnings({}), testing::IsEmpty());
}

TEST(StartWarnings, ASettingThatHasNoEffectAnyMoreIsNamed) {
  Settings settings;
  settings.limits.max_pending_deliveries = 5'000;
  EXPECT_THAT(start_warnings(settings), ElementsAre(HasSubstr("limits.max_pending_deliveries has no effect")));
}

TEST(StartWarnings, EveryDangerousChoiceIsSaid) {
  Settings settings;
  settings.security.verify_tls = false;
  EXPECT_THAT(start_warnings(settings), ElementsAre(HasSubstr("CERTIFICATES ARE NOT VERIFIED")));
  settings.storage.durable = false;
  settings.server.listen = {{"0.0.0.0", 8000}};
  EXPECT_THAT(start_warnings(settings),
              ElementsAre(HasSubstr("security.verify_tls"), HasSubstr("storage.durable"),
                          HasSubstr("has no authentication")));
}

TEST(StartWarnings, APublicUrlOnLoopbackIsAServerThatOthersReach) {
  Settings settings;
  settings.server.public_url = "https://hooks.example.com";
  EXPECT_THAT(start_warnings(settings), ElementsAre(HasSubstr("server.public_url")));
}

TEST(StartWarnings, MoreHostsAreNamesUnderWhichOthersReachTheServerAndAnyNameIsADoorForPages) {
  Settings settings;
  settings.server.allowed_hosts = {"hooks.example.com"};
  EXPECT_THAT(start_warnings(settings), ElementsAre(HasSubstr("server.allowed_hosts")));
  EXPECT_FALSE(settings.address_policy().allow_private);
  settings.server.allowed_hosts = {"*"};
  EXPECT_THAT(start_warnings(settings),
              ElementsAre(HasSubstr("has no authentication"), HasSubstr("ANY HOST NAME IS TAKEN")));
}

TEST(StartWarnings, OpenPrivateReceiversAreSaidOnlyWhenOthersReachTheServer) {
  Settings settings;
  settings.security.allow_private = AllowPrivate::yes;
  EXPECT_THAT(start_warnings(settings), testing::IsEmpty());
  settings.server.public_url = "https://hooks.example.com";
  EXPECT_THAT(start_warnings(settings),
              ElementsAre(HasSubstr("server.public_url"), HasSubstr("security.allow_private")));
}

}  // namespace
}  // namespace exposee::app
