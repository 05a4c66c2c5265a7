// What a running server shows of itself in its metrics: connections, files, the process. Owned by
// Node; reading threads.
#pragma once

#include <dirent.h>

#include <memory>
#include <mutex>

#include "app/log/log.h"
#include "app/log/trouble_log.h"
#include "net/client/sender.h"
#include "net/loop/fd.h"
#include "net/server/server.h"
#include "observe/figures.h"
#include "store/sqlite/sqlite_store.h"

namespace exposee::app {

// What the kernel counts of this process (proc(5), getrusage(2)). The files that say it are opened at the
// start and stay open: they are needed most when no descriptor is left. Any thread.
class ThisProcess {
 public:
  explicit ThisProcess(Instant started_at);
  // Nothing: the kernel does not say.
  std::optional<observe::ProcessFigures> figures() const;

 private:
  struct EndOfDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
  };
  std::uint64_t open_descriptors() const;

  const Instant started_at_;
  const net::Fd memory_;  // statm
  const std::unique_ptr<DIR, EndOfDirectory> descriptors_;
  mutable std::mutex mutex_;  // guards the place in descriptors_
};

class NodeFigures final : public observe::FigureSource {
 public:
  // All outlive it. `started_at`: of the process.
  NodeFigures(const net::Server& server, const net::HttpSender& sender, const store::SqliteStore& store,
              const Log& log, const TroubleLog& troubles, Instant started_at)
      : server_(server),
        sender_(sender),
        store_(store),
        log_(log),
        troubles_(troubles),
        process_(started_at) {}

  observe::Figures figures() const override;

 private:
  const net::Server& server_;
  const net::HttpSender& sender_;
  const store::SqliteStore& store_;
  const Log& log_;
  const TroubleLog& troubles_;
  const ThisProcess process_;
};

}  // namespace exposee::app
