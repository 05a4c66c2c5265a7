// One random story: clients, receivers, operators and crashes for a while, then peace until all is settled,
// then the books are checked. Every promise that can be seen from outside the engine is checked while it
// runs.
#pragma once

#include "sim/world.h"

namespace exposee::sim {

class Story {
 public:
  Story(World& world, std::function<void()> break_store)
      : world_(world), break_store_(std::move(break_store)) {}
  // From now on a third type comes and goes, beside the two that are always there.
  void let_types_come_and_go();

  void act(int steps);           // faults and all
  void make_peace();             // receivers answer, endpoints are enabled, time passes beyond every schedule
  void check_books() const;      // promises D2, D4; invariants I1, I2, I5 to I10, I13, I16
  std::uint64_t digest() const;  // of everything the receivers saw: equal for equal seeds

 private:
  struct Owed {
    EventId event;
    DeliveryKey key;
  };
  void watch_starts();
  void one_act();
  void publish();
  void publish_again();
  void new_endpoint();
  void change_endpoint();
  void lose_endpoint();
  void declare_or_remove_type();
  const std::string& any_type();
  void retry_something();
  void retry_soon(const DeliveryKey& key);
  void pass_time();
  void set_clock();
  void do_much_at_once();
  void put_interruption(const Endpoint& endpoint);
  void check_acknowledged() const;
  void check_start(const SendJob& job);
  void check_gap(const DeliveryKey& key, std::uint32_t attempt);
  void check_order(const DeliveryKey& key);
  void note_response(EndpointNumber number, const Response& response);
  void test_endpoint();
  void restart(void (World::*how)());
  void cut_off(EndpointNumber number);
  const Endpoint* any_endpoint();

  World& world_;
  std::function<void()> break_store_;
  std::vector<Owed> owed_;
  std::map<std::string, EventId> keys_;  // idempotency keys already answered
  std::set<DeliveryKey> by_hand_;
  std::set<DeliveryKey> asked_by_hand_;         // and not cut off since
  std::map<EndpointNumber, EventSeq> cut_off_;  // up to here nothing may start but by hand
  std::set<EndpointNumber> interrupted_;        // endpoints that were ever removed, disabled or unsubscribed
  struct LastStart {
    Instant at;
    std::uint32_t attempt = 0;
    bool hurried = false;  // it came before its time, because the endpoint was back
  };
  std::map<DeliveryKey, LastStart> last_start_;             // of this life, and since the clock was set
  std::map<EndpointNumber, Instant> well_at_, refused_at_;  // its last success, its last refused connection
  struct Hold {
    Instant from, until;
  };
  std::map<EndpointNumber, Hold> holds_;         // what receivers asked for, and nobody overrode
  std::map<EndpointNumber, EventSeq> in_order_;  // of ordered endpoints: the furthest that was attempted
  std::vector<std::string> types_{"user_registered", "user_send_message"};
  int urls_ = 0;
  int key_count_ = 0;
};

}  // namespace exposee::sim
