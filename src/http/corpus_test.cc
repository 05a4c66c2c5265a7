// Replays the fuzzer's corpus, and a fixed-seed storm of its small mutations, through the fuzzer's own entry.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "fakes/tree.h"
#include "fuzz/http_fuzz.cc"

namespace {

namespace fs = std::filesystem;

std::vector<std::string> read_corpus() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(exposee::fakes::in_tree("tests/fuzz/corpus/http"))) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> seeds;
  for (const fs::path& path : paths) {
    std::ifstream file(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return seeds;
}

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

std::string mutated(std::string input, const std::string& other, std::mt19937& random) {
  using namespace std::string_view_literals;
  constexpr auto kTelling = "\r\n\t :,;0123456789abcdefF\0\x7f\xff/*"sv;
  const auto below = [&random](std::size_t bound) { return random() % bound; };
  for (std::size_t edits = 1 + below(4); edits > 0; --edits) {
    const std::size_t at = below(input.size() + 1);
    const char c = kTelling[below(kTelling.size())];
    switch (below(5)) {
      case 0:
        input.insert(at, 1, c);
        break;
      case 1:
        input.erase(at, 1 + below(3));
        break;
      case 2:
        input.replace(at, at < input.size() ? 1 : 0, 1, c);
        break;
      case 3:
        input.insert(at, other.substr(below(other.size() + 1), below(40)));
        break;
      default:
        input.insert(at, input.substr(below(input.size() + 1), below(40)));
        break;
    }
  }
  return input;
}

TEST(Corpus, EverySeedReadsTheSameHoweverItIsCut) {
  const auto seeds = read_corpus();
  ASSERT_GE(seeds.size(), 20u);
  for (const std::string& seed : seeds) {
    ASSERT_GE(seed.size(), 3u);
    run(seed);
  }
}

TEST(Corpus, EverySeedReadsTheSameCutAtEveryByte) {
  for (const std::string& seed : read_corpus()) {
    const std::string_view stream = std::string_view(seed).substr(kPrefixBytes);
    const auto mode = static_cast<std::uint8_t>(seed[0]);
    const std::string told = read({stream}, mode);
    for (std::size_t at = 0; at <= stream.size(); ++at) {
      ASSERT_EQ(read(exposee::http::testing::cut_in_two(stream, at), mode), told) << "cut at " << at;
    }
  }
}

TEST(Corpus, MutatedSeedsReadTheSameHoweverTheyAreCut) {
  constexpr int kRounds = 20'000;
  const auto seeds = read_corpus();
  std::mt19937 random(7);
  for (int i = 0; i < kRounds; ++i)
    run(mutated(seeds[random() % seeds.size()], seeds[random() % seeds.size()], random));
}

}  // namespace
