#include "api/wire/call.h"

#include <array>

#include "api/contract/refusal.h"
#include "api/wire/problem.h"

namespace exposee::api {
namespace {

const engine::Refused kStops{engine::Refusal::overloaded, "The server is shutting down"};

engine::Reply refuse(Family family, const engine::Refused& refused) {
  return family == Family::v1 ? to_reply(problem_of(refused)) : contract_trouble(refused, {});
}

}  // namespace

engine::Reply store_trouble(Family family, const Error& error) {
  const auto why = error.code == ErrorCode::full ? engine::Refusal::store_full : engine::Refusal::store_away;
  return refuse(family, {why, {}});
}

void read_later(Call& call, std::function<void(Reader&, const Replier&)> work) {
  const bool queued = call.context.reads.submit(
      [answer = call.answer, family = call.family, work = std::move(work)](Reader* reader) {
        if (reader) return work(*reader, answer);
        answer(refuse(family, {engine::Refusal::store_away, {}}));
      });
  if (!queued) call.answer(refuse(call.family, {engine::Refusal::overloaded, "Too many reads are waiting"}));
}

void compute_later(Call& call, std::function<void(const Replier&)> work, Weight weight) {
  const bool queued = call.context.reads.submit(
      [answer = call.answer, work = std::move(work)](Reader*) { work(answer); }, weight);
  if (!queued) call.answer(refuse(call.family, {engine::Refusal::overloaded, "Too many reads are waiting"}));
}

void go_on_later(Context& context, const Replier& answer, Weight weight, std::function<void()> work) {
  const bool queued = context.reads.finish([work = std::move(work)](Reader*) { work(); }, weight);
  if (!queued) answer(refuse(Family::v1, kStops));
}

void go_on_reading(Context& context, const Replier& answer, std::function<void(Reader&)> work) {
  const bool queued = context.reads.finish(
      [answer, work = std::move(work)](Reader* reader) {
        if (reader) return work(*reader);
        answer(refuse(Family::v1, {engine::Refusal::store_away, {}}));
      },
      Weight::light);
  if (!queued) answer(refuse(Family::v1, kStops));
}

EventId fresh_event_id(Context& context) {
  std::array<std::uint8_t, 10> noise;
  context.random.fill(noise);
  return EventId{uuid_v7(context.clock.now(), noise)};
}

}  // namespace exposee::api
