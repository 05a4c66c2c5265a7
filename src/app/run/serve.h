// The server from start to drain: starts a node, announces that it is ready, and stays until it is
// stopped. Its rooms are wired in run/node.h.
#pragma once

#include "app/log/log.h"
#include "app/run/reload.h"
#include "app/settings/settings.h"

namespace exposee::app {

// Runs on the calling thread until SIGTERM or SIGINT has drained it. "Ready" (banner or log line) is said
// only once the server listens and the store is open. A start that fails says why in one sentence on standard
// error. Gives back an ExitCode (cli/exit_code.h) as a number:
//   0    stopped when asked to; everything accepted is on disk, what is still owed goes on at the next start
//   1    could not start for a reason that may pass: address in use, disk full, data directory not writable,
//        too few descriptors or threads, too little memory; or the data files vanished under it
//   2    a setting that only the start could prove wrong: a certificate file that cannot be read
//   78   starting again cannot help: the data was written by a newer version, another process owns the
//        directory, the data is a backup and what becomes of what was pending then is not decided
//   130  a second signal ended it before it had drained; nothing acknowledged is lost
// SIGHUP reloads what `read_again` gives (app/run/reload.h).
int serve(const Settings& settings, const SettingsReader& read_again, Log& log);

}  // namespace exposee::app
