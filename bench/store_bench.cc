// What the SQLite store costs by itself: turns of events and attempts committed, a lane's backlog read back,
// lists over millions of attempts. Prints one line a figure. Absolute numbers mean little on a shared
// machine; compare lines of one run.
//
//   bench-store DIRECTORY [ROWS]     DIRECTORY is made for the run and left behind; ROWS of the big tables,
//   5,000,000
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "engine/step_size.h"
#include "store/sqlite/sqlite_store.h"

namespace {

using namespace exposee;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kBodyBytes = 420;  // a 300-byte payload in its envelope
constexpr std::uint64_t kTurnRows = 300'000;
constexpr std::uint64_t kFailEvery = 50;  // of the big tables: so many deliveries have a row
constexpr EndpointNumber kEndpoint{1};
constexpr std::int64_t kStart = 1'746'590'590'000'000;

template <class T>
T must(Result<T> result) {
  if (result) {
    if constexpr (!std::is_void_v<T>) return *std::move(result);
    if constexpr (std::is_void_v<T>) return;
  }
  std::fprintf(stderr, "bench-store: %s\n", result.error().message.c_str());
  std::exit(1);
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double user_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) + static_cast<double>(usage.ru_utime.tv_usec) * 1e-6;
}

long resident_kib() {
  long pages = 0, resident = 0;
  if (auto* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%ld %ld", &pages, &resident) != 2) resident = 0;
    std::fclose(file);
  }
  return resident * 4;
}

// Makes rows the way a busy engine does: each turn new events, and the outcomes of the turn before.
class Load {
 public:
  explicit Load(store::SqliteStore& store, std::uint64_t fan_out = 1) : store_(store), fan_out_(fan_out) {}

  void declare() {
    RegistryChanges changes{.version = RegistryVersion{1},
                            .types = {{TypeNumber{1}, "user_registered", "", {}},
                                      {TypeNumber{2}, "nobody_cares", "", {}}},
                            .subscriptions = {{"user_registered", kEndpoint, RegistryVersion{1}, {}}}};
    for (std::uint64_t n = 1; n <= 2; ++n) {
      changes.endpoints.push_back(std::make_shared<const Endpoint>(Endpoint{.number = EndpointNumber{n}}));
    }
    write({.registry = &changes});
  }

  // `events` new ones and as many attempts; every `fail_every`-th fails and gets a row, 0: none.
  void turn(std::uint64_t events, std::uint64_t fail_every) {
    fill_events(events);
    write({.marker = {1, ++turns_}, .events = events_, .attempts = attempts_, .deliveries = rows_});
    fill_attempts(fail_every);
  }
  // The outcomes still missing, and a checkpoint above everything.
  void settle() {
    write({.attempts = attempts_, .deliveries = rows_, .checkpoint = Checkpoint{last(), {}}});
    attempts_.clear();
    rows_.clear();
  }
  EventSeq last() const { return EventSeq{first_seq(1).value + made_ - 1}; }

 private:
  void write(const Turn& turn) {
    const auto written = store_.write(turn);
    if (written) return;
    std::fprintf(stderr, "bench-store: %s\n", written.error.message.c_str());
    std::exit(1);
  }

  static Instant at(std::uint64_t event) {
    return from_micros(kStart + static_cast<std::int64_t>(event * 11));
  }

  void fill_events(std::uint64_t count) {
    events_.clear();
    for (; count > 0; --count) {
      const auto n = made_++;
      Event event;
      event.seq = EventSeq{first_seq(1).value + n};
      std::array<std::uint8_t, 10> noise{};
      for (std::size_t i = 0; i < 8; ++i)
        noise[i] = static_cast<std::uint8_t>((n * 0x9E3779B97F4A7C15ull) >> (8 * i));
      event.accepted_at = at(n);
      event.id = EventId{uuid_v7(event.accepted_at, noise)};
      event.type = TypeNumber{1};
      event.version = RegistryVersion{1};
      event.body.assign(kBodyBytes, 'x');
      events_.push_back(std::make_shared<const Event>(std::move(event)));
    }
  }

