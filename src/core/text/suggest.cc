#include "core/text/suggest.h"

#include <algorithm>
#include <vector>

namespace exposee {
namespace {

constexpr std::size_t kLongestWord = 100;  // longer ones are not typing mistakes; keeps the cost bounded
constexpr std::size_t kShortestStart = 3;  // of a word left unfinished

std::size_t tolerance(std::string_view word) {
  if (word.size() < 4) return 1;
  return std::max<std::size_t>(2, word.size() / 3);
}

}  // namespace

// Optimal string alignment: three rows of the table are enough, because a swap looks two rows back.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

std::string nearest(std::string_view word, std::span<const std::string> known) {
  if (word.size() > kLongestWord) return "";
  if (word.size() >= kShortestStart) {
    for (const std::string& candidate : known) {
      if (candidate.starts_with(word)) return candidate;
    }
  }
  std::size_t least = tolerance(word) + 1;
  std::string_view best;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance >= least) continue;
    least = distance;
    best = candidate;
  }
  return std::string(best);
}

std::string did_you_mean(std::string_view word, std::span<const std::string> known) {
  const std::string meant = nearest(word, known);
  return meant.empty() ? "" : " Did you mean '" + meant + "'?";
}

}  // namespace exposee
