// A running Exposee: every room, knit together. The one file that includes them all. Made, started and
// stopped by run/serve on the main thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "api/api.h"
#include "app/log/chore_log.h"
#include "app/log/log.h"
#include "app/log/log_observer.h"
#include "app/run/backlog_thread.h"
#include "app/run/node_figures.h"
#include "app/run/system_doors.h"
#include "app/settings/settings.h"
#include "engine/engine.h"
#include "net/client/sender.h"
#include "net/server/server.h"
#include "observe/fan_out.h"
#include "observe/live_ring.h"
#include "observe/metrics.h"
#include "store/sqlite/sqlite_store.h"

namespace exposee::app {

// What a drain had no time for.
struct Drained {
  std::size_t connections_cut = 0;    // clients in the middle of a call
  std::size_t attempts_given_up = 0;  // under way; they stay owed
  std::size_t outcomes_unwritten = 0;  // the store did not take them: those attempts are made again
  bool complete() const { return connections_cut == 0 && attempts_given_up == 0 && outcomes_unwritten == 0; }
};

class Node final : private Readiness {
 public:
  // `wait_for_holder`: when another process has the data still.
  Node(const Settings& settings, Log& log, store::WaitForHolder wait_for_holder = {})
      : settings_(settings), log_(log), wait_for_holder_(std::move(wait_for_holder)), logs_(log), chores_(log) {}
  ~Node() override;

  // Opens the data, takes the addresses, resumes what is owed and begins to serve. Errors: locked,
  // newer_schema (starting again cannot help); conflict, unavailable, full, invalid (a sentence says what).
  Result<void> start();

  // The rules of these settings that can change while it runs, and the trusted certificates, read anew. Error:
  // of the certificates; then nothing changes.
  Result<void> apply(const Settings& settings);

  // Finishes the requests and attempts under way, for `patience` at most in all, and writes everything down.
  Drained drain(std::chrono::milliseconds patience);

  std::string listen() const;  // the addresses bound, divided by ", "
  const std::string& url() const { return url_; }  // with the port really bound
  std::uint64_t most_stored_events() const { return most_stored_events_; }
  const std::optional<store::BackupMark>& restored_from() const { return store_->restored_from(); }
  bool has_its_files() const { return store_->has_its_files(); }
  bool disk_failed() const { return store_->disk_failed(); }
  const engine::EngineTotals& totals() const { return engine_->totals(); }

 private:
  Result<void> open_store();
  Result<void> open_network();
  Result<void> start_engine();
  Error with_way_out(Error error);
  api::ApiOptions api_options() const;
  void serve_calls();
  std::optional<std::string> not_ready() const override;
  void end_threads();

  const Settings& settings_;
  Log& log_;
  const store::WaitForHolder wait_for_holder_;
  SystemClock clock_;
  SystemRandom random_;
  const Instant started_at_ = clock_.now();
  LogObserver logs_;
  ChoreLog chores_;
  observe::EngineMeter engine_meter_;
  observe::CallMeter call_meter_;
  observe::LiveRing live_{static_cast<std::uint64_t>(to_micros(started_at_))};
  observe::FanOut observers_{{&logs_, &engine_meter_, &live_}};
  observe::CallFanOut call_observers_{{&logs_, &call_meter_}};
  // In order of need: each uses those above it and is destroyed before them. Four also call below
  // themselves, from threads of their own: the server calls Api, the engine replies to Api's callers, the
  // sender reports to the engine and to Api, what reads backlogs to the engine. So end_threads() ends these
  // before anything is destroyed. Api's own threads, which read, end with it, and may reply through the
  // server and read the store until then.
  std::unique_ptr<store::SqliteStore> store_;
  std::unique_ptr<net::Server> server_;
  std::unique_ptr<net::HttpSender> sender_;
  std::unique_ptr<BacklogThread> backlog_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<NodeFigures> figures_;
  std::unique_ptr<observe::Metrics> metrics_;
  std::unique_ptr<api::Api> api_;
  std::jthread engine_thread_;
  std::string url_;
  std::uint64_t most_stored_events_ = 0;
};

}  // namespace exposee::app
