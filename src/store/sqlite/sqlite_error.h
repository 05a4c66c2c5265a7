// What SQLite's result codes mean to the rest of Exposee, in one sentence that names the file. Values only;
// any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace exposee::store {

// `code`: an (extended) SQLite result code. `system_errno`: sqlite3_system_errno() of the connection, 0 when
// none. `what`: SQLite's own words. SQLITE_FULL and I/O errors for want of space or quota -> full; a page
// that is damaged -> damaged, one that the disk does not read (EIO) -> unreadable; I/O errors of the file as
// a whole (writes, syncs), a busy, locked, read-only or missing file and want of memory -> unavailable; all
// else -> internal.
Error sqlite_error(int code, int system_errno, std::string_view what, std::string_view path);

// Something cannot be read, for a reason that comes again, and what lies elsewhere in the file can.
bool is_of_one_place(const Error& error);

// What takes the data as it is, as it is typed. `file`: one of the directory's.
std::string accept_data_command(const std::string& file);

// ENOSPC, EDQUOT, EFBIG.
bool lacks_space(int system_errno);

// The same for a failed system call on a file: ENOSPC and EDQUOT -> full, all else -> unavailable.
// `sentence`: what could not be done, without the full stop.
Error system_error(int system_errno, std::string_view sentence);

}  // namespace exposee::store
