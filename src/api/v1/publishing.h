// What publishing one event and publishing many have in common: the reply to an accepted event, which is
// also what is kept under its Idempotency-Key, and what that key stands for. Pure; any thread.
#pragma once

#include <string_view>

#include "api/wire/call.h"
#include "engine/commands.h"

namespace exposee::api {

// The claim of one event. It is the same whether the event is posted alone or as one of many, so a client may
// repeat either way what it got no reply to.
engine::IdempotencyClaim event_claim(std::string_view key, std::string_view type_name, std::string_view data);

// 202 {"id","event","timestamp","deliveries"}, or the problem. Made by hand: every event needs it.
engine::Reply render_published(const engine::Outcome<engine::Published>& outcome);

// POST /v1/events with an array (event_batch.cc). On the server's thread; answers exactly once.
void publish_events(Call& call);

}  // namespace exposee::api
