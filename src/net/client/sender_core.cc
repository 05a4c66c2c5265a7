#include "net/client/sender_core.h"

#include <utility>

#include "core/assert.h"

namespace exposee::net {
namespace {

constexpr std::size_t kMaxSpareAttempts = 4096;       // objects kept for the next jobs
constexpr std::size_t kMaxSpareHeadBytes = 4 * 1024;  // of an attempt kept
constexpr std::size_t kLeastBatch = 32;               // responses that a pass has room for at once
constexpr std::chrono::milliseconds kShortestTick{1};
// How long after its head the body of a 2xx may keep the place of the next attempt: time for what is on its
// way.
constexpr std::chrono::milliseconds kBodyGrace{20};
// Responses of one endpoint whose bodies still come although their places are taken: connections it has
// beyond its limit.
constexpr std::uint32_t kMaxUnfinished = 16;
constexpr std::chrono::milliseconds kIdleCheck{500};  // how late an idle connection may end
constexpr std::chrono::seconds kTargetCheck{5};       // how late a replaced target may be forgotten

}  // namespace

SenderCore::SenderCore(const Clock& clock, Random& random, const SenderOptions& options, Loop& loop,
                       std::unique_ptr<Resolver> resolver, TlsContext tls)
    : options_(options),
      loop_(loop),
      gate_(options.policy),
      resolver_(std::move(resolver)),
      tls_(std::move(tls)),
      heads_(random),
      shared_{{options_, loop_, *resolver_, gate_, tls_}, heads_, clock, *this, {}, {}, {},
              ResponseParsers(options_.response)} {}

SenderCore::~SenderCore() {
  EXPOSEE_ASSERT(any_in_hand() == nullptr, "every job is answered before the sender ends");
}

// --- attempts -------------------------------------------------------------------------------------------

void SenderCore::send(SendJob&& job, SendSink& sink) {
  EXPOSEE_ASSERT(job.target != nullptr && job.event != nullptr, "a job has a target and an event");
  auto& attempt = *new_attempt().release();  // finish() takes it back
  attempt.target = &state_of(job.target);
  attempt.job = std::move(job);
  attempt.sink = &sink;
  attempt.started_at = shared_.now();
  attempt.started = loop_.now();
  not_begun_.push_back(attempt);
  if (ended_) return finish(attempt, shut_down());
  schedule_tick();
  auto& queue = *attempt.target->queue;
  if (attempt.job.max_in_flight != 0) queue.full = attempt.job.takes_last_place;
  if (attempt.job.max_in_flight == 0 || (queue.waiting.empty() && queue.has_room_for(attempt))) return start(attempt);
  queue.waiting.push_back(attempt);
  note_unsent(attempt);
  serve(queue);
}

void SenderCore::serve_freed() {
  while (!freed_.empty()) {
    auto& queue = *freed_.back();
    freed_.pop_back();
    queue.freed = false;
    serve(queue);
  }
}

// An attempt may end while it is started: then the loop that serves the queue goes on with the next.
void SenderCore::serve(EndpointQueue& queue) {
  if (queue.being_served) return;
  queue.being_served = true;
  while (!queue.waiting.empty() && queue.has_room_for(queue.waiting.front())) {
    auto& next = queue.waiting.front();
    queue.waiting.pop_front();
    start(next);
  }
  queue.being_served = false;
}

void SenderCore::start(Attempt& attempt) {
  attempt.counted = attempt.job.max_in_flight != 0;
  if (attempt.counted) ++attempt.target->queue->in_flight;
  attempt.started_at = shared_.now();
  attempt.started = loop_.now();
  attempt.deadline = attempt.started + attempt.job.target->timeout;
  attempt.in_hand.unlink();
  under_way_.add(attempt);
  loop_.tick_in(std::min(options_.tick, attempt.job.target->timeout));
  place(attempt);
}

// Also one that never had its turn.
void SenderCore::leave_line(Attempt& attempt) {
  attempt.waiting.unlink();
  auto& queue = *attempt.target->queue;
  if (std::exchange(attempt.counted, false)) --queue.in_flight;
  if (queue.waiting.empty() || queue.being_served || std::exchange(queue.freed, true)) return;
  freed_.push_back(&queue);
}

std::unique_ptr<Attempt> SenderCore::new_attempt() {
  if (spare_attempts_.empty()) return std::make_unique<Attempt>();
  auto attempt = std::move(spare_attempts_.back());
  spare_attempts_.pop_back();
  return attempt;
}

TargetState& SenderCore::state_of(const TargetRef& target) {
  auto& state = targets_[target.get()];
  if (state.target == nullptr) {
    state.target = target;
    state.origin = &origins_.enter(*target);
    state.queue = &queues_.enter(target->endpoint);
    state.head = target_head(*target);
  }
  return state;
}

// On an idle connection, else on a new one, else when one becomes free.
void SenderCore::place(Attempt& attempt) {
  if (attempt.is_withdrawn()) return give_back(attempt);
  if (const auto& why = attempt.job.target->blocked; !why.empty()) {
    return finish(attempt, failed_response({Cause::blocked, why}));
  }
  while (auto* idle = origins_.take_idle(*attempt.target->origin)) {
    if (idle->is_usable()) return idle->carry(attempt);
    drop(*idle);
  }
  if (lacks_trust(attempt)) return wait_for_trust(attempt);
  if (make_room()) return open_for(attempt);
  waiting_.push_back(attempt);
  note_unsent(attempt);
}

void SenderCore::note_unsent(Attempt& attempt) {
  if (!attempt.unsent.is_linked()) unsent_.push_back(attempt);
}

bool SenderCore::lacks_trust(const Attempt& attempt) const {
  return attempt.target->origin->https && !tls_.is_ready();
}

// Aside, for the others would be held up.
void SenderCore::wait_for_trust(Attempt& attempt) {
  without_trust_.push_back(attempt);
  note_unsent(attempt);
  if (std::exchange(reading_trust_, true)) return;
  const auto there = std::make_shared<bool>(false);
  const bool reads = loop_.run_aside([trust = tls_.trust(), there] { *there = trust->add_system(); },
                                     [this, there] { trust_read(*there); });
  if (!reads) trust_read(false);
}

// New rules may have come meanwhile, with certificates that are not read yet.
void SenderCore::trust_read(bool there) {
  reading_trust_ = false;
  WaitingAttempts waited;
  waited.swap(without_trust_);
  while (!waited.empty()) {
    auto& attempt = waited.front();
    waited.pop_front();
    there ? place(attempt) : give_up(attempt);
  }
}

bool SenderCore::make_room() {
  if (connections_.size() < options_.max_connections) return true;
  auto* oldest = origins_.oldest_idle();
  if (oldest == nullptr) return false;
  drop(*oldest);
  return true;
}

void SenderCore::open_for(Attempt& attempt) {
  auto& origin = *attempt.target->origin;
  origins_.enter(origin);
  auto& connection = *connections_.emplace_back(std::make_unique<ClientConnection>(shared_, origin));
  connection.index = connections_.size() - 1;
  open_.store(connections_.size(), std::memory_order_relaxed);
  note_unsent(attempt);
  connection.open(attempt);
}

void SenderCore::serve_waiting() {
  while (!waiting_.empty()) {
    auto& attempt = waiting_.front();
    const bool possible = !attempt.target->origin->idle.empty() || make_room();
    if (!possible) return;
    waiting_.pop_front();
    place(attempt);
  }
}

void SenderCore::report(Attempt& attempt, Response&& response, SendOutcome outcome) {
  leave_line(attempt);
  response.started_at = attempt.started_at;
  response.timing = attempt.timing;
  response.timing.total = std::chrono::duration_cast<Duration>(loop_.now() - attempt.started);
  batch_of(*attempt.sink).emplace_back(attempt.job.ticket, std::move(response), outcome);
}

void SenderCore::finish(Attempt& attempt, Response&& response, SendOutcome outcome) {
  if (attempt.reported) {
    --attempt.target->queue->unfinished;
  } else {
    report(attempt, std::move(response), outcome);
  }
  attempt.in_hand.unlink();
  attempt.unsent.unlink();
  attempt.response_body.unlink();
  std::unique_ptr<Attempt> owned(&attempt);
  if (spare_attempts_.size() >= kMaxSpareAttempts || attempt.head.capacity() > kMaxSpareHeadBytes) return;
  std::string head = std::move(attempt.head);
  head.clear();
  attempt = Attempt{};
  attempt.head = std::move(head);
  spare_attempts_.push_back(std::move(owned));
}

std::vector<SendResult>& SenderCore::batch_of(SendSink& sink) {
  for (auto& batch : batches_) {
    if (batch.sink == &sink) return batch.results;
  }
  auto& results = batches_.emplace_back(Batch{&sink, {}}).results;
  results.reserve(usual_batch_);
  return results;
}

Response SenderCore::failed_response(Failure&& failure) const {
  Response response;
  response.cause = failure.cause;
  response.detail = std::move(failure.detail);
  return response;
}

// --- what connections report----------------------------------------------------------------------------

void SenderCore::answered(ClientConnection& connection, Attempt& attempt, Response&& response, bool reusable) {
  auto& queue = *attempt.target->queue;
  finish(attempt, std::move(response));
  reusable ? origins_.put_idle(connection) : drop(connection);
  // At once, so that the receiver need not wait for the end of the pass; unless others wait for a connection.
  if (reusable && waiting_.empty()) serve(queue);
}

void SenderCore::failed(ClientConnection& connection, Attempt& attempt, Failure&& failure) {
  auto response = failed_response(std::move(failure));
  response.remote_address = connection.remote();
  finish(attempt, std::move(response));
  drop(connection);
}

// From here on the outcome is known. The body may come for a while longer, to be shown.
void SenderCore::head_came(ClientConnection&, Attempt& attempt) {
  attempt.head_at = loop_.now();
  bodies_.push_back(attempt);
  loop_.tick_in(std::min(kBodyGrace, options_.body_time));
}

// Our own lack, so the attempt is neither a response nor its receiver's fault. When it is one of descriptors
// or ports, a connection that rests is in the way of those that come next.
void SenderCore::not_begun(ClientConnection& connection, Attempt& attempt, Failure&& failure) {
  const bool of_sockets = failure.cause == Cause::connect;
  finish(attempt, failed_response(std::move(failure)), SendOutcome::not_begun);
  drop(connection);
  if (auto* oldest = origins_.oldest_idle(); of_sockets && oldest != nullptr) drop(*oldest);
}

// The receiver ended a kept-alive connection just as the request left, as it may at any time. It may have
// seen the request all the same: at least once, with the same id, as promise D3 has it for a broken
// connection. Once per attempt, on a connection that is certainly new, within the deadline that is already
// running.
void SenderCore::wants_fresh(ClientConnection& connection, Attempt& attempt) {
  drop(connection);
  attempt.sent_again = true;
  open_for(attempt);  // in the place of the one that was dropped
}

void SenderCore::withdrawn(ClientConnection& connection, Attempt& attempt) {
  give_back(attempt);
  drop(connection);
}

void SenderCore::idle_ended(ClientConnection& connection) {
  drop(connection);
}

void SenderCore::drop(ClientConnection& connection) {
  origins_.remove_idle(connection);
  connection.retire();
  const std::size_t index = connection.index;
  dropped_.push_back(std::move(connections_[index]));
  if (index + 1 < connections_.size()) {
    connections_[index] = std::move(connections_.back());
    connections_[index]->index = index;
  }
  connections_.pop_back();
  open_.store(connections_.size(), std::memory_order_relaxed);
}

// --- time -----------------------------------------------------------------------------------------------

void SenderCore::tick() {
  if (resolver_->busy()) resolver_->tick();
  if (loop_.now() - unsent_checked_ >= options_.tick) check_unsent();
  under_way_.check(loop_.now(), [this](Attempt& late) { give_up(late); });
  check_bodies();
  serve_waiting();  // they came first
  serve_freed();
  if (loop_.now() - idle_checked_ >= std::min(kIdleCheck, options_.idle_timeout)) check_idle();
  if (loop_.now() - targets_checked_ >= kTargetCheck) forget_targets();
  // Each deadline at its time, not all of a tick together: ending and beginning many at once would hold up
  // the attempts at other receivers.
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(under_way_.next() - loop_.now());
  if (left < options_.tick) loop_.tick_in(std::max(left, kShortestTick));
  if (!bodies_.empty()) loop_.tick_in(std::min(kBodyGrace, options_.body_time));
  schedule_tick();
}

void SenderCore::schedule_tick() {
  if (any_in_hand() != nullptr) return loop_.tick_in(options_.tick);
  if (!origins_.all_idle().empty()) return loop_.tick_in(std::min(kIdleCheck, options_.idle_timeout));
  if (!targets_.empty()) loop_.tick_in(kTargetCheck);
}

// Those whose request has not left: they may have been withdrawn, or opening takes too long.
void SenderCore::check_unsent() {
  unsent_checked_ = loop_.now();
  for (auto next = unsent_.begin(); next != unsent_.end();) {
    auto& attempt = *next++;
    if (attempt.connection != nullptr) {
      attempt.connection->check_opening(loop_.now());
    } else if (attempt.is_withdrawn()) {
      give_back(attempt);
    }
  }
}

void SenderCore::give_up(Attempt& attempt) {
  if (attempt.connection != nullptr) return attempt.connection->give_up();
  finish(attempt, failed_response(lacks_trust(attempt) ? no_certificates() : no_free_connection()),
         SendOutcome::not_begun);
}

// In the order in which the heads came, so this ends at the first one that has all the time it may want.
void SenderCore::check_bodies() {
  for (auto next = bodies_.begin(); next != bodies_.end();) {
    auto& attempt = *next++;
    const auto waited = loop_.now() - attempt.head_at;
    if (waited >= options_.body_time) {
      attempt.connection->give_up();
    } else if (waited < kBodyGrace) {
      return;
    } else if (place_is_wanted(attempt)) {
      report_early(attempt);
    }
  }
}

bool SenderCore::place_is_wanted(const Attempt& attempt) const {
  const auto& queue = *attempt.target->queue;
  const bool succeeded = attempt.connection->status() / 100 == 2;
  return succeeded && attempt.counted && (queue.full || !queue.waiting.empty());
}

// The endpoint goes on; the connection reads on, so that it may be used again.
void SenderCore::report_early(Attempt& attempt) {
  auto& queue = *attempt.target->queue;
  report(attempt, attempt.connection->response_so_far(), SendOutcome::answered);
  attempt.reported = true;
  if (++queue.unfinished > kMaxUnfinished) attempt.connection->give_up();
}

Attempt* SenderCore::any_in_hand() {
  return not_begun_.empty() ? under_way_.any() : &not_begun_.front();
}

void SenderCore::set_rules(AddressPolicy policy, TlsContext tls) {
  gate_.set_policy(std::move(policy));
  tls_ = std::move(tls);
  while (auto* idle = origins_.oldest_idle()) drop(*idle);
  origins_.forget_sessions();
}

// The longest idle come first, so this ends at the first one that may stay.
void SenderCore::check_idle() {
  idle_checked_ = loop_.now();
  auto& idle = origins_.all_idle();
  for (auto next = idle.begin(); next != idle.end();) {
    auto& connection = *next++;
    const auto rested = loop_.now() - connection.idle_since();
    if (rested < std::min(options_.burst, options_.idle_timeout)) return;
    const bool surplus = connection.origin().idle.size() > options_.max_idle_per_origin;
    if (surplus || rested >= options_.idle_timeout) drop(connection);
  }
}

// A target that only we still know has been replaced or removed.
void SenderCore::forget_targets() {
  targets_checked_ = loop_.now();
  std::erase_if(targets_, [this](auto& entry) {
    if (entry.second.target.use_count() > 1) return false;
    origins_.leave(*entry.second.origin);
    queues_.leave(*entry.second.queue);
    return true;
  });
}

void SenderCore::end_pass() {
  serve_waiting();  // they came first
  serve_freed();
  shared_.wall_time.reset();
  for (auto& connection : dropped_) {
    auto& origin = connection->origin();
    connection.reset();
    origins_.leave(origin);
  }
  dropped_.clear();
  for (auto& [sink, results] : batches_) {
    usual_batch_ = std::max(kLeastBatch, results.size());
    sink->answered(std::move(results));
  }
  batches_.clear();
}

Response SenderCore::shut_down() const {
  return failed_response({Cause::closed, "Exposee was shut down before a response came"});
}

void SenderCore::give_up_all() {
  ended_ = true;
  while (auto* attempt = any_in_hand()) {
    if (attempt->response_body.is_linked()) {
      attempt->connection->give_up();  // its status was read, and counts
      continue;
    }
    if (attempt->connection != nullptr) drop(*attempt->connection);
    finish(*attempt, shut_down());
  }
  while (!connections_.empty()) drop(*connections_.back());
  end_pass();
}

}  // namespace exposee::net
