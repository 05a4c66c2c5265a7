// A sender that makes no connections: it remembers what it was given and answers by a script, at once, on the
// caller's thread. One thread.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "ports/sender.h"

namespace exposee::fakes {

class ScriptedSender final : public Sender {
 public:
  using Script = std::function<Answer(const SendJob&)>;

  void answer_with(Script script) { script_ = std::move(script); }
  // What is sent from now on waits until release().
  void hold() { held_ = true; }

  void send(std::vector<SendJob>&& jobs, SendSink& sink) override {
    for (auto& job : jobs) {
      sent.push_back(job);
      waiting_.emplace_back(&sink, std::move(job));
    }
    if (!held_) release();
  }

  // Answers what waits, the last first: nobody may count on an order.
  void release() {
    held_ = false;
    auto waiting = std::exchange(waiting_, {});
    while (!waiting.empty()) {
      auto [sink, job] = std::move(waiting.back());
      waiting.pop_back();
      std::vector<SendResult> results;
      results.push_back({job.ticket, script_ ? script_(job) : refused()});
      sink->answered(std::move(results));
    }
  }

  std::vector<SendJob> sent;

 private:
  static Answer refused() {
    Answer answer;
    answer.cause = Cause::connect;
    answer.detail = "Connection refused";
    return answer;
  }

  Script script_;
  bool held_ = false;
  std::vector<std::pair<SendSink*, SendJob>> waiting_;
};

}  // namespace exposee::fakes
