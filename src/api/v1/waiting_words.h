// Why a pending delivery waits, or a cancelled one ended, in one sentence, with what makes it go on: the table behind
// the `hint` of what has not failed, or waits for more than its date. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/registry.h"
#include "engine/commands.h"

namespace exposee::api {

// Why a delivery was cancelled, as far as its endpoint shows. `endpoint`: null when nothing is known of it
// any more. `delivery_id`: "dlv_...".
std::string cancelled_words(const Endpoint* endpoint, std::string_view delivery_id);

// Empty when there is nothing to say beyond `next_attempt_at`. `endpoint_id`: "ep_...".
std::string waiting_words(const engine::Waiting& waiting, std::string_view endpoint_id);

}  // namespace exposee::api
