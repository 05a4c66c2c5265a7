// Random work, the same on both stores at once. A seed that found a difference stays in the list.
#include "contract/twins.h"

namespace exposee::contract {
namespace {

class Differential : public testing::TestWithParam<std::uint64_t> {};

TEST_P(Differential, BothStoresAnswerTheSame) {
  Twins twins(GetParam());
  for (int turn = 1; turn <= 120 && !HasFailure(); ++turn) {
    SCOPED_TRACE("turn " + std::to_string(turn));
    twins.turn();
    if (turn % 15 == 0) twins.compare_everything();
  }
}

INSTANTIATE_TEST_SUITE_P(Seed, Differential, testing::Range<std::uint64_t>(1, 25));

}  // namespace
}  // namespace exposee::contract
