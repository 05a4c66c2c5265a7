// The patterns by which endpoints are subscribed, as numbers: so that no texts are compared for an event or a delivery.
// For each type it knows which of them match, and for each pattern which endpoints are listed under it. Owned by the
// registry; engine's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/ids.h"

namespace exposee::engine {

// Of one table. It may come to mean another pattern once no endpoint has this one any more.
using PatternNumber = Number<struct PatternNumberTag>;

// Endpoints, each once: a few lists, mostly one, which others share. A snapshot that later changes do not touch.
class Subscribers {
 public:
  using List = std::shared_ptr<const std::vector<EndpointNumber>>;

  Subscribers() = default;
  explicit Subscribers(std::vector<EndpointNumber> endpoints) { add(std::make_shared<List::element_type>(std::move(endpoints))); }

  void add(List list);
  std::size_t size() const;
  bool empty() const { return size() == 0; }
  template <class Take>
  void each(Take&& take) const {
    each_list([&](const List& list) {
      for (const auto number : *list) take(number);
    });
  }
  // Leaves out those of which it is true; how many.
  template <class IsGone>
  std::size_t drop(IsGone&& is_gone) {
    std::vector<EndpointNumber> gone, left;
    each([&](EndpointNumber number) {
      if (is_gone(number)) gone.push_back(number);
    });
    if (gone.empty()) return 0;
    left.reserve(size() - gone.size());
    auto next = gone.begin();
    each([&](EndpointNumber number) {
      const bool goes = next != gone.end() && *next == number;
      goes ? void(++next) : left.push_back(number);
    });
    *this = Subscribers(std::move(left));
    return gone.size();
  }

 private:
  template <class Take>
  void each_list(Take&& take) const {
    if (first_) take(first_);
    for (const auto& list : others_) take(list);
  }

  List first_;
  std::vector<List> others_;
};

class PatternTable {
 public:
  PatternTable() = default;
  PatternTable(PatternTable&&) = default;
  PatternTable& operator=(PatternTable&&) = default;

  // Types have the numbers 1, 2, 3 ... in the order in which they are added.
  void add_type(std::string_view name);
  void drop_last_type();
  std::size_t types() const { return types_.size(); }
  // Those of the patterns here that match it; nothing: there is no such type.
  std::span<const PatternNumber> matching(TypeNumber type) const;

  // Its number; it gets one if it has none.
  PatternNumber intern(std::string_view pattern);
  PatternNumber find(const std::string& pattern) const;  // zero: it has none
  const std::string& text(PatternNumber pattern) const { return *entry(pattern).text; }
  // Each `hold` keeps it until as many `let_go`; then `sweep` forgets it.
  void hold(PatternNumber pattern) { ++entry(pattern).holders; }
  void let_go(PatternNumber pattern);
  void sweep();

  void list(PatternNumber pattern, EndpointNumber endpoint) { list_to_change(pattern).push_back(endpoint); }
  void unlist(PatternNumber pattern, EndpointNumber endpoint);
  // All that are listed under patterns that match the type; under one of those at most, each.
  Subscribers subscribers(TypeNumber type) const;

 private:
  struct Entry {
    const std::string* text = nullptr;  // null: the number is free
    std::uint32_t holders = 0;
    std::shared_ptr<std::vector<EndpointNumber>> listed;  // null: no endpoint
  };
  struct Type {
    std::string name;
    std::vector<PatternNumber> matching;
  };

  Entry& entry(PatternNumber pattern) { return entries_.at(pattern.value - 1); }
  const Entry& entry(PatternNumber pattern) const { return entries_.at(pattern.value - 1); }
  std::vector<EndpointNumber>& list_to_change(PatternNumber pattern);
  void forget(PatternNumber pattern);

  std::vector<Type> types_;     // number n at n - 1
  std::vector<Entry> entries_;  // number n at n - 1
  std::vector<PatternNumber> free_;
  std::vector<PatternNumber> loose_;  // perhaps no endpoint holds them
  std::unordered_map<std::string, PatternNumber> numbers_;  // entries point to its keys
};

}  // namespace exposee::engine
