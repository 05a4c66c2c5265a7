// The engine's one entrance: commands from the API, responses from the sender, what the reader of backlogs
// has read. Any thread puts in, the engine's thread takes everything together. Owned by the engine.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

#include "core/time.h"
#include "engine/commands.h"
#include "ports/backlog.h"
#include "ports/sender.h"

namespace exposee::engine {

constexpr std::size_t kResponseCompany = 64;  // responses that make a turn of their own
constexpr Duration kResponseLinger{300};      // fewer wait so long for company

class Inbox final : public CommandSink, public SendSink, public BacklogSink {
 public:
  struct Batch {
    std::vector<Command> commands;
    std::vector<std::vector<SendResult>> results;  // as they came, so that none is moved again
    BacklogResults reads;
    void clear() {
      commands.clear();
      results.clear();
      reads.clear();
    }
  };

  void submit(Command&& command) override;
  void answered(std::vector<SendResult>&& results) override;
  void backlog_read(BacklogResults&& results) override;

  // Swaps out everything that has come in; `batch` must be empty and keeps its capacity.
  void take(Batch& batch);

  // Sleeps until something comes in, wake() is called or `limit` has passed. When only a few responses have
  // come, it waits a moment for company: no caller waits for an outcome, and a turn for each would be the
  // most expensive way to run. Engine's thread.
  void wait_for(Duration limit);
  void wake();

 private:
  // What a sleeping engine is to be woken for.
  enum class Sleep : std::uint8_t { none, anything, many_responses };
  bool has_reason() const;

  std::mutex mutex_;
  std::condition_variable arrived_;
  Batch waiting_;
  std::size_t responses_waiting_ = 0;
  bool woken_ = false;
  Sleep sleep_ = Sleep::none;
};

}  // namespace exposee::engine
