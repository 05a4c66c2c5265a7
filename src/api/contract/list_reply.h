// A list as the reply to a call, however long it is: read and sent piece by piece, so that neither the whole
// of it is ever in memory nor a reading thread waits for a client. What fits into one piece is an ordinary
// reply with its length. Each further piece is a job of its own, queued once the client has taken enough of
// those before. A read that fails in the middle cuts the reply off.
#pragma once

#include <functional>
#include <string>

#include "api/wire/call.h"

namespace exposee::api {

// Appends the next rows as JSON, divided by commas, until a piece is full (ApiOptions::list_piece_bytes).
// Gives back whether there may be more. Called on reading threads, one at a time.
using NextRows = std::function<Result<bool>(Reader& reader, std::string& json)>;

// On a reading thread. `path`: for the log.
void reply_list(Context& context, Reader& reader, const Replier& answer, std::string_view path,
                 NextRows next);

}  // namespace exposee::api
