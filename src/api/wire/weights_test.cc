#include "api/wire/weights.h"

#include <gtest/gtest.h>

namespace exposee::api {
namespace {

TEST(Weights, AreReadByName) {
  const struct {
    std::string_view list;
    std::optional<int> weight;
  } rows[] = {{"gzip", 1000},          {"br, gzip", 1000},      {"GZip", 1000},        {"gzip;q=0", 0},
              {"gzip; q=0", 0},        {"gzip ;q=0", 0},        {"gzip;Q=0.000", 0},   {"gzip;q=0.5", 500},
              {"gzip;q=0.05", 50},     {"gzip;q=1.000", 1000},  {"gzip;q=1.", 1000},   {"gzip;q=0.001", 1},
              {"gzip; q = 0.7", 700},  {"gzip;level=9;q=0", 0}, {"gzip;q=", 0},        {"gzip;q=2", 0},
              {"gzip;q=1.5", 0},       {"gzip;q=0.0001", 0},    {"gzip;q=x", 0},       {"gzip;q=-1", 0},
              {"xgzip", std::nullopt}, {"gzipx", std::nullopt}, {"br", std::nullopt},  {"", std::nullopt},
              {" , ,gzip", 1000},      {"br;q=1,gzip;q=0", 0},  {"*", std::nullopt}};
  for (const auto& row : rows) EXPECT_EQ(weight_of(row.list, "gzip"), row.weight) << row.list;
}

TEST(Weights, ACodingIsPreferredWhenItIsTakenAndNoLessWantedThanNone) {
  const struct {
    std::string_view list;
    bool gzip;
  } rows[] = {{"gzip, deflate, br", true},
              {"gzip;q=0.5", true},
              {"gzip; q=0", false},
              {"*", true},
              {"*;q=0", false},
              {"*;q=0, gzip", true},
              {"*, gzip;q=0", false},
              {"identity", false},
              {"identity;q=0.5, *", true},
              {"gzip;q=0.5, identity", false},
              {"gzip;q=0.5, identity;q=0.5", true},
              {"identity;q=0, gzip;q=0.1", true},
              {"br", false},
              {"", false}};
  for (const auto& row : rows) EXPECT_EQ(prefers_coding(row.list, "gzip"), row.gzip) << row.list;
}

}  // namespace
}  // namespace exposee::api
