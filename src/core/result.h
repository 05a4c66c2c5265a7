// Result: what a function gives back when its caller must expect a refusal.
//
// An Error is a value for things that happen in a healthy program (bad input, full disk, a name that is
// taken). Programmer errors are EXPOSEE_ASSERT (core/assert.h), which stays on in release builds.
// Values only; any thread.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace exposee {

enum class ErrorCode {
  invalid,       // the input breaks a rule; the message names the place
  not_found,     // the thing named does not exist
  conflict,      // the thing exists already, or its state forbids this
  unavailable,   // try again later: store away, overloaded, shutting down
  full,          // no space left on the device
  timeout,       // a deadline passed
  newer_schema,  // the data was written by a newer version of Exposee
  locked,        // another process owns the data
  stale,         // another has taken over what this one held: it writes nothing any more
  undecided,     // the data is a backup, and what becomes of what was pending then is not decided
  damaged,       // part of what is stored cannot be read any more
  unreadable,    // the disk does not read one place of what is stored now: it may later, and reads the others
  internal,      // a library or the system failed, and nothing can be done about it
};

struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;  // one sentence that names the place
  std::string hint;     // the way out; may be empty
};

// GCC 12's std::expected is not [[nodiscard]] and has no monadic members; this is.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using Base = std::expected<T, Error>;
  using Base::Base;
  Result(Error error) : Base(std::unexpected(std::move(error))) {}
};

template <>
class [[nodiscard]] Result<void> : public std::expected<void, Error> {
 public:
  using Base = std::expected<void, Error>;
  using Base::Base;
  Result() = default;
  Result(Error error) : Base(std::unexpected(std::move(error))) {}
};

}  // namespace exposee

// Leaves the enclosing function with the error of `expr`, if it has one.
#define EXPOSEE_TRY(expr)                                     \
  do {                                                        \
    if (auto try_result = (expr); !try_result) [[unlikely]] { \
      return std::move(try_result).error();                   \
    }                                                         \
  } while (false)
