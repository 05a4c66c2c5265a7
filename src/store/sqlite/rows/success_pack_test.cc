#include "store/sqlite/rows/success_pack.h"

#include <gtest/gtest.h>

namespace exposee::store {
namespace {

constexpr std::uint64_t kFirst = first_seq(1).value & ~std::uint64_t{63};

AttemptRow success(std::uint64_t event, std::uint64_t endpoint, std::string body = {}) {
  AttemptRow attempt{{EventSeq{kFirst + event}, EndpointNumber{endpoint}}, 1, true, {}};
  auto& response = attempt.response;
  response.status = 200;
  response.reason = "OK";
  response.content_type = "application/json";
  response.remote_address = "127.0.0.1:9000";
  response.body = std::move(body);
  response.reused = true;
  response.started_at = from_micros(1'746'590'590'000'000 + static_cast<std::int64_t>(event * 37));
  response.timing = {{}, {}, {}, Duration{321}, Duration{400}};
  return attempt;
}

std::string text_of(const AttemptRow& attempt) {
  const auto& a = attempt.response;
  const auto& t = a.timing;
  std::string text = delivery_id_text(attempt.key) + " " + std::to_string(attempt.number) +
                     (attempt.succeeded ? " ok " : " no ") + std::to_string(a.status);
  for (const auto* field : {&a.reason, &a.retry_after, &a.webhook_delivery, &a.content_type, &a.body,
                            &a.remote_address, &a.detail}) {
    text += "|" + *field;
  }
  for (const auto span : {t.dns, t.connect, t.tls, t.first_byte, t.total})
    text += " " + std::to_string(span.count());
  return text + " " + std::to_string(to_micros(a.started_at)) + (a.reused ? " reused" : "");
}

std::vector<std::string> read(std::string_view pack, PackPlace place) {
  std::vector<std::string> all;
  PackReader entries(place, pack);
  while (entries.next()) all.push_back(text_of(entries.attempt()));
  EXPECT_FALSE(entries.damaged());
  return all;
}

TEST(SuccessPack, GivesBackEverythingThatWentIn) {
  std::vector<AttemptRow> attempts{success(0, 1), success(63, 63, "{\"ok\":true}"), success(5, 1),
                                   success(5, 2)};
  attempts[1].response.timing = {Duration{1}, Duration{200}, Duration{70'000}, Duration{3}, Duration{80'000}};
  attempts[1].response.reused = false;
  attempts[2].response.started_at = from_micros(12);  // long before the others
  attempts[3].response.retry_after = "5";
  attempts[3].response.webhook_delivery = "disable";
  attempts[3].response.status = 202;
  PackWriter writer;
  std::vector<std::string> expected;
  for (const auto& attempt : attempts) {
    ASSERT_TRUE(is_plain_success(attempt));
    writer.add(attempt);
    expected.push_back(text_of(attempt));
  }
  EXPECT_EQ(read(writer.take(), PackPlace::of(attempts[0].key)), expected);
}

TEST(SuccessPack, EntriesThatAreAlikeTakeFewBytes) {
  PackWriter writer;
  for (std::uint64_t n = 0; n < 64; ++n) writer.add(success(n, 1));
  EXPECT_LT(writer.take().size(), 64u * 12);
}

TEST(SuccessPack, IsFullAtItsLimitAndBeginsAnew) {
  PackWriter writer;
  std::size_t count = 0;
  for (; !writer.full(); ++count) writer.add(success(count % 64, 1 + count / 64));
  EXPECT_GT(count, 200u);
  EXPECT_EQ(read(writer.take(), PackPlace::of(success(0, 1).key)).size(), count);
  EXPECT_TRUE(writer.empty());
  writer.add(success(1, 1));
  EXPECT_EQ(read(writer.take(), PackPlace::of(success(1, 1).key)), std::vector{text_of(success(1, 1))});
}

TEST(SuccessPack, TakesOnlyFirstSuccessesWithNothingOddAboutThem) {
  EXPECT_TRUE(is_plain_success(success(1, 1)));
  const std::pair<const char*, void (*)(AttemptRow&)> odd[] = {
      {"a failure", [](AttemptRow& a) { a.succeeded = false; }},
      {"a retry", [](AttemptRow& a) { a.number = 2; }},
      {"a cause", [](AttemptRow& a) { a.response.cause = Cause::http; }},
      {"a detail", [](AttemptRow& a) { a.response.detail = "?"; }},
      {"time that runs backwards", [](AttemptRow& a) { a.response.timing.total = Duration{-1}; }},
  };
  for (const auto& [what, make] : odd) {
    auto attempt = success(1, 1);
    make(attempt);
    EXPECT_FALSE(is_plain_success(attempt)) << what;
  }
}

TEST(SuccessPack, CutAnywhereItIsDamagedOrShorterButNeverWrong) {
  PackWriter writer;
  std::vector<std::string> whole;
  for (std::uint64_t n = 0; n < 5; ++n) {
    auto attempt = success(n, n + 1, std::string(n * 50, 'x'));
    attempt.response.status = 200 + static_cast<int>(n % 2);
    writer.add(attempt);
    whole.push_back(text_of(attempt));
  }
  const auto pack = writer.take();
  for (std::size_t size = 0; size < pack.size(); ++size) {
    PackReader entries(PackPlace::of(success(0, 1).key), std::string_view(pack).substr(0, size));
    std::size_t count = 0;
    for (; entries.next(); ++count) EXPECT_EQ(text_of(entries.attempt()), whole[count]);
    EXPECT_LT(count, whole.size());
  }
}

TEST(SuccessPack, AnyBytesAreReadWithoutHarm) {
  std::uint64_t state = 1;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    for (int i = 0; i < 40; ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      bytes += static_cast<char>(state >> 57 << (round % 3));
    }
    PackReader entries({1, 1}, bytes);
    while (entries.next()) (void)entries.attempt();
  }
}

}  // namespace
}  // namespace exposee::store
