// A small world for the engine: a clock that jumps, seeded randomness, receivers with characters, clients
// that register, publish and retry, and crashes. The same seed gives the same story. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "fakes/memory_store.h"
#include "fakes/quiet_observer.h"

namespace exposee::sim {

// A wall clock that goes wrong by whatever it is set to, over a time that nobody can set.
class SimClock final : public Clock {
 public:
  Instant now() const override { return true_now_ + wrong_by_; }
  Duration monotonic() const override { return true_now_ - kStart; }
  Instant true_now() const { return true_now_; }
  void advance_to(Instant t) { true_now_ = std::max(true_now_, t); }
  void set_wrong_by(Duration error) {
    wrong_by_ = error;
    most_ahead_ = std::max(most_ahead_, error);
  }
  // No clock of this world has ever shown a later time.
  Instant latest() const { return true_now_ + most_ahead_; }

 private:
  static constexpr Instant kStart = from_micros(1'700'000'000'000'000);
  Instant true_now_ = kStart;
  Duration wrong_by_{}, most_ahead_{};
};

// SplitMix64: tiny, seeded, the same everywhere.
class SimRandom final : public Random {
 public:
  explicit SimRandom(std::uint64_t seed) : seed_(seed), state_(seed) {}
  std::uint64_t seed() const { return seed_; }
  std::uint64_t next();
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  bool chance(double probability) { return random01() < probability; }
  void fill(std::span<std::uint8_t> bytes) override;

 private:
  const std::uint64_t seed_;
  std::uint64_t state_;
};

// What one receiver does with a POST.
enum class Mood : std::uint8_t {
  fine,
  slow,
  broken,
  refusing,
  busy,
  hanging,
  gone,
  confused,
  busy_by_date,
  busy_for_a_day,
  uneven  // prompt, but for one in ten
};
constexpr std::uint64_t kRandomMoods = 8;  // so many of them random stories draw from

struct Receiver {
  Mood mood = Mood::fine;
};

// One POST as the receivers saw it.
struct Seen {
  std::uint64_t number;  // order over the whole story
  Instant at;            // true time
  EndpointNumber endpoint;
  EventId event;
  std::string body;
  std::uint32_t attempt;
  int status;
  std::uint32_t life;  // how many crashes came before
};

// The sender: results arrive when the world's clock reaches their time. A job waits for its turn
// (max_in_flight), and may wait before it comes, as for a connection; one whose target is withdrawn by then
// does not start.
class SimSender final : public Sender {
 public:
  SimSender(SimClock& clock, SimRandom& random) : clock_(clock), random_(random) {}
  void send(std::vector<SendJob>&& jobs, SendSink& sink) override;
  std::optional<Instant> next_event() const;
  void deliver_due();
  void crash();  // everything under way is forgotten; receivers may have seen it all the same
  std::size_t under_way() const {
    return pending_.size();
  }  // attempts that have started and are not answered

  std::map<EndpointNumber, Receiver> receivers;
  std::vector<Seen> seen;
  std::map<EndpointNumber, std::uint32_t> in_flight;
  std::map<EndpointNumber, std::uint32_t> most_in_flight;
  std::uint32_t life = 0;
  Duration longest_wait{};       // before a job starts; zero: it starts as it comes
  std::uint64_t given_back = 0;  // jobs that never started
  bool lacks_room = false;       // no job can start: this machine has no descriptor left
  // Called as a job comes, before each attempt starts, and as a job that has not started goes back: the
  // places to check that it may.
  std::function<void(const SendJob&)> on_handed, on_start, on_given_back;
  // Called when a response is handed over.
  std::function<void(EndpointNumber, const Response&)> on_response;
  // What a receiver thinks of one event, whatever its mood; nothing: its mood decides.
  std::function<std::optional<Mood>(const SendJob&)> opinion;
  // Called as an attempt starts: why nothing of it is sent, if so.
  std::function<std::optional<std::string>(const SendJob&)> transmits;
  // What a sender must not do.
  std::function<void(Response&)> tells;  // the engine, something else than there was
  bool sends_twice = false, ignores_withdrawal = false, ignores_turns = false, judges_no_address = false;
  std::function<void(const Target&, std::string& head)> spoils_request;

