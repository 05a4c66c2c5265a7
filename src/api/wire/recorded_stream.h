// A stream of which somebody wants to know, as of every call, once it has ended: how much it was, how long it
// took, and whether the client got all of it. Wraps the server's; any thread, one at a time.
#pragma once

#include <memory>

#include "api/wire/replier.h"
#include "ports/http_service.h"

namespace exposee::api {

std::shared_ptr<ReplyStream> recorded_stream(const Responder& respond, http::Response head, StreamKind kind,
                                              StreamEvents events, CallRecord record);

}  // namespace exposee::api