  void fill_attempts(std::uint64_t fail_every) {
    attempts_.clear();
    rows_.clear();
    for (std::uint64_t n = 0; n < events_.size() * fan_out_; ++n) {
      const auto& event = events_[n / fan_out_];
      AttemptRow attempt{{event->seq, EndpointNumber{kEndpoint.value + n % fan_out_}},
                         1,
                         fail_every == 0 || event->seq.value % fail_every != 0,
                         {}};
      attempt.response.status = attempt.succeeded ? 200 : 503;
      attempt.response.reason = attempt.succeeded ? "OK" : "Service Unavailable";
      attempt.response.content_type = "application/json";
      attempt.response.remote_address = "127.0.0.1:9000";
      attempt.response.reused = true;
      attempt.response.started_at = event->accepted_at;
      attempt.response.timing.first_byte = Duration{310};
      attempt.response.timing.total = Duration{330};
      if (!attempt.succeeded) rows_.push_back(failed(attempt));
      attempts_.push_back(std::move(attempt));
    }
  }
  // Four in five are exhausted in the end, the others wait for their retry.
  static DeliveryRow failed(const AttemptRow& attempt) {
    DeliveryRow row;
    row.key = attempt.key;
    row.status =
        attempt.key.event.value / kFailEvery % 5 ? DeliveryStatus::exhausted : DeliveryStatus::pending;
    if (row.status == DeliveryStatus::pending) row.due = attempt.response.started_at + std::chrono::seconds(5);
    row.cause = attempt.key.event.value / kFailEvery % 3 ? Cause::http : Cause::timeout;
    row.attempts = 1;
    row.updated_at = attempt.response.started_at;
    return row;
  }

  store::SqliteStore& store_;
  const std::uint64_t fan_out_;
  std::uint64_t made_ = 0, turns_ = 0;
  std::vector<EventRef> events_;
  std::vector<AttemptRow> attempts_;
  std::vector<DeliveryRow> rows_;
};

// --- figures --------------------------------------------------------------------------------------------

void commits(const std::string& directory, std::uint64_t rows_a_commit, bool durable) {
  auto store = must(store::SqliteStore::open(directory, {.durable = durable}));
  Load load(*store);
  load.declare();
  for (int warm = 0; warm < 50; ++warm) load.turn(rows_a_commit / 2, 0);
  const auto start = Clock::now();
  const double cpu = user_seconds();
  std::uint64_t rows = 0;
  for (; rows < kTurnRows; rows += rows_a_commit) load.turn(rows_a_commit / 2, 0);
  const double took = seconds_since(start);
  std::printf("commit of %5llu rows, %s  %8.0f rows/s  %6.2f us user CPU a row (making them included)\n",
              static_cast<unsigned long long>(rows_a_commit), durable ? "fsync   " : "no fsync",
              static_cast<double>(rows) / took, (user_seconds() - cpu) / static_cast<double>(rows) * 1e6);
}

void backlog(const std::string& directory) {
  auto store = must(store::SqliteStore::open(directory));
  Load load(*store);
  load.declare();
  constexpr std::uint64_t kEvents = 200'000;
  for (std::uint64_t n = 0; n < kEvents; n += 1000) {
    load.turn(1000, 0);
  }
  const auto read_packs = [&](const char* name, EndpointNumber endpoint) {
    const auto start = Clock::now();
    std::uint64_t owed = 0;
    for (const auto& pack : must(store->load_start()).packs) {
      if (pack.key.endpoint != endpoint) continue;
      const auto named = must(store->load_pack(pack.key, pack.last));
      owed += must(store->load_owed(endpoint, named.events, SIZE_MAX)).events.size();
    }
    std::printf("read packs, %-27s %8.3f us an event\n", name, seconds_since(start) / kEvents * 1e6);
  };
  for (const auto endpoint : {kEndpoint, EndpointNumber{2}}) {
    std::vector<EventPack> packs;
    for (std::uint64_t n = 0; n < kEvents; ++n) add_to(packs, EventSeq{first_seq(1).value + n});
    std::vector<BacklogPack> rows;
    for (auto& pack : packs) rows.push_back({endpoint, std::move(pack)});
    const auto start = Clock::now();
    if (!store->write({.packs = rows})) std::exit(1);
    std::printf("put_packs                               %8.3f us an event\n", seconds_since(start) / kEvents * 1e6);
  }
  read_packs("all attempted already", kEndpoint);
  const RegistryChanges subscribed{
      .subscriptions = {{"user_registered", EndpointNumber{2}, RegistryVersion{1}, {}}}};
  if (!store->write({.registry = &subscribed})) std::exit(1);
  read_packs("all owed, bytes loaded", EndpointNumber{2});
  const auto touched = Clock::now();
  const auto keys = must(store->load_touched_after({}));
  std::printf("load_touched_after                      %8.3f us a delivery\n",
              seconds_since(touched) / static_cast<double>(keys.size()) * 1e6);
}

