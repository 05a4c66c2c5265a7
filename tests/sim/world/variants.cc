#include "sim/world/variants.h"

#include <algorithm>
#include <iterator>

namespace exposee::sim {

using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t kSeldom = 100;  // one story in so many has a crowd

// Every window overflows.
engine::EngineLimits hardly_any_memory(Duration pack_after) {
  return {.window = 2,
          .stopped_window = 1,
          .body_bytes = 400,
          .least_share_bytes = 100,
          .events_per_turn = 3,
          .event_bytes_per_turn = 200,
          .read_step = 2,
          .reads_per_turn = 3,
          .read_bytes_per_turn = 200,
          .retry_window = 4,
          .stopped_retries = 1,
          .retries_meanwhile = 2,
          .retry_events = 2,
          .retries_per_turn = 2,
          .few_retries = 1,
          .lane_quantum = 2,
          .catch_ups_per_turn = 1,
          .catch_up_scan = 3,
          .first_catch_up_step = 1,
          .most_catch_up_step = 2,
          .outcome_batch = 2,
          .division_writes = 6,
          .resume_page = 3,
          .pack_bytes = 4,
          .packs_per_checkpoint = 2,
          .pack_after = pack_after,
          .pile = 4,
          .least_pile = 1,
          .released = 1,
          .cancel_step = 1,
          .first_expire_step = 1,
          .least_expire_step = 1,
          .most_expire_step = 2,
          .forget_step = 1,
          .ended_step = 1};
}

// Of retries only the memory for their bodies limits how many are read ahead.
engine::EngineLimits hardly_any_bodies(Duration pack_after) {
  auto limits = hardly_any_memory(pack_after);
  limits.retry_window = limits.retry_events = limits.retries_per_turn = 50;
  return limits;
}

// The last is the crowd.
const Variant kVariants[] = {
    {"as_usual", {}, {}},
    // What runs ahead waits in the sender most of the time.
    {"little_under_way", {.max_in_flight_per_endpoint = 2}, {}},
    {"few_places_in_all", {.max_in_flight = 3, .fast_concurrency = 2}, {}},
    {"hardly_any_memory", {.limits = hardly_any_memory(0s)}, {}},
    {"hardly_any_memory_packed_late", {.limits = hardly_any_bodies(2s)}, {.types_change = true}},
    {"types_come_and_go", {}, {.types_change = true}},
    {"soon_forgotten", {.retention = 2min}, {}},
    {"soon_forgotten_with_hardly_any_memory", {.retention = 2min, .limits = hardly_any_memory(1s)}, {}},
    {"few_may_wait", {.max_pending = 4, .limits = hardly_any_memory(0s)}, {}},
    {"damage", {}, {.damage = true}},
    {"damage_with_hardly_any_memory", {.limits = hardly_any_memory(0s)}, {.damage = true}},
    {"full_disk", {}, {.disk_fills = true}},
    {"names_lead_elsewhere", {}, {.elsewhere = 0.3}},
    {"crowd", {}, {.acts = 30, .crowd = 1'000}},
};

}  // namespace

std::span<const Variant> variants() {
  return kVariants;
}

const Variant& variant_of(std::uint64_t seed) {
  if (seed % kSeldom == 0) return variants().back();
  return variants()[seed % (variants().size() - 1)];
}

const Variant& variant_named(std::string_view name) {
  return *std::ranges::find(variants(), name, &Variant::name);
}

}  // namespace exposee::sim
