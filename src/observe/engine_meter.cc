#include "observe/engine_meter.h"

#include "core/causes.h"

namespace exposee::observe {
namespace {

using enum MetricType;

std::uint64_t micros(Duration span) {
  return span.count() > 0 ? static_cast<std::uint64_t>(span.count()) : 0;
}

template <class H>
void write_histogram(Exposition& page, const H& histogram, Unit unit) {
  page.histogram(histogram.counts(), histogram.sum(), H::kFirstExponent, unit);
}

// One sample for each value of an enum, under its own word.
template <class Value, class Cells>
void write_each(Exposition& page, std::string_view name, const Cells& cells) {
  for (std::size_t i = 0; i < Cells::kSize; ++i) {
    page.sample(cells.value(i), label(name, to_text(static_cast<Value>(i))));
  }
}

std::string_view stop_word(LaneStop stop) {
  constexpr std::string_view kWords[] = {"own", "paused", "held", "breaker"};
  return kWords[static_cast<std::size_t>(stop)];
}

std::string_view chore_word(ChoreKind chore) {
  constexpr std::string_view kWords[] = {"retention", "replies", "cancel", "sift", "forget", "forget_ended", "checkpoint"};
  return kWords[static_cast<std::size_t>(chore)];
}

}  // namespace

std::string_view to_text(StatusClass status_class) {
  constexpr std::string_view kTexts[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
  return kTexts[static_cast<std::size_t>(status_class)];
}

StatusClass class_of(int status) {
  return static_cast<StatusClass>(std::clamp(status / 100, 1, 5) - 1);
}

void EngineMeter::attempt_finished(const AttemptNote& note) {
  const auto& response = *note.response;
  attempts_.of(note.cause).add();
  if (response.status != 0) responses_.of(class_of(response.status)).add();
  if (note.status != DeliveryStatus::pending) finished_.of(note.status).add();
  attempt_.add(micros(response.timing.total));
  if (note.cause == Cause::none && note.attempt == 1) {
    latency_.add(micros(response.started_at + response.timing.total - note.event->accepted_at));
  }
}

void EngineMeter::turn_committed(const TurnNote& note) {
  events_.add(note.events);
  commit_.add(micros(note.commit));
  if (note.events > 0) events_per_commit_.add(note.events);
  finished_.of(DeliveryStatus::exhausted).add(note.exhausted);
  finished_.of(DeliveryStatus::cancelled).add(note.cancelled);
}

std::string result_label(Cause cause) {
  return label("result", cause == Cause::none ? "succeeded" : exposee::to_text(cause));
}

void EngineMeter::store_failed(const Error&) {
  store_failures_.add();
  store_failing_.set(1);
}

void EngineMeter::chore_failed(ChoreKind chore, const Error&) {
  chore_failures_.of(chore).add();
  chores_failing_.of(chore).set(1);
}

void EngineMeter::turn_ended(const TurnEnd& end) {
  turn_.add(micros(end.took));
  pending_.set(end.pending);
  in_flight_.set(end.in_flight);
  given_up_.set(end.given_up);
}

void EngineMeter::endpoints_counted(const Census& census) {
  for (std::size_t i = 0; i < census.endpoints.size(); ++i) {
    endpoints_.of(static_cast<EndpointStatus>(i)).set(census.endpoints[i]);
  }
  for (std::size_t i = 0; i < census.waiting.size(); ++i) {
    waiting_.of(static_cast<LaneStop>(i)).set(census.waiting[i]);
  }
  open_breakers_.set(census.open_breakers);
}

void EngineMeter::write(Exposition& page) const {
  page.family("exposee_events_accepted_total", counter, "Events that were accepted and stored.");
  page.sample(events_.value());
  write_attempts(page);
  write_deliveries(page);
  write_endpoints(page);
  write_store(page);
  write_chores(page);
}

void EngineMeter::write_attempts(Exposition& page) const {
  page.family("exposee_attempts_total", counter,
              "Attempts that ended, by result: succeeded, or the cause of the failure; damaged: none could begin.");
  for (std::size_t i = 0; i <= static_cast<std::size_t>(kLastCause); ++i) {
    const auto cause = static_cast<Cause>(i);
    if (is_of_attempt(cause)) page.sample(attempts_.value(i), result_label(cause));
  }
  page.family("exposee_attempts_not_begun_total", counter,
              "Attempts that were delayed because this machine was out of a resource.");
  page.sample(not_begun_.value());
  page.family("exposee_responses_total", counter, "Responses of receivers, by status class.");
  write_each<StatusClass>(page, "status_class", responses_);
  page.family("exposee_attempt_duration_seconds", histogram,
              "How long attempts took, whatever their result.");
  write_histogram(page, attempt_, Unit::microseconds);
  page.family("exposee_delivery_latency_seconds", histogram,
              "From the acceptance of an event to its receipt, of first attempts that succeeded.");
  write_histogram(page, latency_, Unit::microseconds);
}

void EngineMeter::write_deliveries(Exposition& page) const {
  page.family("exposee_deliveries_finished_total", counter,
              "Deliveries that ended, by outcome; one that is retried by hand ends again.");
  const auto ended = [&](DeliveryStatus status) { return finished_.value(static_cast<std::size_t>(status)); };
  page.sample(ended(DeliveryStatus::succeeded), label("outcome", "succeeded"));
  page.sample(ended(DeliveryStatus::exhausted), label("outcome", "exhausted"));
  page.sample(ended(DeliveryStatus::cancelled) + given_up_.value(), label("outcome", "cancelled"));
  page.family("exposee_deliveries_pending", gauge, "Deliveries that are owed, those under way included.");
  page.sample(pending_.value());
  page.family("exposee_deliveries_in_flight", gauge, "Attempts that are under way.");
  page.sample(in_flight_.value());
  page.family(
      "exposee_deliveries_waiting", gauge,
      "Deliveries that are owed and not under way, by what stops their endpoint; own: nothing does, each "
      "waits for its date or its turn. Counted about once a second.");
  for (std::size_t i = 0; i <= static_cast<std::size_t>(kLastLaneStop); ++i) {
    page.sample(waiting_.value(i), label("reason", stop_word(static_cast<LaneStop>(i))));
  }
}

void EngineMeter::write_endpoints(Exposition& page) const {
  page.family("exposee_endpoints", gauge,
              "Endpoints, by status as GET /v1/endpoints shows it. Counted about once a second.");
  write_each<EndpointStatus>(page, "status", endpoints_);
  page.family("exposee_endpoints_disabled_total", counter, "Endpoints that were disabled, by hand or not.");
  page.sample(disabled_.value());
  page.family("exposee_circuit_breakers_open", gauge,
              "Endpoints to which only probes are sent. Counted about once a second.");
  page.sample(open_breakers_.value());
  page.family("exposee_circuit_breakers_opened_total", counter, "How often a circuit breaker opened.");
  page.sample(breakers_opened_.value());
}

void EngineMeter::write_chores(Exposition& page) const {
  const auto each = [&](const auto& cells) {
    for (std::size_t i = 0; i <= static_cast<std::size_t>(kLastChoreKind); ++i)
      page.sample(cells.value(i), label("chore", chore_word(static_cast<ChoreKind>(i))));
  };
  page.family("exposee_housekeeping_failing", gauge,
              "1 while a kind of housekeeping fails, of some endpoint or of all, else 0.");
  each(chores_failing_);
  page.family("exposee_housekeeping_failures_total", counter, "How often a kind of housekeeping began to fail.");
  each(chore_failures_);
}

void EngineMeter::write_store(Exposition& page) const {
  page.family("exposee_store_failing", gauge, "1 while the database cannot be written, else 0.");
  page.sample(store_failing_.value());
  page.family("exposee_disk_low", gauge, "1 while events are refused because the disk is nearly full, else 0.");
  page.sample(disk_low_.value());
  page.family("exposee_store_failures_total", counter, "How often the database began to fail.");
  page.sample(store_failures_.value());
  page.family("exposee_turn_duration_seconds", histogram, "How long the engine's turns took.");
  write_histogram(page, turn_, Unit::microseconds);
  page.family("exposee_commit_duration_seconds", histogram,
              "How long transactions took, from the first write to the end of the commit.");
  write_histogram(page, commit_, Unit::microseconds);
  page.family("exposee_commit_events", histogram, "Events accepted by one commit, of those that accepted any.");
  write_histogram(page, events_per_commit_, Unit::one);
}

}  // namespace exposee::observe
