#include "contract/store_text.h"

#include <sstream>

namespace exposee::contract {
namespace {

std::string micros(Instant t) {
  return std::to_string(to_micros(t));
}
std::string micros(const std::optional<Instant>& t) {
  return t ? micros(*t) : "-";
}

// Fields divided by '|'.
class Line {
 public:
  template <class T>
  Line& operator()(const T& value) {
    if (!first_) text_ << '|';
    first_ = false;
    text_ << value;
    return *this;
  }
  std::string text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  bool first_ = true;
};

const std::string& value_text(const std::string& text) {
  return text;
}
std::string value_text(std::uint32_t number) {
  return std::to_string(number);
}
std::string value_text(bool flag) {
  return flag ? "true" : "false";
}
std::string value_text(std::chrono::milliseconds span) {
  return std::to_string(span.count());
}
std::string value_text(const RetrySchedule& schedule) {
  Line line;
  line("waits");
  for (const auto wait : schedule.waits) line(wait.count());
  return line.text();
}
template <class T>
std::string value_text(const std::optional<T>& value) {
  return value ? value_text(*value) : "default";
}

}  // namespace

// Only the code: the sentences are each store's own.
std::string text_of(const Error& error) {
  return "error " + std::to_string(static_cast<int>(error.code));
}

std::string text_of(const EventRef& event) {
  Line line;
  line(event->seq.value)(event->id.text())(event->type.value)(event->version.value)(
      micros(event->accepted_at));
  return line(event->type_name)(event->body).text();
}

std::string text_of(const AttemptRow& attempt) {
  const auto& a = attempt.response;
  Line line;
  line(text_of(attempt.key))(attempt.number)(attempt.succeeded)(a.status)(to_text(a.cause))(a.detail)(
      a.reason);
  line(a.retry_after)(a.content_type)(a.body)(a.remote_address)(a.reused)(micros(a.started_at));
  line(a.timing.dns.count())(a.timing.connect.count())(a.timing.tls.count());
  return line(a.timing.first_byte.count())(a.timing.total.count()).text();
}

std::string text_of(const DeliveryKey& key) {
  return std::to_string(key.event.value) + "/" + std::to_string(key.endpoint.value);
}

std::string text_of(const DeliveryRow& row) {
  Line line;
  line(text_of(row.key))(to_text(row.status))("attempts")(row.attempts)("from")(row.round_start);
  line(row.manual ? "manual" : "")(row.once ? "once" : "")("due")(micros(row.due))(to_text(row.cause));
  line(row.http_status)("updated")(micros(row.updated_at))("by hand")(row.by_hand)(row.asked ? "asked" : "");
  line(micros(row.resumes_at))(micros(row.not_before))(row.brought_forward ? "forward" : "");
  return line.text();
}

std::string text_of(const DeliveryView& view) {
  Line line;
  line(text_of(view.row))(view.event_id.text())(view.type.value)(micros(view.created_at));
  return line(micros(view.last_attempt_at)).text();
}

std::string text_of(const EventType& type) {
  return Line()(type.number.value)(type.name)(type.description)(micros(type.created_at))(
             micros(type.removed_at))
      .text();
}

std::string text_of(const Endpoint& e) {
  Line line;
  line(e.number.value)(e.id.text())(e.url)(e.secret)(e.disabled_reason);
  line(micros(e.disabled_at))(micros(e.failing_since))(micros(e.created_at))(micros(e.updated_at))(
      micros(e.removed_at));
  for (const auto& setting : endpoint_settings()) {
    line(setting.name);
    std::visit([&](const auto& kind) { line(value_text(e.settings.*kind.member)); }, setting.kind);
  }
  for (const auto& entry : e.events) line(entry.pattern)(entry.since.value);
  return line.text();
}

std::string text_of(const Subscription& s) {
  return Line()(s.pattern)(s.endpoint.value)(s.from.value)(s.until.value).text();
}

std::string text_of(const UserRow& user) {
  return Line()(user.name)(micros(user.registered_at)).text();
}

std::string text_of(const MessageRow& m) {
  return Line()(m.sender)(m.recipient)(m.recipient_key)(m.subject)(m.message)(micros(m.received_at)).text();
}

std::string text_of(const StoredReply& a) {
  return Line()(a.fingerprint)(a.status)(a.content_type)(a.body).text();
}

std::string text_of(const StartState& state) {
  Line line;
  line("turn")(state.last_turn.node)(state.last_turn.turn);
  line("last")(state.last_event.value)("version")(state.version.value);
  for (const auto checkpoint : state.checkpoints) line("checkpoint")(checkpoint.value);
  line(text_of(state.types))(text_of(state.endpoints))(text_of(state.subscriptions));
  for (const auto& mark : state.marks) line("mark")(mark.endpoint.value)(mark.low_water.value);
  for (const auto& lane : state.pending)
    line("lane")(lane.endpoint.value)(lane.count)(micros(lane.first_due))(lane.asked);
  for (const auto& hold : state.holds) line("hold")(hold.endpoint.value)(micros(hold.until));
  for (const auto& row : state.failing)
    line("failing")(row.endpoint.value)(row.note.days)(row.note.into_day.count());
  for (const auto number : state.cut_off) line("cut off")(number.value);
  for (const auto& pack : state.packs)
    line("pack")(pack.key.endpoint.value)(pack.key.first.value)(pack.last.value)(pack.count);
  return line.text();
}

std::string text_of(const EventView& view) {
  return Line()(view.seq.value)(view.id.text())(view.type.value)(micros(view.accepted_at))(view.deliveries)
      .text();
}

std::string text_of(const EventBatch& page) {
  return text_of(page.events) + (page.unreadable ? " before " + text_of(page.unreadable->value) : "");
}

std::string text_of(const OwedPage& page) {
  return Line()(text_of(page.events))("unowed")(page.unowed)("looked at")(page.looked_at)("bytes")(page.bytes)
      .text();
}

std::string text_of(const Expired& expired) {
  return Line()(expired.events)(expired.replies).text();
}

}  // namespace exposee::contract
