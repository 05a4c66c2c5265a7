// A sender that makes no connections: it remembers what it was given and answers by a script, at once, on the
// caller's thread. Any thread may send; `sent` is for when the calls in question have been answered.
#pragma once

#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "ports/sender.h"

namespace exposee::fakes {

class ScriptedSender final : public Sender {
 public:
  using Script = std::function<Response(const SendJob&)>;

  void answer_with(Script script) { script_ = std::move(script); }
  // What is sent from now on waits until release().
  void hold() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }

  void send(std::vector<SendJob>&& jobs, SendSink& sink) override {
    if (keep(std::move(jobs), sink)) answer_waiting();
  }

  // Answers what waits, the last first: no caller may count on an order.
  void release() {
    {
      const std::lock_guard lock(mutex_);
      held_ = false;
    }
    answer_waiting();
  }

  // What was sent and not answered yet.
  std::size_t waiting() {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
  }

  std::vector<SendJob> sent;

 private:
  using Waiting = std::vector<std::pair<SendSink*, SendJob>>;

  bool keep(std::vector<SendJob>&& jobs, SendSink& sink) {
    const std::lock_guard lock(mutex_);
    for (auto& job : jobs) {
      sent.push_back(job);
      waiting_.emplace_back(&sink, std::move(job));
    }
    return !held_;
  }
  Waiting take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(waiting_, {});
  }
  void answer_waiting() {
    auto waiting = take();
    while (!waiting.empty()) {
      auto [sink, job] = std::move(waiting.back());
      waiting.pop_back();
      std::vector<SendResult> results;
      results.push_back({job.ticket, script_ ? script_(job) : refused()});
      sink->answered(std::move(results));
    }
  }

  static Response refused() {
    Response response;
    response.cause = Cause::connect;
    response.detail = "Connection refused";
    return response;
  }

  Script script_;
  bool held_ = false;
  std::mutex mutex_;
  Waiting waiting_;
};

}  // namespace exposee::fakes
