#include "app/settings/foreign_variables.h"

#include <gtest/gtest.h>

namespace exposee::app {
namespace {

TEST(ForeignVariables, ServicesOfAContainerPlatformAreKnownWhateverTheirName) {
  const struct {
    const char *name, *value;
  } rows[] = {
      {"EXPOSEE_SERVICE_HOST", "10.0.0.1"},
      {"EXPOSEE_SERVICE_PORT", "8000"},
      {"EXPOSEE_SERVICE_PORT_HTTP", "8000"},
      {"EXPOSEE_PORT", "tcp://10.0.0.1:8000"},
      {"EXPOSEE_PORT_8000_TCP", "tcp://10.0.0.1:8000"},
      {"EXPOSEE_PORT_8000_TCP_PROTO", "tcp"},
      {"EXPOSEE_PORT_8000_TCP_PORT", "8000"},
      {"EXPOSEE_PORT_8000_TCP_ADDR", "10.0.0.1"},
      {"EXPOSEE_PORT_53_UDP", "udp://10.0.0.1:53"},
      {"EXPOSEE_WEB_SERVICE_HOST", "10.0.0.1"},
      {"EXPOSEE_SERVER_SERVICE_PORT", "80"},
      {"EXPOSEE_WEB_SERVICE_PORT_HTTP_METRICS", "80"},
      {"EXPOSEE_SERVER_PORT", "tcp://10.0.0.1:80"},
      {"EXPOSEE_LOG_2_PORT_80_TCP_ADDR", "10.0.0.1"},
      {"EXPOSEE_A_PORT_B_PORT_7_SCTP_PORT", "7"},
      {"EXPOSEE_NAME", "/exposee/exposee"},
  };
  for (const auto& row : rows) EXPECT_TRUE(is_foreign_variable(row.name, row.value)) << row.name;
}

TEST(ForeignVariables, WhatAPersonMayHaveMeantAsASettingIsNot) {
  const struct {
    const char *name, *value;
  } rows[] = {
      {"EXPOSEE_PORT", "8000"},
      {"EXPOSEE_SERVER_PORT", "8000"},
      {"EXPOSEE_PORT_NUMBER", "8000"},
      {"EXPOSEE_PORT_80", "8000"},
      {"EXPOSEE_PORT_80_TCP_HOST", "8000"},
      {"EXPOSEE_SERVER_LISTEN_PORT_TCP", "8000"},
      {"EXPOSEE_LOG_LEVLE", "info"},
  };
  for (const auto& row : rows) EXPECT_FALSE(is_foreign_variable(row.name, row.value)) << row.name;
}

}  // namespace
}  // namespace exposee::app
