#include "engine/subscribing.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>

#include "core/event_type.h"

namespace exposee::engine {
namespace {

// Those that none of the others covers, each once.
std::vector<std::string> widest_of(std::span<const PatternEntry> wanted) {
  std::vector<std::string> all;
  for (const auto& entry : wanted) all.push_back(entry.pattern);
  if (all.size() < 2) return all;
  std::ranges::sort(all);
  const auto twice = std::ranges::unique(all);
  all.erase(twice.begin(), twice.end());
  std::vector<std::string> widest;
  std::ranges::copy_if(all, std::back_inserter(widest), [&](const std::string& pattern) {
    const auto wider = covering(pattern);
    return std::ranges::none_of(wider.begin() + 1, wider.end(),
                                [&](const auto& other) { return std::ranges::binary_search(all, other); });
  });
  return widest;
}

// Of those that cover the pattern, itself among them: whether one is true.
template <class IsTrue>
bool any_covering(const PatternTable& patterns, const std::string& pattern, bool itself, IsTrue&& is_true) {
  const auto all = covering(pattern);
  return std::any_of(all.begin() + (itself ? 0 : 1), all.end(), [&](const std::string& other) {
    const auto number = patterns.find(other);
    return number && is_true(number);
  });
}

RegistryVersion begin_of(const PatternTable& patterns, const std::string& pattern,
                         std::span<const OpenSubscription> before, RegistryVersion now) {
  auto from = now;
  for (const auto& other : covering(pattern)) {
    const auto number = patterns.find(other);
    const auto* open = number ? find_open(before, number) : nullptr;
    if (open) from = std::min(from, open->from);
  }
  return from;
}

// Those that were open, lie within one that is and are not the same.
OpenSubscriptions narrower(const PatternTable& patterns, std::span<const OpenSubscription> open,
                           std::span<const OpenSubscription> before) {
  OpenSubscriptions all;
  std::ranges::copy_if(before, std::back_inserter(all), [&](const OpenSubscription& was) {
    return !find_open(open, was.pattern) &&
           any_covering(patterns, patterns.text(was.pattern), false,
                        [&](PatternNumber number) { return find_open(open, number); });
  });
  return all;
}

// Those by which more is owed of some type than by any other.
OpenSubscriptions needed(const PatternTable& patterns, std::span<const OpenSubscription> open,
                         std::span<const OpenSubscription> narrower) {
  std::vector<bool> is_needed(narrower.size());
  for (std::uint64_t type = 1; type <= patterns.types(); ++type) {
    const OpenSubscription* oldest = nullptr;
    std::optional<RegistryVersion> wide;
    for (const auto number : patterns.matching(TypeNumber{type})) {
      const auto* one = find_open(narrower, number);
      if (one && (!oldest || one->from < oldest->from)) oldest = one;
      if (const auto* other = find_open(open, number)) wide = other->from;
    }
    if (oldest && (!wide || oldest->from < *wide)) is_needed[static_cast<std::size_t>(oldest - narrower.data())] = true;
  }
  OpenSubscriptions all;
  for (std::size_t i = 0; i < narrower.size(); ++i) {
    if (is_needed[i]) all.push_back(narrower[i]);
  }
  return all;
}

}  // namespace

const OpenSubscription* find_open(std::span<const OpenSubscription> open, PatternNumber pattern) {
  const auto found = std::ranges::lower_bound(open, pattern, {}, &OpenSubscription::pattern);
  return found == open.end() || found->pattern != pattern ? nullptr : &*found;
}

bool owes(std::span<const OpenSubscription> open, std::span<const PatternNumber> matching, RegistryVersion version) {
  return std::ranges::any_of(matching, [&](PatternNumber pattern) {
    const auto* one = find_open(open, pattern);
    return one && one->from <= version;
  });
}

OpenSubscriptions reopened(PatternTable& patterns, std::span<const PatternEntry> wanted,
                           std::span<const OpenSubscription> before, RegistryVersion now) {
  OpenSubscriptions open;
  for (const auto& pattern : widest_of(wanted)) {
    open.push_back({patterns.intern(pattern), begin_of(patterns, pattern, before, now)});
  }
  std::ranges::sort(open, {}, &OpenSubscription::pattern);
  const auto within = narrower(patterns, open, before);
  if (within.empty()) return open;
  const auto kept = needed(patterns, open, within);
  open.insert(open.end(), kept.begin(), kept.end());
  std::ranges::sort(open, {}, &OpenSubscription::pattern);
  return open;
}

std::vector<PatternNumber> widest(const PatternTable& patterns, std::span<const OpenSubscription> open) {
  std::vector<PatternNumber> all;
  for (const auto& [pattern, from] : open) {
    const bool is_covered =
        open.size() > 1 && any_covering(patterns, patterns.text(pattern), false,
                                        [&](PatternNumber number) { return find_open(open, number); });
    if (!is_covered) all.push_back(pattern);
  }
  return all;
}

bool owes_less(const PatternTable& patterns, std::span<const OpenSubscription> now,
               std::span<const OpenSubscription> before) {
  return !std::ranges::all_of(before, [&](const OpenSubscription& was) {
    return any_covering(patterns, patterns.text(was.pattern), true, [&](PatternNumber number) {
      const auto* open = find_open(now, number);
      return open && open->from <= was.from;
    });
  });
}

}  // namespace exposee::engine