 private:
  struct Pending {
    Instant at;
    std::uint64_t order;
    SendResult result;
    EndpointNumber endpoint;
    SendSink* sink;
    bool operator>(const Pending& o) const { return std::tie(at, order) > std::tie(o.at, o.order); }
  };
  struct Waiting {
    Instant until;
    SendJob job;
    SendSink* sink;
  };
  struct Turn {
    SendJob job;
    SendSink* sink;
  };
  Response make_response(Mood mood, Duration& latency);
  Response make_response(const SendJob& job, Duration& latency);
  void take_turn(SendJob&& job, SendSink& sink);
  void serve(EndpointNumber endpoint);
  void give_back_withdrawn();
  void start(const SendJob& job, SendSink& sink);
  void give_back(const SendJob& job, SendSink& sink, SendOutcome why);
  void start_due();

  SimClock& clock_;
  SimRandom& random_;
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> pending_;
  std::vector<Waiting> waiting_;
  std::map<EndpointNumber, std::deque<Turn>> lines_;
  std::uint64_t order_ = 0;
};

// Reads what waits for endpoints, and tells it in a later turn: as it was when it was asked for, or when it
// is told.
class SimBacklogReader final : public BacklogReader {
 public:
  SimBacklogReader(SimClock& clock, SimRandom& random, std::unique_ptr<Store>& store)
      : clock_(clock), random_(random), store_(store) {}
  void read(BacklogReads&& reads, BacklogSink& sink) override;
  std::optional<Instant> next_event() const;
  void deliver_due();
  void crash() { pending_.clear(); }
  bool fails = false;         // its connection does, not the store
  bool as_asked = false;      // always as it was then
  bool is_slow = false;       // a read for windows takes hours
  bool slow_are_all = false;  // and any other
  std::function<void(const BacklogResult&)> on_result = [](const auto&) {};  // called as one is told
  bool forgets = false;                                                      // what it was asked for
  bool is_reading = false;                                                   // just now

 private:
  struct Pending {
    Instant at;
    std::optional<BacklogReads> reads;  // nothing: they are answered
    BacklogResults results;
    BacklogSink* sink;
  };
  BacklogResults carry_out(BacklogReads&& reads);
  static void fail(BacklogResults& results);

  SimClock& clock_;
  SimRandom& random_;
  std::unique_ptr<Store>& store_;
  std::vector<Pending> pending_;
};

// What holds an endpoint's deliveries back, and lets them go on.
inline SettingChanges pausing(bool paused) {
  return setting_change(&EndpointSettings::paused, paused);
}

// Gives away what it is told in words.
class SimObserver final : public fakes::QuietObserver {
 public:
  void attempt_finished(const AttemptNote& note) override {
    ++finished;
    on_words(note.response->detail);
  }
  void store_failed(const Error& error) override {
    QuietObserver::store_failed(error);
    tell(error);
  }
  void attempt_not_begun(const Endpoint& endpoint, std::string_view why, Instant now) override {
    QuietObserver::attempt_not_begun(endpoint, why, now);
    on_words(why);
  }
  void row_in_trouble(const RowTrouble& trouble) override {
    QuietObserver::row_in_trouble(trouble);
    for (const auto* words : {&trouble.table, &trouble.row, &trouble.why}) on_words(*words);
  }
  void chore_failed(ChoreKind chore, const Error& error) override {
    QuietObserver::chore_failed(chore, error);
    tell(error);
  }
  std::function<void(std::string_view)> on_words = [](std::string_view) {};
  std::uint64_t finished = 0;  // attempts

 private:
  void tell(const Error& error) const {
    on_words(error.message);
    on_words(error.hint);
  }
};

struct Options {
  std::uint64_t seed = 1;
  engine::EngineSettings settings;
  std::function<std::unique_ptr<Store>()> make_store;  // opens the same data again after a crash
  std::function<void()> lose_unsynced;                 // what a power failure does to that data
  const DiskSpace* space = nullptr;                    // what is left of the disk; null: nobody says
  bool reads_late = false;  // what waits for endpoints is read by another, whose results come later
};

class World {
 public:
  explicit World(Options options);
  ~World();

