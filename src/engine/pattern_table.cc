#include "engine/pattern_table.h"

#include <algorithm>

#include "core/event_type.h"

namespace exposee::engine {

void Subscribers::add(List list) {
  if (!list || list->empty()) return;
  if (first_) {
    others_.push_back(std::move(list));
  } else {
    first_ = std::move(list);
  }
}

std::size_t Subscribers::size() const {
  std::size_t count = 0;
  each_list([&](const List& list) { count += list->size(); });
  return count;
}

void PatternTable::add_type(std::string_view name) {
  Type type{std::string(name), {}};
  for (const auto& pattern : covering(name)) {
    if (const auto number = find(pattern)) type.matching.push_back(number);
  }
  types_.push_back(std::move(type));
}

void PatternTable::drop_last_type() {
  types_.pop_back();
}

std::span<const PatternNumber> PatternTable::matching(TypeNumber type) const {
  if (!type || type.value > types_.size()) return {};
  return types_[type.value - 1].matching;
}

PatternNumber PatternTable::intern(std::string_view pattern) {
  const auto [place, is_new] = numbers_.try_emplace(std::string(pattern));
  if (!is_new) return place->second;
  if (free_.empty()) {
    entries_.emplace_back();
    free_.push_back(PatternNumber{entries_.size()});
  }
  const auto number = place->second = free_.back();
  free_.pop_back();
  entry(number).text = &place->first;
  loose_.push_back(number);
  for (auto& type : types_) {
    if (matches(pattern, type.name)) type.matching.push_back(number);
  }
  return number;
}

PatternNumber PatternTable::find(const std::string& pattern) const {
  const auto found = numbers_.find(pattern);
  return found == numbers_.end() ? PatternNumber{} : found->second;
}

void PatternTable::let_go(PatternNumber pattern) {
  if (--entry(pattern).holders == 0) loose_.push_back(pattern);
}

void PatternTable::sweep() {
  for (const auto pattern : loose_) {
    const auto& loose = entry(pattern);
    if (loose.holders == 0 && loose.text) forget(pattern);
  }
  loose_.clear();
}

void PatternTable::forget(PatternNumber pattern) {
  for (auto& type : types_) std::erase(type.matching, pattern);
  numbers_.erase(numbers_.find(*entry(pattern).text));
  entry(pattern) = {};
  free_.push_back(pattern);
}

// A copy while others hold it.
std::vector<EndpointNumber>& PatternTable::list_to_change(PatternNumber pattern) {
  auto& listed = entry(pattern).listed;
  if (!listed) listed = std::make_shared<std::vector<EndpointNumber>>();
  if (listed.use_count() > 1) listed = std::make_shared<std::vector<EndpointNumber>>(*listed);
  return *listed;
}

void PatternTable::unlist(PatternNumber pattern, EndpointNumber endpoint) {
  std::erase(list_to_change(pattern), endpoint);
}

Subscribers PatternTable::subscribers(TypeNumber type) const {
  Subscribers all;
  for (const auto pattern : matching(type)) all.add(entry(pattern).listed);
  return all;
}

}  // namespace exposee::engine
