#include "app/commands/data_error.h"

namespace exposee::app {
namespace {

cli::ExitCode code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::not_found:
      return cli::ExitCode::not_found;
    case ErrorCode::conflict:
    case ErrorCode::locked:
      return cli::ExitCode::conflict;
    case ErrorCode::newer_schema:
    case ErrorCode::undecided:
    case ErrorCode::damaged:
      return cli::ExitCode::do_not_restart;
    default:
      return cli::ExitCode::failed;
  }
}

}  // namespace

int complain(const Error& error, cli::World& world) {
  world.err << "exposee: " << error.message << (error.hint.empty() ? "" : " ") << error.hint << '\n';
  return cli::to_int(code_of(error.code));
}

}  // namespace exposee::app
