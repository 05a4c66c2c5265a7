#include "app/log/log_observer.h"

#include <cerrno>
#include <system_error>
#include <vector>

#include "core/failure_words.h"

namespace exposee::app {
namespace {

// Queries often carry tokens of the receiver's.
std::string_view without_query(std::string_view url) {
  return url.substr(0, url.find('?'));
}

double in_ms(Duration span) {
  return static_cast<double>(span.count()) / 1000.0;
}

void add_timing(const AttemptTiming& timing, std::vector<LogField>& fields) {
  const std::pair<std::string_view, Duration> steps[] = {{"dns_ms", timing.dns},
                                                         {"connect_ms", timing.connect},
                                                         {"tls_ms", timing.tls},
                                                         {"first_byte_ms", timing.first_byte}};
  for (const auto& [key, span] : steps) {
    if (span.count() != 0) fields.push_back({key, in_ms(span)});
  }
  fields.push_back({"total_ms", in_ms(timing.total)});
}

// Of a redirect, the address in it is a receiver's URL too.
std::string_view error_of(const Response& response) {
  const std::string_view detail = response.detail;
  return detail.starts_with(kRedirectsTo) ? without_query(detail) : detail;
}

constexpr std::size_t kRetryAfterShown = 40;  // a date takes 29, and a receiver may send anything

void add_response(const Response& response, std::vector<LogField>& fields) {
  if (response.status != 0) fields.push_back({"status_code", std::int64_t{response.status}});
  if (!response.detail.empty()) fields.push_back({"error", error_of(response)});
  if (!response.retry_after.empty()) {
    fields.push_back({"retry_after", std::string_view(response.retry_after).substr(0, kRetryAfterShown)});
  }
  if (!response.remote_address.empty())
    fields.push_back({"remote_address", std::string_view(response.remote_address)});
  fields.push_back({"connection_reused", response.reused});
  add_timing(response.timing, fields);
}

std::string_view words_of(RegistryChange what) {
  switch (what) {
    case RegistryChange::endpoint_registered:
      return "endpoint registered";
    case RegistryChange::endpoint_changed:
      return "endpoint changed";
    case RegistryChange::endpoint_enabled:
      return "endpoint enabled";
    case RegistryChange::endpoint_disabled:
      return "endpoint disabled by hand";
    case RegistryChange::endpoint_removed:
      return "endpoint removed";
    case RegistryChange::type_removed:
      return "event type removed";
    case RegistryChange::type_declared:
      break;
  }
  return "event type declared";
}

void add_caller(std::string_view peer, std::string_view request_id, std::vector<LogField>& fields) {
  if (!peer.empty()) fields.push_back({"peer", peer});
  if (!request_id.empty()) fields.push_back({"request_id", request_id});
}

}  // namespace

void LogObserver::registry_changed(const ChangeNote& note) {
  std::vector<LogField> fields;
  const std::string id = note.endpoint ? note.endpoint->id.text() : "";
  if (note.endpoint) {
    fields.push_back({"endpoint_id", std::string_view(id)});
    fields.push_back({"url", without_query(note.endpoint->url)});
  }
  if (!note.type.empty()) fields.push_back({"event", std::string_view(note.type)});
  add_caller(note.by.peer, note.by.request_id, fields);
  log_.write(LogLevel::info, words_of(note.what), fields);
}

void LogObserver::call_answered(const CallNote& note) {
  if (!note.details) return;
  const auto& details = *note.details;
  std::vector<LogField> fields = {{"method", std::string_view(details.method)},
                                  {"path", std::string_view(details.path)},
                                  {"status_code", std::int64_t{note.status}},
                                  {"bytes", std::uint64_t{note.bytes}},
                                  {"duration_ms", in_ms(note.took)}};
  if (!note.whole) fields.push_back({"cut_off", true});
  add_caller(details.by.peer, details.by.request_id, fields);
  log_.write(LogLevel::debug, "call", fields);
}

void LogObserver::reply_cut_off(std::string_view path, const Error& error) {
  log_.error(
      "a reply was cut off in its middle: the rest cannot be read from the database",
      {{"path", path}, {"error", std::string_view(error.message)}, {"hint", std::string_view(error.hint)}});
}

void LogObserver::attempt_finished(const AttemptNote& note) {
  const bool succeeded = note.cause == Cause::none;
  const LogLevel level = succeeded ? LogLevel::debug : LogLevel::info;
  if (!log_.enabled(level)) return;
  const std::string delivery = delivery_id_text(note.key);
  const std::string event = note.event->id.text();
  const std::string endpoint = note.endpoint->id.text();
  const std::string next = note.next_at ? iso_text(*note.next_at) : "";
  std::vector<LogField> fields = {{"delivery_id", std::string_view(delivery)},
                                  {"event_id", std::string_view(event)},
                                  {"event", std::string_view(note.event->type_name)},
                                  {"endpoint_id", std::string_view(endpoint)},
                                  {"url", without_query(note.endpoint->url)},
                                  {"attempt", std::uint64_t{note.attempt}},
                                  {"status", to_text(note.status)}};
  if (!succeeded) fields.push_back({"cause", to_text(note.cause)});
  add_response(*note.response, fields);
  if (note.next_at) fields.push_back({"next_at", std::string_view(next)});
  log_.write(level, succeeded ? "attempt succeeded" : "attempt failed", fields);
}

void LogObserver::test_finished(const TestNote& note) {
  const bool succeeded = note.cause == Cause::none;
  const LogLevel level = succeeded ? LogLevel::debug : LogLevel::info;
  if (!log_.enabled(level)) return;
  const std::string event = note.event.id.text();
  std::vector<LogField> fields = {{"kind", to_text(note.kind)},
                                  {"event_id", std::string_view(event)},
                                  {"event", std::string_view(note.event.type_name)},
                                  {"url", without_query(note.url.text)}};
  if (!succeeded) fields.push_back({"cause", to_text(note.cause)});
  add_response(note.response, fields);
  log_.write(level, succeeded ? "attempt succeeded" : "attempt failed", fields);
}

void LogObserver::host_refused(std::string_view host, Instant now) {
  constexpr std::size_t kMostShown = 260;  // a name has 253 characters, a port six
  const auto calls = refused_hosts_.due(now);
  if (!calls) return;
  log_.warn(
      "calls were refused: their Host header names another server",
      {{"host", host.substr(0, kMostShown)},
       {"calls", *calls},
       {"hint",
        "If this name is the server's, set server.public_url to it or list it in server.allowed_hosts."}});
}

namespace {

std::string_view way_out_of_shortage(int error) {
  switch (error) {
    case EMFILE:
      return "Raise the limit of open files (ulimit -n, systemd's LimitNOFILE=), or lower server.max_connections and "
             "delivery.max_connections.";
    case ENFILE:
      return "Raise the limit of open files of this machine (sysctl fs.file-max), or close what takes them.";
    default:
      return "Give this machine more memory, or close what takes it.";
  }
}

}  // namespace

void LogObserver::accept_failed(int error, Instant now) {
  const auto tries = not_accepted_.due(now);
  if (!tries) return;
  const auto why = std::generic_category().message(error);
  log_.warn("connections cannot be accepted: this machine is out of a resource",
            {{"error", std::string_view(why)}, {"tries", *tries}, {"hint", way_out_of_shortage(error)}});
}

void LogObserver::turn_committed(const TurnNote& note) {
  if (!log_.enabled(LogLevel::trace)) return;
  const LogField fields[] = {{"events", std::uint64_t{note.events}},
                             {"attempts", std::uint64_t{note.attempts}},
                             {"commands", std::uint64_t{note.commands}},
                             {"commit_ms", in_ms(note.commit)}};
  log_.write(LogLevel::trace, "turn committed", fields);
}

void LogObserver::store_failed(const Error& error) {
  if (store_failing_) return;
  store_failing_ = true;
  log_.error("cannot write to the database; refusing new events until it recovers",
             {{"error", std::string_view(error.message)}, {"hint", std::string_view(error.hint)}});
}

void LogObserver::store_recovered() {
  if (!store_failing_) return;
  store_failing_ = false;
  log_.info("the database can be written again");
}

void LogObserver::chore_failed(ChoreKind chore, const Error& error) {
  log_.error("housekeeping failed; it is tried again later, and nothing else is delayed",
             {{"step", to_text(chore)},
              {"error", std::string_view(error.message)},
              {"hint", std::string_view(error.hint)}});
}

void LogObserver::chore_recovered(ChoreKind chore) {
  log_.info("housekeeping works again", {{"step", to_text(chore)}});
}

void LogObserver::delivery_overflowed(const Endpoint& endpoint, Instant now) {
  const auto deliveries = overflows_.due(now);
  if (!deliveries) return;
  const std::string id = endpoint.id.text();
  log_.warn("endpoint has reached max_pending; new deliveries to it are exhausted",
            {{"deliveries", *deliveries},
             {"endpoint_id", std::string_view(id)},
             {"url", without_query(endpoint.url)}});
}

void LogObserver::delivery_unreadable(const DeliveryKey& key, const Endpoint& endpoint) {
  const std::string delivery = delivery_id_text(key), id = endpoint.id.text();
  log_.error("delivery ended without an attempt: its event is damaged",
             {{"delivery_id", std::string_view(delivery)},
              {"endpoint_id", std::string_view(id)},
              {"url", without_query(endpoint.url)},
              {"cause", to_text(Cause::damaged)}});
}

void LogObserver::disk_low(bool low, std::uint64_t free, std::uint64_t least) {
  if (!low) return log_.info("the disk of the data has room again; events are accepted");
  log_.error("the disk of the data is nearly full; refusing new events until there is room, deliveries go on",
             {{"free_bytes", free},
              {"min_free_disk", least},
              {"hint", std::string_view("Free some space, or lower limits.min_free_disk.")}});
}

void LogObserver::attempt_not_begun(const Endpoint& endpoint, std::string_view why, Instant now) {
  const auto attempts = shortages_.due(now);
  if (!attempts) return;
  const std::string id = endpoint.id.text();
  log_.error("attempts are delayed: this machine is out of a resource",
             {{"error", why},
              {"attempts", *attempts},
              {"endpoint_id", std::string_view(id)},
              {"url", without_query(endpoint.url)}});
}

void LogObserver::endpoint_disabled(const Endpoint& endpoint) {
  const std::string id = endpoint.id.text();
  log_.warn("endpoint disabled", {{"endpoint_id", std::string_view(id)},
                                  {"url", without_query(endpoint.url)},
                                  {"reason", std::string_view(endpoint.disabled_reason)}});
}

void LogObserver::breaker_changed(const Endpoint& endpoint, bool open) {
  const std::string id = endpoint.id.text();
  const LogField fields[] = {{"endpoint_id", std::string_view(id)}, {"url", without_query(endpoint.url)}};
  if (open) {
    log_.write(LogLevel::warn, "endpoint keeps failing: circuit breaker open, sending probes only", fields);
  } else {
    log_.write(LogLevel::info, "endpoint recovered: circuit breaker closed, sending queued deliveries",
               fields);
  }
}

// At info: an endpoint that limits its rate asks for it all day long, and nothing is wrong then.
void LogObserver::hold_changed(const Endpoint& endpoint, std::optional<Instant> until) {
  const std::string id = endpoint.id.text();
  std::vector<LogField> fields = {{"endpoint_id", std::string_view(id)},
                                  {"url", without_query(endpoint.url)}};
  if (!until) return log_.write(LogLevel::info, "endpoint no longer held", fields);
  const std::string time = iso_text(*until);
  fields.push_back({"held_until", std::string_view(time)});
  log_.write(LogLevel::info, "endpoint held: its receiver asked for no requests (Retry-After)", fields);
}

}  // namespace exposee::app
