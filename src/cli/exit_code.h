// How every command ends: the one list of exit codes, the same for people, scripts and service managers.
// Values only; any thread.
#pragma once

#include <string_view>

namespace exposee::cli {

// Scripts rely on these numbers: never renumber.
enum class ExitCode : int {
  ok = 0,      // done, and what was asked about is well; of serve: drained, within the drain time
  failed = 1,  // carried out, but a target failed: an unhealthy server, a listening address that is taken, a
               // limit of the system that is too low to start, data files that vanished under the server, a disk that
               // failed to sync
  usage = 2,   // the command line or a setting is wrong; nothing was started
  unreachable = 3,      // no server answered at the address
  not_authorised = 4,   // the server refused the caller
  not_found = 5,        // the thing named does not exist
  conflict = 6,         // the thing exists already, or its state forbids this
  timed_out = 7,        // the server did not answer in time
  do_not_restart = 78,  // starting again cannot help: data of a newer version, not whole or damaged, data directory in use
                        // (EX_CONFIG of sysexits.h; systemd: RestartPreventExitStatus=78)
  interrupted = 130,    // ended at once by a second SIGINT or SIGTERM (shells: 128 + 2)
};

constexpr int to_int(ExitCode code) {
  return static_cast<int>(code);
}

// What help and the manual page say of each.
struct ExitCodeText {
  ExitCode code;
  std::string_view meaning;
};
inline constexpr ExitCodeText kExitCodes[] = {
    {ExitCode::ok, "ok"},
    {ExitCode::failed, "failed, or a target failed"},
    {ExitCode::usage, "the command line or a setting is wrong"},
    {ExitCode::unreachable, "the server cannot be reached"},
    {ExitCode::not_authorised, "not authorised"},
    {ExitCode::not_found, "not found"},
    {ExitCode::conflict, "exists already, or its state forbids this"},
    {ExitCode::timed_out, "the server did not answer in time"},
    {ExitCode::do_not_restart, "starting again cannot help"},
    {ExitCode::interrupted, "interrupted"},
};

}  // namespace exposee::cli
