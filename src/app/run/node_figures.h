// What a running server shows of itself when somebody asks for metrics: connections, files, the process. Owned by
// Node; reading threads.
#pragma once

#include "app/log/log.h"
#include "net/client/sender.h"
#include "net/server/server.h"
#include "observe/figures.h"
#include "store/sqlite/sqlite_store.h"

namespace exposee::app {

class NodeFigures final : public observe::FigureSource {
 public:
  // All outlive it. `started_at`: of the process.
  NodeFigures(const net::Server& server, const net::HttpSender& sender, const store::SqliteStore& store,
              const Log& log, std::uint64_t max_pending_deliveries, Instant started_at)
      : server_(server),
        sender_(sender),
        store_(store),
        log_(log),
        max_pending_deliveries_(max_pending_deliveries),
        started_at_(started_at) {}

  observe::Figures figures() const override;

 private:
  const net::Server& server_;
  const net::HttpSender& sender_;
  const store::SqliteStore& store_;
  const Log& log_;
  const std::uint64_t max_pending_deliveries_;
  const Instant started_at_;
};

// Of this process, as the kernel counts it (proc(5), getrusage(2)). Nothing: it does not say.
std::optional<observe::ProcessFigures> process_figures(Instant started_at);

}  // namespace exposee::app