// Everything goes, in steps as the engine makes them.
void retention(const std::string& directory, std::uint64_t fan_out) {
  auto store = must(store::SqliteStore::open(directory, {.durable = false}));
  Load load(*store, fan_out);
  load.declare();
  constexpr std::uint64_t kDeliveries = 2'000'000;
  const auto events = std::max<std::uint64_t>(kDeliveries / fan_out, 64);
  const auto a_turn = std::clamp<std::uint64_t>(1'000 / fan_out, 1, 1'000);
  for (std::uint64_t n = 0; n < events; n += a_turn) load.turn(a_turn, 0);
  load.settle();
  engine::StepSize size;
  double longest = 0;
  const auto start = Clock::now();
  int steps = 0;
  for (bool more = true; more; ++steps) {
    const auto began = Clock::now();
    const auto gone = must(store->expire({}, Instant::max(), Instant::min(), size.rows()));
    const double took = seconds_since(began);
    size.note(gone.rows, Duration{static_cast<std::int64_t>(took * 1e6)});
    longest = std::max(longest, took);
    more = gone.more;
  }
  const double took = seconds_since(start);
  std::printf("retention, fan-out %6llu: %10.0f deliveries/s, %9.0f events/s, %4d steps, longest %5.1f ms\n",
              static_cast<unsigned long long>(fan_out), static_cast<double>(events * fan_out) / took,
              static_cast<double>(events) / took, steps, longest * 1e3);
}

struct ListCase {
  const char* name;
  DeliveryFilter filter;
};

void lists(const std::string& directory, std::uint64_t rows) {
  auto store = must(store::SqliteStore::open(directory, {.durable = false}));
  Load load(*store);
  load.declare();
  for (std::uint64_t n = 0; n < rows; n += 2000) load.turn(2000, kFailEvery);
  load.settle();
  const auto middle = from_micros(kStart + static_cast<std::int64_t>(rows / 2 * 11));
  const ListCase cases[] = {
      {"no filter", {}},
      {"succeeded", {.status = DeliveryStatus::succeeded}},
      {"exhausted", {.status = DeliveryStatus::exhausted}},
      {"pending", {.status = DeliveryStatus::pending}},
      {"cancelled (none)", {.status = DeliveryStatus::cancelled}},
      {"cause timeout", {.cause = Cause::timeout}},
      {"cause tls (none)", {.cause = Cause::tls}},
      {"endpoint", {.endpoint = kEndpoint}},
      {"endpoint (owed nothing)", {.endpoint = EndpointNumber{2}}},
      {"type (of no event)", {.type = TypeNumber{2}}},
      {"until the middle", {.until = middle}},
      {"exhausted until the middle", {.status = DeliveryStatus::exhausted, .until = middle}},
  };
  auto reader = must(store->open_reader());
  for (const auto& list : cases) {
    const auto start = Clock::now();
    const auto page = must(reader->deliveries(list.filter));
    const double cold = seconds_since(start);
    const auto again = Clock::now();
    must(reader->deliveries(list.filter));
    std::printf("list of %7.1f M attempts: %-28s %7.2f ms, again %7.2f ms, %3zu rows%s\n",
                static_cast<double>(rows) * 1e-6, list.name, cold * 1e3, seconds_since(again) * 1e3,
                page.deliveries.size(), page.next ? ", more" : "");
  }
  const auto event = must(reader->event(EventSeq{first_seq(1).value + rows / 3}));
  const auto by_id = Clock::now();
  must(reader->event(event->id));
  std::printf("event by id                              %8.1f us\n", seconds_since(by_id) * 1e6);
  auto by_start = Clock::now();
  must(store->load_start());
  std::printf("load_start                               %8.1f ms\n", seconds_since(by_start) * 1e3);
  const auto expiry = Clock::now();
  const auto expired = must(store->expire({}, middle, {}, 1000));
  std::printf("expire %llu events                           %8.1f ms\n",
              static_cast<unsigned long long>(expired.events), seconds_since(expiry) * 1e3);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bench-store DIRECTORY [ROWS]\n");
    return 2;
  }
  const std::string directory = argv[1];
  const std::uint64_t rows = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 5'000'000;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  int part = 0;
  const auto next = [&] { return directory + "/" + std::to_string(++part); };
  for (int round = 0; round < 3; ++round) {
    for (const std::uint64_t size : {256, 1024}) commits(next(), size, true);
  }
  for (const std::uint64_t size : {2, 16, 64, 4096}) commits(next(), size, true);
  commits(next(), 256, false);
  backlog(next());
  for (const std::uint64_t fan_out : {1, 10, 100, 10'000}) retention(next(), fan_out);
  lists(next(), rows);
  std::printf("resident at the end                      %8ld KiB\n", resident_kib());
  return 0;
}
