#include "net/server/listen_address.h"

#include <gtest/gtest.h>

namespace exposee::net {
namespace {

TEST(ListenAddressTest, ReadsWhatItWrites) {
  for (const std::string text : {"127.0.0.1:8000", "0.0.0.0:0", "[::1]:65535", "[::]:80", "localhost:8000"}) {
    const auto address = parse_listen_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->text(), text);
  }
}

TEST(ListenAddressTest, RefusesWhatIsUnclear) {
  for (const std::string text :
       {"", "8000", ":8000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80x",
        "::1:8000", "[::1]", "[127.0.0.1]:80", "[]:80"}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().code, ErrorCode::invalid);
    EXPECT_NE(address.error().message.find("'" + text + "'"), std::string::npos);
  }
}

TEST(ListenAddressTest, APortAloneIsToldHowToBeWritten) {
  const auto address = parse_listen_address("19000");
  ASSERT_FALSE(address);
  EXPECT_NE(address.error().message.find("write 127.0.0.1:19000"), std::string::npos)
      << address.error().message;
}

TEST(ListenAddressTest, KnowsWhatThisMachineAloneCanReach) {
  for (const std::string host : {"127.0.0.1", "127.8.0.1", "::1", "localhost"}) {
    EXPECT_TRUE((ListenAddress{host, 80}.is_loopback())) << host;
  }
  for (const std::string host : {"0.0.0.0", "::", "10.0.0.1", "example.com", "128.0.0.1"}) {
    EXPECT_FALSE((ListenAddress{host, 80}.is_loopback())) << host;
  }
}

}  // namespace
}  // namespace exposee::net
