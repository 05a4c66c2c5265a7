#include "sim/world/world.h"

#include <gtest/gtest.h>

namespace exposee::sim {

using namespace std::chrono_literals;

std::uint64_t SimRandom::next() {
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

void SimRandom::fill(std::span<std::uint8_t> bytes) {
  for (auto& b : bytes) b = static_cast<std::uint8_t>(next());
}

Response SimSender::make_response(Mood mood, Duration& latency) {
  latency = Duration{200 + static_cast<std::int64_t>(random_.below(800))};
  Response response;
  switch (mood) {
    case Mood::fine:
      response.status = 200;
      break;
    case Mood::slow:
      response.status = 204;
      latency = 50ms;
      break;
    case Mood::broken:
      response.status = 500;
      break;
    case Mood::busy:
      response.status = 503;
      response.retry_after = "60";
      break;
    case Mood::busy_by_date:
      response.status = 503;
      response.retry_after = http_date(clock_.now() + 60s);
      break;
    case Mood::busy_for_a_day:
      response.status = 503;
      response.retry_after = "86400";
      break;
    case Mood::gone:
      response.status = 410;
      break;
    case Mood::refusing:
      response.cause = Cause::connect;
      response.detail = "Connection refused";
      break;
    case Mood::hanging:
      response.cause = Cause::timeout;
      latency = 15s;
      break;
    case Mood::uneven:
      response.status = 200;
      if (random_.chance(0.1)) latency = 1s + Duration{static_cast<std::int64_t>(random_.below(2'000'000))};
      break;
    case Mood::confused:
      return make_response(static_cast<Mood>(random_.below(6)), latency);
  }
  return response;
}

// What is not sent the receiver knows nothing of.
Response SimSender::make_response(const SendJob& job, Duration& latency) {
  if (auto why = transmits ? transmits(job) : std::nullopt) {
    latency = Duration{100};
    Response response;
    response.cause = Cause::blocked;
    response.detail = *std::move(why);
    return response;
  }
  const auto opinion = this->opinion ? this->opinion(job) : std::nullopt;
  return make_response(opinion.value_or(receivers[job.target->endpoint].mood), latency);
}

void SimSender::send(std::vector<SendJob>&& jobs, SendSink& sink) {
  for (auto& job : jobs) {
    if (on_handed) on_handed(job);
    if (longest_wait == Duration::zero()) {
      take_turn(std::move(job), sink);
    } else {
      const Duration wait{static_cast<std::int64_t>(random_.below(longest_wait.count()))};
      waiting_.push_back({clock_.true_now() + wait, std::move(job), &sink});
    }
  }
}

void SimSender::take_turn(SendJob&& job, SendSink& sink) {
  const auto endpoint = job.target->endpoint;
  lines_[endpoint].push_back({std::move(job), &sink});
  serve(endpoint);
}

void SimSender::serve(EndpointNumber endpoint) {
  const auto at = lines_.find(endpoint);
  if (at == lines_.end()) return;
  auto& line = at->second;
  const auto may_start = [&](const SendJob& job) {
    return job.max_in_flight == 0 || in_flight[endpoint] < job.max_in_flight || ignores_turns;
  };
  while (!line.empty() && may_start(line.front().job)) {
    const auto next = std::move(line.front());
    line.pop_front();
    start(next.job, *next.sink);
  }
  if (line.empty()) lines_.erase(at);
}

// The real one looks when it ticks.
void SimSender::give_back_withdrawn() {
  for (auto& [endpoint, line] : lines_) {
    std::erase_if(line, [&](const Turn& turn) {
      if (!turn.job.target->is_withdrawn() || ignores_withdrawal) return false;
      start(turn.job, *turn.sink);
      return true;
    });
  }
}

void SimSender::give_back(const SendJob& job, SendSink& sink, SendOutcome why) {
  ++given_back;
  if (on_given_back) on_given_back(job);
  sink.answered({{job.ticket, {}, why}});
}

void SimSender::start(const SendJob& job, SendSink& sink) {
  if (job.target->is_withdrawn() && !ignores_withdrawal) return give_back(job, sink, SendOutcome::withdrawn);
  if (lacks_room) return give_back(job, sink, SendOutcome::not_begun);
  if (on_start) on_start(job);
  const auto endpoint = job.target->endpoint;
  Duration latency;
  auto response = make_response(job, latency);
  response.started_at = clock_.now();
  response.timing.total = latency;
  const Seen post{order_,          clock_.true_now(), endpoint,        job.event->id,
                  job.event->body, job.attempt,       response.status, life};
  seen.insert(seen.end(), sends_twice ? 2 : 1, post);
  most_in_flight[endpoint] = std::max(most_in_flight[endpoint], ++in_flight[endpoint]);
  pending_.push({clock_.true_now() + latency, order_++, {job.ticket, std::move(response)}, endpoint, &sink});
}

void SimSender::start_due() {
  const auto due = std::ranges::stable_partition(
      waiting_, [this](const Waiting& waiting) { return waiting.until > clock_.true_now(); });
  std::vector<Waiting> starting(due.begin(), due.end());
  waiting_.erase(due.begin(), due.end());
  for (auto& [until, job, sink] : starting) take_turn(std::move(job), *sink);
}

std::optional<Instant> SimSender::next_event() const {
  std::optional<Instant> next;
  if (!pending_.empty()) next = pending_.top().at;
  for (const auto& waiting : waiting_) next = std::min(next.value_or(waiting.until), waiting.until);
  return next;
}

void SimSender::deliver_due() {
  start_due();
  give_back_withdrawn();
  while (!pending_.empty() && pending_.top().at <= clock_.true_now()) {
    auto next = pending_.top();
    pending_.pop();
    --in_flight[next.endpoint];
    serve(next.endpoint);
    if (on_response) on_response(next.endpoint, next.result.response);
    if (tells) tells(next.result.response);
    std::vector<SendResult> results;
    results.push_back(std::move(next.result));
    next.sink->answered(std::move(results));
  }
}

void SimSender::crash() {
  pending_ = {};
  waiting_.clear();
  lines_.clear();
  in_flight.clear();
  ++life;
}

void SimBacklogReader::read(BacklogReads&& reads, BacklogSink& sink) {
  if (forgets) return;
  Pending pending{.at = clock_.true_now() + Duration{random_.below(50'000)}, .sink = &sink};
  if (is_slow && (slow_are_all || !reads.windows.empty())) pending.at += Duration{std::chrono::hours(10)};
  if (as_asked || random_.chance(0.5)) {
    pending.results = carry_out(std::move(reads));
  } else {
    pending.reads = std::move(reads);
  }
  pending_.push_back(std::move(pending));
}

std::optional<Instant> SimBacklogReader::next_event() const {
  std::optional<Instant> next;
  for (const auto& pending : pending_) next = std::min(next.value_or(pending.at), pending.at);
  return next;
}

BacklogResults SimBacklogReader::carry_out(BacklogReads&& reads) {
  is_reading = true;
  auto results = exposee::carry_out(*store_, std::move(reads));
  is_reading = false;
  return results;
}

void SimBacklogReader::fail(BacklogResults& results) {
  const Error error{ErrorCode::unavailable, "the disk does not answer", {}};
  for (auto& each : results.windows) each.page = error;
  for (auto& each : results.rows) each.rows = error;
  for (auto& each : results.events) each.found = error;
}

void SimBacklogReader::deliver_due() {
  for (auto& pending : std::exchange(pending_, {})) {
    if (pending.at > clock_.true_now()) {
      pending_.push_back(std::move(pending));
      continue;
    }
    if (pending.reads) pending.results = carry_out(*std::move(pending.reads));
    if (fails) fail(pending.results);
    for (const auto& each : pending.results.windows) on_result(each);
    pending.sink->backlog_read(std::move(pending.results));
  }
}

World::World(Options options) : random(options.seed), sender(clock, random), options_(std::move(options)) {
  start();
}

World::~World() = default;

// A start may meet a failing disk; whoever runs the process starts it again.
void World::start() {
  auto settings = options_.settings;
  wrong_at_start_ = clock.now() - clock.true_now();
  other_settings(settings);
  for (int tries = 0; tries < 20; ++tries) {
    engine.reset();
    backlog_reader.crash();
    store.reset();
    store = options_.make_store();
    engine =
        std::make_unique<engine::Engine>(settings, *store, sender, clock, random, observer, options_.space,
                                         options_.reads_late ? &backlog_reader : nullptr);
    if (engine->start()) return;
  }
  FAIL() << "the engine does not start";
}

void World::step() {
  sender.deliver_due();
  backlog_reader.deliver_due();
  engine->turn();
  after_step();
}

void World::run(Duration span) {
  // More turns without a rest than any work of a story takes: it spins.
  constexpr int kSpins = 20'000;
  const auto end = clock.true_now() + span;
  step();
  for (int restless = 0; clock.true_now() < end;) {
    const auto idle = engine->idle();
    restless = idle > Duration::zero() ? 0 : restless + 1;
    if (restless == kSpins) ADD_FAILURE() << "the engine does not come to rest";
    auto next = std::min(end, clock.true_now() + std::max(Duration{1}, idle));
    for (const auto event : {sender.next_event(), backlog_reader.next_event()}) {
      if (event) next = std::min(next, std::max(*event, clock.true_now()));
    }
    clock.advance_to(next);
    step();
  }
}

void World::crash() {
  sender.crash();
  start_again();
}

void World::fail_power() {
  engine.reset();
  store.reset();
  options_.lose_unsynced();
  crash();
}

void World::start_again() {
  engine.reset();
  store.reset();
  start();
}

void World::stop_and_restart() {
  engine->request_stop(Duration{20s});
  for (int i = 0; i < 100'000 && !engine->stopped(); ++i) run(Duration{1ms});
  ASSERT_TRUE(engine->stopped());
  // A stop that could not wait, or not write, ends like a crash for what was under way.
  const bool left_something = engine->dispatcher().flights() > 0 || engine->unwritten() > 0;
  engine.reset();
  store.reset();
  backlog_reader.crash();
  if (left_something) sender.crash();
  start();
}

// What a turn decided about an event may come into effect though its client is never told so, when the turn's
// end is not known. What was refused for good never does.
void World::note_decided(std::optional<EventId>& last, const engine::Outcome<engine::Published>& outcome) {
  if (outcome) {
    undecided.insert(*(last = outcome->id));
  } else if (last && outcome.error().detail.find("same Idempotency-Key") == std::string::npos) {
    undecided.erase(*last);
  }
}

void World::note_accepted(const engine::Published& published) {
  accepted.insert(published.id);
  on_accepted(published);
}

// Submits and takes one turn; the reply is delivered within it, unless nobody knows yet how it ended.
template <class C, class T>
std::optional<engine::Outcome<T>> World::ask(C command, const engine::ReplyTo<T>*,
                                             std::function<void(const T&)> told) {
  struct Answer {
    std::optional<engine::Outcome<T>> rendered, told;
    std::optional<EventId> event;
  };
  auto answer = std::make_shared<Answer>();
  command.reply.render = [this, answer](const engine::Outcome<T>& o) {
    answer->rendered = o;
    if constexpr (std::is_same_v<T, engine::Published>) note_decided(answer->event, o);
    return engine::Reply{o ? 200 : 400, "rendered"};
  };
  command.reply.deliver = [answer, told](engine::Reply&&) {
    answer->told = answer->rendered;
    if (told && answer->told && answer->told->has_value()) told(**answer->told);
  };
  engine->commands().submit(std::move(command));
  step();
  return answer->told;
}

std::optional<engine::Outcome<engine::Registered>> World::add_endpoint(
    const std::string& url, std::vector<std::string> patterns, std::optional<RetrySchedule> schedule) {
  return create(
      {.url = *parse_url(url), .patterns = std::move(patterns), .settings = {.schedule = schedule}});
}

void World::declare(const std::string& type) {
  const auto outcome = try_to_declare(type);
  ASSERT_TRUE(outcome && *outcome);
}

std::optional<engine::Outcome<EventType>> World::try_to_declare(const std::string& type) {
  return ask(engine::DeclareType{.name = type}, static_cast<engine::ReplyTo<EventType>*>(nullptr));
}

std::optional<engine::Outcome<std::monostate>> World::remove_type(const std::string& type,
                                                                  engine::TypeCondition only_if) {
  return ask(engine::RemoveType{.name = type, .only_if = std::move(only_if)},
             static_cast<engine::ReplyTo<std::monostate>*>(nullptr));
}

std::optional<engine::Outcome<engine::Registered>> World::create(engine::CreateEndpoint command) {
  return ask(std::move(command), static_cast<engine::ReplyTo<engine::Registered>*>(nullptr));
}

std::optional<engine::Outcome<engine::Registered>> World::update(engine::UpdateEndpoint command) {
  return ask(std::move(command), static_cast<engine::ReplyTo<engine::Registered>*>(nullptr));
}

std::optional<engine::Outcome<std::monostate>> World::remove(const EndpointId& id) {
  return ask(engine::RemoveEndpoint{.id = id}, static_cast<engine::ReplyTo<std::monostate>*>(nullptr));
}

std::optional<engine::Outcome<std::monostate>> World::unregister(const std::string& type,
                                                                 const std::string& url) {
  return ask(engine::UnregisterWebhook{.type_name = type, .url = parse_url(url)->text},
             static_cast<engine::ReplyTo<std::monostate>*>(nullptr));
}

std::optional<engine::Outcome<engine::Published>> World::publish(const std::string& type,
                                                                 const std::string& data,
                                                                 const std::string& key) {
  engine::PublishEvent command{.type_name = type, .data = data};
  command.claim = {key, data};
  return ask(std::move(command), static_cast<engine::ReplyTo<engine::Published>*>(nullptr),
             std::function([this](const engine::Published& p) { note_accepted(p); }));
}

std::optional<engine::Outcome<DeliveryRow>> World::retry(const DeliveryKey& key) {
  return ask(engine::RetryDelivery{.key = key}, static_cast<engine::ReplyTo<DeliveryRow>*>(nullptr));
}

std::optional<DeliveryRow> World::find_delivery(const DeliveryKey& key) {
  auto found = store->look({.deliveries = {key}});
  EXPECT_TRUE(found);
  return found ? std::move(found->deliveries.at(0)) : std::nullopt;
}

void World::test_succeeds(EndpointNumber endpoint) {
  engine->commands().submit(engine::ReceiversResponded{{endpoint}});
  step();
}

void World::publish_soon(const std::string& type, const std::string& data) {
  engine::PublishEvent command{.type_name = type, .data = data};
  auto published = std::make_shared<std::optional<engine::Published>>();
  command.reply.render = [this, published](const engine::Outcome<engine::Published>& o) {
    auto last = *published ? std::optional((*published)->id) : std::nullopt;
    note_decided(last, o);
    *published = o ? std::optional(*o) : std::nullopt;
    return engine::Reply{o ? 202 : 503, ""};
  };
  command.reply.deliver = [this, published](engine::Reply&& reply) {
    if (reply.status == 202) {
      acked.push_back({(*published)->id, (*published)->seq, {}});
      note_accepted(**published);
    } else {
      ++refused;
    }
  };
  engine->commands().submit(std::move(command));
}

}  // namespace exposee::sim
