// One random story: clients, receivers, operators and crashes for a while, then peace until all is settled,
// then the books are checked. Every promise that can be seen from outside the engine is checked while it
// runs: what may start by start_checks.h, what is stored and counted by books.h.
#pragma once

#include "sim/world/books.h"
#include "sim/world/disk.h"
#include "sim/world/start_checks.h"
#include "sim/world/wire.h"

namespace exposee::sim {

// What a story is about, beside what happens in each.
struct Plot {
  int acts = 300;
  int crowd = 0;              // endpoints that are there from the beginning
  bool types_change = false;  // a third type comes and goes, beside the two that are always there
  bool damage = false;        // some rows cannot be read or written, for a while
  bool disk_fills = false;    // and has room again
  double elsewhere = 0;       // how often a receiver's name leads to addresses of others
};

class Story {
 public:
  Story(World& world, Disk& disk, Plot plot);

  void act();                    // faults and all
  void make_peace();             // receivers answer, endpoints are enabled, time passes beyond every schedule
  void check_books();            // promises D2, D4; invariants I2, I3, I5, I13
  std::uint64_t digest() const;  // of everything the receivers saw: equal for equal seeds

 private:
  struct Owed {
    EventId event;
    DeliveryKey key;
  };
  using Posts = std::map<std::pair<EndpointNumber, EventId>, std::vector<const Seen*>>;

  // What happens (story.cc).
  void one_act();
  void publish();
  void publish_again();
  void new_endpoint();
  void change_endpoint();
  void lose_endpoint();
  void declare_or_remove_type();
  void retry_something();
  void do_much_at_once();
  void test_endpoint();
  void pass_time();
  void set_clock();
  void break_store();
  void break_housekeeping();
  void damage_something();
  void fill_disk();
  void restart(void (World::*how)());

  void settings_are(EndpointNumber number, const std::optional<EndpointSettings>& told);
  engine::CreateEndpoint random_endpoint();
  engine::UpdateEndpoint random_change(const Endpoint& endpoint);
  void gather_crowd();
  void heal();
  void retry_soon(const DeliveryKey& key);
  void put_interruption(const Endpoint& endpoint);
  void cut_off(EndpointNumber number);
  const Endpoint* any_endpoint();
  const std::string& any_type();
  std::optional<DeliveryKey> any_owed();

  // How it ends (story_end.cc).
  void enable_everybody();
  void let_events_expire();
  Posts posts() const;
  void check_owed(const Owed& owed, const std::vector<const Seen*>& attempts);
  void check_acknowledged() const;

  World& world_;
  Disk& disk_;
  const Plot plot_;
  StartChecks starts_;
  Wire wire_;
  Books books_;
  std::vector<Owed> owed_;
  std::map<std::string, EventId> keys_;   // idempotency keys already answered
  std::set<EndpointNumber> interrupted_;  // endpoints that were ever removed, disabled or unsubscribed
  std::vector<std::string> types_{"user_registered", "user_send_message"};
  int urls_ = 0;
  int key_count_ = 0;
};

}  // namespace exposee::sim