  // Turns until `span` of virtual time has passed.
  void run(Duration span);
  // One turn now; results due are delivered first.
  void step();
  void crash();             // the process is gone; start() follows at once
  void fail_power();        // and with it what had not to be on disk
  void stop_and_restart();  // a clean stop
  void start_again();       // the process is gone before its first turn

  // Calls as a client makes them; the outcome is there after the turn in which it was decided.
  std::optional<engine::Outcome<engine::Registered>> add_endpoint(const std::string& url,
                                                                  std::vector<std::string> patterns,
                                                                  std::optional<RetrySchedule> schedule = {});
  void declare(const std::string& type);
  std::optional<engine::Outcome<EventType>> try_to_declare(const std::string& type);
  std::optional<engine::Outcome<std::monostate>> remove_type(const std::string& type,
                                                             engine::TypeCondition only_if = {});
  std::optional<engine::Outcome<engine::Registered>> create(engine::CreateEndpoint command);
  std::optional<engine::Outcome<engine::Registered>> update(engine::UpdateEndpoint command);
  std::optional<engine::Outcome<std::monostate>> remove(const EndpointId& id);
  std::optional<engine::Outcome<std::monostate>> unregister(const std::string& type, const std::string& url);
  std::optional<engine::Outcome<engine::Published>> publish(const std::string& type, const std::string& data,
                                                            const std::string& key = {});
  std::optional<engine::Outcome<DeliveryRow>> retry(const DeliveryKey& key);
  void test_succeeds(EndpointNumber endpoint);  // a test delivery to it got a 2xx
  // Puts a command in the inbox, for the next turn; `told_yes` when it is answered as done.
  template <class C>
  void put(C command, std::function<void()> told_yes = [] {}) {
    command.reply.render = [](const auto& outcome) { return engine::Reply{outcome ? 200 : 400, ""}; };
    command.reply.deliver = [told_yes](engine::Reply&& reply) {
      if (reply.status == 200) told_yes();
    };
    engine->commands().submit(std::move(command));
  }
  // Puts a publish in the inbox and does not wait; `acked` learns of it.
  void publish_soon(const std::string& type, const std::string& data);

  std::optional<DeliveryRow> find_delivery(const DeliveryKey& key);  // as the store knows it

  const engine::EngineSettings& settings() const { return options_.settings; }
  // By the wall clock as it was when the engine started: for a day it believes no other that is ahead.
  Instant believed_time() const { return clock.true_now() + wrong_at_start_; }

  struct Acked {
    EventId id;
    EventSeq seq;
    std::vector<EndpointNumber> owed_to;
  };

  SimClock clock;
  SimRandom random;
  SimSender sender;
  SimObserver observer;
  std::vector<Acked> acked;
  std::set<EventId> accepted;   // every event whose client was told so
  std::set<EventId> undecided;  // others that may be stored all the same
  std::uint64_t refused = 0;
  // Called as a client is told that its event was accepted, and after every turn.
  std::function<void(const engine::Published&)> on_accepted = [](const auto&) {};
  std::function<void()> after_step = [] {};
  // An engine is started with other settings than everybody knows of.
  std::function<void(engine::EngineSettings&)> other_settings = [](auto&) {};
  std::unique_ptr<Store> store;
  SimBacklogReader backlog_reader{clock, random, store};
  std::unique_ptr<engine::Engine> engine;

 private:
  void start();
  void note_decided(std::optional<EventId>& last, const engine::Outcome<engine::Published>& outcome);
  void note_accepted(const engine::Published& published);
  template <class C, class T>
  std::optional<engine::Outcome<T>> ask(C command, const engine::ReplyTo<T>*,
                                        std::function<void(const T&)> told = {});

  Options options_;
  Duration wrong_at_start_{};
};

}  // namespace exposee::sim
