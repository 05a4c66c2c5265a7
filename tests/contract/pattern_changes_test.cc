// What becomes of what is owed when an endpoint asks for other patterns, or types come and go: the engine's registry
// decides, and every store says the same of it.
#include "contract/store_suite.h"
#include "engine/registry.h"

namespace exposee::contract {
namespace {

struct Story {
  const char* name;
  std::vector<std::string> steps;  // what happens; after each of them an event of every type is accepted
  std::string user, paid, fresh;   // of these types' events: pending, cancelled or never owed
};

const Story kStories[] = {
    {"the same", {"want order.*", "want order.*"}, "--", "pp", ""},
    {"narrowed", {"want *", "want order.*"}, "c-", "pp", ""},
    {"narrowed to a name", {"want *", "want order.paid"}, "c-", "pp", ""},
    {"narrowed twice", {"want *", "want order.*", "want order.paid"}, "c--", "ppp", ""},
    {"widened", {"want order.*", "want *"}, "-p", "pp", ""},
    {"widened twice", {"want order.paid", "want order.*", "want *"}, "--p", "ppp", ""},
    {"widened and narrowed", {"want order.paid", "want *", "want order.*"}, "-c-", "ppp", ""},
    {"widened and narrowed elsewhere", {"want order.*", "want *", "want user"}, "-pp", "cc-", ""},
    {"disjoint", {"want order.*", "want user"}, "-p", "c-", ""},
    {"disjoint and back", {"want order.*", "want user", "want order.*"}, "-c-", "c-p", ""},
    {"added again", {"want *", "want order.*", "want *"}, "c-p", "ppp", ""},
    {"added beside", {"want order.*", "want order.* user"}, "-p", "pp", ""},
    {"the wider one taken away", {"want * order.paid", "want order.paid"}, "c-", "pp", ""},
    {"disabled meanwhile", {"want *", "disable", "want *"}, "c-p", "c-p", ""},
    {"declared later", {"want order.*", "declare order.new"}, "--", "pp", "p"},
    {"declared later, then narrowed", {"want *", "declare order.new", "want order.new"}, "cc-", "cc-", "pp"},
    {"declared while disabled", {"want order.*", "disable", "declare order.new", "want order.*"}, "----", "c--p", "-p"},
    {"removed and declared again", {"want order.*", "remove order.paid", "declare order.paid"}, "---", "pp", ""},
    {"narrowed while it is removed",
     {"want *", "remove order.paid", "want user", "declare order.paid"},
     "pppp",
     "c-",
     ""},
    {"widened while it is removed",
     {"want user", "remove order.paid", "want *", "declare order.paid"},
     "pppp",
     "-p",
     ""},
};

class PatternChanges : public StoreContract {
 protected:
  // On an empty store.
  void begin() {
    begin_anew();
    registry_ = {};
    events_.clear();
    last_ = 0;
    declare("user");
    declare("order.paid");
    registry_.add_endpoint(wanting(""));
    keep();
  }

  void carry_out(const std::string& step) {
    const auto verb = step.substr(0, step.find(' ')), rest = step.substr(std::min(step.size(), verb.size() + 1));
    if (verb == "declare") declare(rest);
    if (verb == "remove") set_removed(rest, at(1));
    if (verb == "want") registry_.change_endpoint(wanting(rest));
    if (verb == "disable") disable();
    keep();
    for (const auto& type : registry_.types()) {
      if (!type.removed_at) accept(type);
    }
  }

  // Of the events of one type, in order, a letter each.
  std::string states(const std::string& type) {
    std::string text;
    for (const auto number : events_[type]) {
      const auto status = status_of(key(number, 1));
      text += status == "never owed" ? '-' : status[0];
      compare_with_lists(number, status);
    }
    return text;
  }

 private:
  static Endpoint wanting(const std::string& patterns) {
    auto made = sample_endpoint(1);
    for (std::size_t from = 0; from < patterns.size();) {
      const auto end = std::min(patterns.find(' ', from), patterns.size());
      made.events.push_back({patterns.substr(from, end - from), {}});
      from = end + 1;
    }
    return made;
  }
  void disable() {
    auto disabled = *registry_.find(endpoint(1))->endpoint;
    disabled.disabled_reason = "by a test";
    registry_.change_endpoint(disabled);
  }
  void declare(const std::string& name) {
    if (registry_.any_type_named(name)) return set_removed(name, std::nullopt);
    registry_.add_type({registry_.next_type(), name, "", at(1)});
  }
  void set_removed(const std::string& name, std::optional<Instant> at) {
    auto type = *registry_.any_type_named(name);
    type.removed_at = at;
    registry_.change_type(type);
  }
  void keep() {
    must(store().write({.registry = &registry_.changes()}));
    registry_.settle();
  }
  void accept(const EventType& type) {
    auto event = *sample_event(++last_, type.number.value, registry_.version().value);
    event.type_name = type.name;
    add_events({std::make_shared<const Event>(event)});
    events_[type.name].push_back(last_);
  }
  void compare_with_lists(std::uint64_t number, const std::string& status) {
    const auto page = store().load_owed(endpoint(1), std::vector{seq(number)}, SIZE_MAX);
    EXPECT_EQ(page->events.size(), status == "pending" ? 1u : 0u);
    for (const auto each : {DeliveryStatus::pending, DeliveryStatus::cancelled}) {
      EXPECT_EQ(list({.status = each, .event = seq(number)}).size(), to_text(each) == status ? 1u : 0u);
    }
    const auto listed = reader().events({.before = seq(number + 1), .limit = 1});
    EXPECT_EQ(listed->events.at(0).deliveries, status == "never owed" ? 0u : 1u);
  }

  engine::Registry registry_;
  std::map<std::string, std::vector<std::uint64_t>> events_;
  std::uint64_t last_ = 0;
};

TEST_P(PatternChanges, OweWhatWasOwedAndNothingElse) {
  for (const auto& story : kStories) {
    SCOPED_TRACE(story.name);
    begin();
    for (const auto& step : story.steps) carry_out(step);
    EXPECT_EQ(states("user"), story.user);
    EXPECT_EQ(states("order.paid"), story.paid);
    EXPECT_EQ(states("order.new"), story.fresh);
  }
}

EXPOSEE_FOR_EVERY_STORE(PatternChanges);

}  // namespace
}  // namespace exposee::contract
