#include "core/url/icu_library.h"

#include <gtest/gtest.h>

namespace exposee {
namespace {

TEST(IcuLibrary, IsLoadedOnce) {
  ASSERT_TRUE(icu()) << icu().error();
  EXPECT_NE(icu()->processor, nullptr);
  EXPECT_EQ(&icu(), &icu());
}

TEST(IcuLibrary, ThatIsMissingIsAnErrorThatNamesIt) {
  const auto missing = load_icu("libicu-that-is-not-there.so");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().find("libicu-that-is-not-there.so"), std::string::npos);
}

TEST(IcuLibrary, IsNotTakenForAnotherLibrary) {
  EXPECT_FALSE(load_icu("libm.so.6"));
}

}  // namespace
}  // namespace exposee
