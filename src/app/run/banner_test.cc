#include "app/run/banner.h"

#include <gtest/gtest.h>

#include <sstream>

namespace exposee::app {
namespace {

class FixedClock final : public Clock {
 public:
  Instant now() const override { return from_micros(0); }
  Duration monotonic() const override { return {}; }
};

Banner example() {
  return {.version = "0.1.0",
          .url = "http://127.0.0.1:8000",
          .data = "./exposee-data",
          .store = "SQLite",
          .listen = "127.0.0.1:8000",
          .ready_in = std::chrono::milliseconds(38)};
}

TEST(Banner, SaysWhereEverythingIs) {
  EXPECT_EQ(
      banner_text(example()),
      "Exposee 0.1.0 · http://127.0.0.1:8000\n"
      "├─ API docs    http://127.0.0.1:8000/docs        Postman  http://127.0.0.1:8000/postman.json\n"
      "├─ Data        ./exposee-data (SQLite, 0 events)\n"
      "└─ Access      this machine only, no token needed\n"
      "Ready in 38 ms.  Try:  curl -X POST http://127.0.0.1:8000/users -H 'content-type: application/json' "
      "-d '{\"username\":\"alice\"}'\n");
}

TEST(Banner, CountsEventsAndNamesWhoMayCall) {
  Banner banner = example();
  banner.most_events = 1;
  banner.exposure.public_url = true;
  EXPECT_THAT(banner_text(banner), testing::HasSubstr("(SQLite, up to 1 event)"));
  EXPECT_THAT(banner_text(banner), testing::HasSubstr("└─ Access      everyone the proxy in front lets in"));
  banner.exposure.beyond_loopback = true;
  EXPECT_THAT(banner_text(banner), testing::HasSubstr("└─ Access      everyone who can reach this address"));
}

TEST(Banner, GoesToPeopleOnATerminalAndToTheLogElsewhere) {
  const struct {
    bool terminal, json, banner, line;
  } rows[] = {{true, false, true, false},
              {true, true, true, true},
              {false, true, false, true},
              {false, false, false, true}};
  for (const auto& row : rows) {
    std::ostringstream out, err;
    FixedClock clock;
    Log log({LogLevel::info, row.json}, err, clock);
    announce(example(), row.terminal, out, log);
    EXPECT_EQ(!out.str().empty(), row.banner);
    EXPECT_EQ(!err.str().empty(), row.line);
    if (!row.json) continue;
    EXPECT_THAT(err.str(), testing::HasSubstr(R"("message":"ready","url":"http://127.0.0.1:8000","listen":"127.0.0.1:8000")"));
  }
}

}  // namespace
}  // namespace exposee::app
