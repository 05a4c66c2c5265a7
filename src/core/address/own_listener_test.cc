#include "core/address/own_listener.h"

#include <gtest/gtest.h>

namespace exposee {
namespace {

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

struct Row {
  std::string_view url;
  bool own;
};

void expect_rows(const OwnListeners& own, std::initializer_list<Row> rows) {
  for (const auto& row : rows) {
    const auto url = parse_url(row.url);
    ASSERT_TRUE(url) << row.url;
    EXPECT_EQ(refuse_own(own, *url).has_value(), row.own) << row.url;
  }
}

TEST(OwnListeners, EveryFormOfThisMachineIsOwnAtThePortThatIsListenedOn) {
  expect_rows({.places = {{ip("127.0.0.1"), 8000}}}, {
                                                         {"http://127.0.0.1:8000/hook", true},
                                                         {"https://127.0.0.1:8000/", true},
                                                         {"http://127.9.9.9:8000/", true},
                                                         {"http://0.0.0.0:8000/", true},
                                                         {"http://[::1]:8000/", true},
                                                         {"http://[::ffff:127.0.0.1]:8000/", true},
                                                         {"http://localhost:8000/", true},
                                                         {"http://LOCALHOST.:8000/", true},
                                                         {"http://a.localhost:8000/", true},
                                                         {"http://127.0.0.1:8001/", false},
                                                         {"http://localhost/", false},
                                                         {"http://localhost.example:8000/", false},
                                                         {"http://192.0.2.7:8000/", false},
                                                         {"http://receiver:8000/", false},
                                                     });
}

TEST(OwnListeners, AListenerOnAllAddressesStandsForEachOfTheMachine) {
  const OwnListeners own{.places = {{ip("0.0.0.0"), 8000}, {ip("192.0.2.9"), 8100}},
                         .of_machine = {ip("192.0.2.7"), ip("2001:db8::7")}};
  expect_rows(own, {
                       {"http://192.0.2.7:8000/", true},
                       {"http://[::ffff:192.0.2.7]:8000/", true},
                       {"http://[2001:db8::7]:8000/", true},
                       {"http://192.0.2.9:8100/", true},
                       {"http://192.0.2.7:8100/", false},
                       {"http://192.0.2.8:8000/", false},
                   });
}

TEST(OwnListeners, TheUrlUnderWhichOthersReachTheServerIsOwn) {
  expect_rows({.public_host = "hooks.example.com", .public_port = 443},
              {
                  {"https://hooks.example.com/users", true},
                  {"https://HOOKS.example.com:443/", true},
                  {"http://hooks.example.com/", false},
                  {"https://shop.example.com/", false},
              });
}

TEST(OwnListeners, BelowAPublicUrlWithAPathOnlyThatPathIsOwn) {
  expect_rows({.public_host = "example.com", .public_port = 443, .public_path = "/hooks"},
              {
                  {"https://example.com/hooks", true},
                  {"https://example.com/hooks/users", true},
                  {"https://example.com/a/../hooks?x", true},
                  {"https://example.com/hooks-of-the-shop", false},
                  {"https://example.com/", false},
              });
}

TEST(OwnListeners, TheRefusalNamesTheAddressAndTheWayOut) {
  const OwnListeners own{.places = {{ip("::1"), 8000}}};
  EXPECT_EQ(refuse_own(own, parse_url("http://[::1]:8000/x").value()),
            "[::1]:8000 is this server's own address; register the URL of the receiver instead");
}

}  // namespace
}  // namespace exposee
