// Rows of the store that cannot be read, in the log: each is named once. Any thread.
#pragma once

#include <mutex>
#include <string>
#include <unordered_set>

#include "app/log/log.h"
#include "ports/row_trouble.h"

namespace exposee::app {

// Rows named; the line after them says that more follow. Bounds the memory, and the length of the log.
constexpr std::size_t kMostTroublesNamed = 1'000;

class TroubleLog final : public RowTroubleSink {
 public:
  explicit TroubleLog(Log& log) : log_(log) {}  // `log` outlives it

  void row_in_trouble(const RowTrouble& trouble) override;
  std::size_t count() const;  // of different ones, up to one more than are named

 private:
  bool is_new(const RowTrouble& trouble);

  Log& log_;
  mutable std::mutex mutex_;
  std::unordered_set<std::string> named_;
};

}  // namespace exposee::app
