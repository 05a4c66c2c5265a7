// The replies to requests that never became whole: refused by the codec or the server before any call could
// be asked. Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "api/options.h"
#include "api/wire/call.h"
#include "http/fault.h"
#include "http/message.h"

namespace exposee::api {

// How many bytes of body a call may have.
std::size_t body_limit(const ApiOptions& options, http::Method method, std::string_view target);

// In the words of the family that the target belongs to; the contract's when it is not known.
// `begun`: what was understood of the request.
engine::Reply early_refusal(const ApiOptions& options, Family family, const http::Fault& fault,
                            const http::Request& begun);

}  // namespace exposee::api
