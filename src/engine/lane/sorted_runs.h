// An index that many immutable versions share: runs sorted by key, each at least twice as long as the next.
// Adding costs O(log n) on average and copies nothing of the longer runs, copying the index copies a dozen
// pointers, finding costs O(log² n). Of equal keys the one added last is found. Nothing is removed: a finder
// checks what the value leads to. A copy may be read by any thread while another one is added to.
#pragma once

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace exposee::engine {

template <class Key, class Value>
class SortedRuns {
 public:
  void add(Key key, Value value) {
    Run run;
    run.emplace_back(std::move(key), std::move(value));
    while (!runs_.empty() && runs_.back()->size() < 2 * run.size()) {
      run = merged(*runs_.back(), run);
      runs_.pop_back();
    }
    runs_.push_back(std::make_shared<const Run>(std::move(run)));
  }

  // `key`: anything that compares with Key.
  template <class Like>
  std::optional<Value> find(const Like& key) const {
    for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
      const auto after = std::ranges::upper_bound(**run, key, {}, &Entry::first);
      if (after != (*run)->begin() && std::prev(after)->first == key) return std::prev(after)->second;
    }
    return std::nullopt;
  }

 private:
  using Entry = std::pair<Key, Value>;
  using Run = std::vector<Entry>;

  // std::merge takes equal ones of `older` first, so that the last of them is the newest.
  static Run merged(const Run& older, const Run& newer) {
    Run all;
    all.reserve(older.size() + newer.size());
    std::ranges::merge(older, newer, std::back_inserter(all), {}, &Entry::first, &Entry::first);
    return all;
  }

  std::vector<std::shared_ptr<const Run>> runs_;
};

}  // namespace exposee::engine
