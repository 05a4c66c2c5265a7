// Those who watch, for tests that are about something else: they keep what tests may ask for and say nothing.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "observe/metrics.h"
#include "ports/call_observer.h"
#include "ports/readiness.h"

namespace exposee::fakes {

// Any thread.
class QuietCalls final : public CallObserver {
 public:
  struct Call {
    CallFamily family;
    int status;
    std::size_t bytes;
    bool whole;
    CallDetails details;
  };
  struct Cut {
    std::string path;
    std::string why;
  };

  bool wants_details() const override { return true; }
  void call_answered(const CallNote& note) override {
    const std::lock_guard lock(mutex_);
    calls_.push_back({note.family, note.status, note.bytes, note.whole, *note.details});
  }
  void reply_cut_off(std::string_view path, const Error& error) override {
    const std::lock_guard lock(mutex_);
    cuts_.push_back({std::string(path), error.message});
  }
  void test_finished(const TestNote&) override {}
  void host_refused(std::string_view host, Instant) override {
    const std::lock_guard lock(mutex_);
    refused_hosts_.emplace_back(host);
  }

  // In the order in which they were told.
  std::vector<Call> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  std::vector<std::string> refused_hosts() const {
    const std::lock_guard lock(mutex_);
    return refused_hosts_;
  }
  std::vector<Cut> cuts() const {
    const std::lock_guard lock(mutex_);
    return cuts_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Call> calls_;
  std::vector<Cut> cuts_;
  std::vector<std::string> refused_hosts_;
};

struct FixedReadiness final : Readiness {
  std::optional<std::string> not_ready() const override { return why; }
  std::optional<std::string> why;
};

struct FixedMetrics final : observe::MetricsSource {
  std::string page() const override { return text; }
  std::string text = "# HELP up Always 1.\n# TYPE up gauge\nup 1\n";
};

}  // namespace exposee::fakes
