// A whole service over one data directory, in one process: the real store, engine and API; a clock that
// stands still, receivers that answer at once. For tests that put damage on the disk below it. One thread
// drives it.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "api/api.h"
#include "engine/engine.h"
#include "fakes/collected_stream.h"
#include "fakes/counting_random.h"
#include "fakes/manual_clock.h"
#include "fakes/quiet_watch.h"
#include "fakes/scripted_sender.h"
#include "store/sqlite/sqlite_store.h"

namespace exposee::damage {

class Troubles final : public Observer, public RowTroubleSink {
 public:
  void attempt_finished(const AttemptNote&) override {}
  void turn_committed(const TurnNote&) override {}
  void store_failed(const Error& error) override { store_failures.push_back(error.message); }
  void store_recovered() override {}
  void attempt_not_begun(const Endpoint&, std::string_view, Instant) override {}
  void endpoint_disabled(const Endpoint&) override {}
  void breaker_changed(const Endpoint&, bool) override {}
  void row_in_trouble(const RowTrouble& trouble) override {
    const std::lock_guard lock(mutex_);
    told.insert(trouble.table + " " + trouble.row + ": " + trouble.why);
  }

  std::vector<std::string> store_failures;
  std::set<std::string> told;

 private:
  std::mutex mutex_;
};

struct Got {
  int status = 0;
  std::string body;
};

class Service final : public ResponseSink {
 public:
  // `durable`: as in earnest; else nothing is synced, which is fast.
  explicit Service(const std::string& directory, bool durable = false) : directory_(directory), durable_(durable) {}
  ~Service() override = default;

  // Nothing, or why it does not start.
  std::optional<Error> start();
  Got call(std::string_view method, std::string_view target, std::string body = {},
           const std::string& key = {});
  void run(Duration span);  // turns until so much time has passed
  // Deliveries sent so far to that host.
  std::size_t sent_to(std::string_view host) const;

  void respond(std::uint64_t connection, http::Response&& response) override;
  void respond_with(std::uint64_t connection, std::function<http::Response()>&& make) override {
    respond(connection, make());
  }
  std::shared_ptr<ReplyStream> stream(std::uint64_t connection, http::Response&& head, StreamKind kind,
                                       StreamEvents&& events) override;

  Troubles troubles;
  fakes::ManualClock clock;
  fakes::CountingRandom random;
  fakes::ScriptedSender sender;

 private:
  std::string directory_;
  bool durable_;
  std::unique_ptr<store::SqliteStore> store_;
  std::unique_ptr<engine::Engine> engine_;
  fakes::QuietCalls calls_;
  fakes::FixedReadiness readiness_;
  fakes::FixedMetrics metrics_;
  std::unique_ptr<api::Api> api_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::map<std::uint64_t, Got> replies_;
  std::uint64_t connections_ = 0;
};

}  // namespace exposee::damage
