#include "api/access/own_host.h"

#include <gtest/gtest.h>

namespace exposee::api {
namespace {

ApiOptions alone() {
  ApiOptions options;
  options.own_hosts = {"localhost", "127.0.0.1", "[::1]", "box.example.org"};
  return options;
}

ApiOptions in_network() {
  auto options = alone();
  options.in_network = true;
  return options;
}

TEST(OwnHost, IsWhatNoStrangersPageCanBeNamed) {
  const struct {
    std::string_view host;
    bool alone, in_network;
  } rows[] = {
      {"localhost:8000", true, true},
      {"LOCALHOST", true, true},
      {"exposee.localhost:8000", true, true},
      {"Box.Example.org", true, true},
      {"127.0.0.1:8000", true, true},
      {"[::1]:8000", true, true},
      {"10.0.0.5:8000", false, true},
      {"[2001:db8::7]:8000", false, true},
      {"exposee:8000", false, true},
      {"exposee_web", false, true},
      {"box.local", false, true},
      {"exposee.hooks.svc.cluster.local:8000", false, true},
      {"Exposee.Internal", false, true},
      {"box.home.arpa:80", false, true},
      {"exposee.test", false, true},
      {"evil.example", false, false},
      {"evil.example:8000", false, false},
      {"evil.box.example.org", false, false},
      {"127.0.0.1.evil.example", false, false},
      {"localhost.evil.example", false, false},
      {"notlocalhost.evil.example", false, false},
      {"evil.xlocal", false, false},
      {".local", false, false},
      {"box.lan", false, false},  // a habit; public DNS may hold it one day
      {"home.arpa", false, false},
      {"010.0.0.5", false, false},
      {"exposee.", false, false},
      {"", false, false},
      {":8000", false, false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(is_own_host(alone(), row.host), row.alone) << row.host;
    EXPECT_EQ(is_own_host(in_network(), row.host), row.in_network) << row.host;
  }
}

TEST(OwnHost, OperatorsNameMore) {
  auto options = alone();
  options.allowed_hosts = {"hooks.example.com", "*.corp.example"};
  const struct {
    std::string_view host;
    bool own;
  } rows[] = {{"hooks.example.com:8000", true}, {"HOOKS.example.com", true},
              {"a.hooks.example.com", false},   {"a.b.corp.example", true},
              {"corp.example", false},          {"corp.example.evil.example", false},
              {"evilcorp.example", false}};
  for (const auto& row : rows) EXPECT_EQ(is_own_host(options, row.host), row.own) << row.host;
  options.allowed_hosts = {std::string(kAnyHost)};
  EXPECT_TRUE(is_own_host(options, "evil.example"));
  EXPECT_TRUE(is_own_host(options, ""));
}

}  // namespace
}  // namespace exposee::api
