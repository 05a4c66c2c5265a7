#include "observe/fan_out.h"

#include <gtest/gtest.h>

#include <string>

namespace exposee::observe {
namespace {

// Writes down who was told what.
class Told final : public Observer, public CallObserver {
 public:
  Told(char name, std::string& all, bool details = false) : name_(name), all_(all), details_(details) {}

  void attempt_finished(const AttemptNote&) override { note("attempt"); }
  void turn_committed(const TurnNote&) override { note("commit"); }
  void registry_changed(const ChangeNote&) override { note("change"); }
  void store_failed(const Error&) override { note("failed"); }
  void store_recovered() override { note("recovered"); }
  void attempt_not_begun(const Endpoint&, std::string_view, Instant) override { note("not_begun"); }
  void endpoint_disabled(const Endpoint&) override { note("disabled"); }
  void breaker_changed(const Endpoint&, bool) override { note("breaker"); }
  void hold_changed(const Endpoint&, std::optional<Instant>) override { note("hold"); }
  void chore_failed(ChoreKind, const Error&) override { note("chore_failed"); }
  void chore_recovered(ChoreKind) override { note("chore_recovered"); }
  void delivery_overflowed(const Endpoint&, Instant) override { note("overflow"); }
  void disk_low(bool, std::uint64_t, std::uint64_t) override { note("disk"); }
  void row_in_trouble(const RowTrouble&) override { note("row"); }
  void turn_ended(const TurnEnd&) override { note("end"); }
  void endpoints_counted(const Census&) override { note("census"); }
  bool wants_details() const override { return details_; }
  void call_answered(const CallNote&) override { note("call"); }
  void reply_cut_off(std::string_view, const Error&) override { note("cut"); }
  void test_finished(const TestNote&) override { note("test"); }
  void host_refused(std::string_view, Instant) override { note("host"); }

 private:
  void note(std::string_view what) { all_.append(1, name_).append(":").append(what).append(" "); }

  const char name_;
  std::string& all_;
  const bool details_;
};

TEST(FanOut, TellsEachMemberEverythingInOrder) {
  std::string all;
  Told a('a', all), b('b', all);
  FanOut fan_out({&a, &b});
  Observer& door = fan_out;
  const Endpoint endpoint;
  door.attempt_finished({});
  door.turn_committed({});
  door.registry_changed({});
  door.store_failed({});
  door.store_recovered();
  door.attempt_not_begun(endpoint, "", {});
  door.endpoint_disabled(endpoint);
  door.breaker_changed(endpoint, true);
  door.hold_changed(endpoint, std::nullopt);
  door.chore_failed(ChoreKind::retention, {});
  door.chore_recovered(ChoreKind::retention);
  door.delivery_overflowed(endpoint, {});
  door.disk_low(true, 1, 2);
  door.row_in_trouble({});
  door.turn_ended({});
  door.endpoints_counted({});
  std::string expected;
  for (const std::string what :
       {"attempt", "commit", "change", "failed", "recovered", "not_begun", "disabled", "breaker", "hold",
        "chore_failed", "chore_recovered", "overflow", "disk", "row", "end", "census"}) {
    expected += "a:" + what + " b:" + what + " ";
  }
  EXPECT_EQ(all, expected);
}

TEST(CallFanOut, WantsDetailsWhenOneMemberDoes) {
  std::string all;
  Told terse('t', all), curious('c', all, true);
  EXPECT_FALSE(CallFanOut({&terse}).wants_details());
  CallFanOut both({&terse, &curious});
  EXPECT_TRUE(both.wants_details());
  const Event event{};
  const Url url{};
  const Response response{};
  both.call_answered({});
  both.reply_cut_off("/users", {});
  both.test_finished({TestKind::ping, event, url, response});
  both.host_refused("evil.example", {});
  EXPECT_EQ(all, "t:call c:call t:cut c:cut t:test c:test t:host c:host ");
}

}  // namespace
}  // namespace exposee::observe
