#include "net/server/listener.h"

#include <errno.h>
#include <gtest/gtest.h>

#include "net/loop/socket.h"

namespace exposee::net {
namespace {

// A machine: what listening says on each family, 0 for "works".
OpenListener machine(int v4, int v6) {
  return [v4, v6](const IpAddress& host, std::uint16_t port) -> std::expected<Fd, int> {
    if (const int error = host.v6 ? v6 : v4; error != 0) return std::unexpected(error);
    return open_listener(SocketAddress::make(*IpAddress::parse("127.0.0.1"), port));
  };
}

TEST(Listener, AFamilyThatIsAbsentIsLeftOutWhereAnotherWorks) {
  struct Row {
    const char* name;
    int v4, v6;
    std::size_t opened;
    int error;
  };
  const Row rows[] = {
      {"no IPv6 in the kernel", 0, EAFNOSUPPORT, 1, 0},
      {"IPv6 without addresses", 0, EADDRNOTAVAIL, 1, 0},
      {"no IPv4", EAFNOSUPPORT, 0, 1, 0},
      {"neither", EAFNOSUPPORT, EADDRNOTAVAIL, 0, EAFNOSUPPORT},
      {"a port that is taken is told", 0, EADDRINUSE, 0, EADDRINUSE},
      {"a port that needs a privilege is told", EACCES, EAFNOSUPPORT, 0, EACCES},
  };
  const std::vector hosts{*IpAddress::parse("::1"), *IpAddress::parse("127.0.0.1")};
  for (const Row& row : rows) {
    const auto opened = open_each(hosts, 0, machine(row.v4, row.v6));
    ASSERT_EQ(opened.has_value(), row.error == 0) << row.name;
    if (opened) {
      EXPECT_EQ(opened->size(), row.opened) << row.name;
    } else {
      EXPECT_EQ(opened.error(), row.error) << row.name;
    }
  }
}

TEST(Listener, AnAddressThatIsNotOfThisMachineIsRefusedInASentence) {
  const auto opened = open_listeners({"192.0.2.1", 0});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::invalid);
  EXPECT_EQ(opened.error().message, "Cannot listen on 192.0.2.1:0: this machine has no such address.");
}

}  // namespace
}  // namespace exposee::net
