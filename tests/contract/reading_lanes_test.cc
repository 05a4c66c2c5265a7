// What lanes read beside the writer, by a reader of their own: retries and their events, as the writer gives
// them.
#include <span>

#include "contract/store_suite.h"

namespace exposee::contract {
namespace {

constexpr std::uint64_t kEvents = 6;

DeliveryRow asked(DeliveryRow row) {
  row.asked = row.manual = true;
  row.by_hand = 1;
  return row;
}

class ReadingLanes : public StoreContract {
 protected:
  ReadingLanes() {
    commit_registry();
    std::vector<EventRef> events;
    for (std::uint64_t n = 1; n <= kEvents; ++n) events.push_back(sample_event(n, 1 + n % 2));
    add_events(std::move(events));
    reader();  // it was there before the rows
    put_rows({sample_row(key(1, 1), DeliveryStatus::pending, at(30)),
              asked(sample_row(key(2, 1), DeliveryStatus::pending, at(20))),
              sample_row(key(3, 1), DeliveryStatus::pending, at(10)),
              asked(sample_row(key(4, 1), DeliveryStatus::pending, at(10))),
              sample_row(key(5, 1), DeliveryStatus::exhausted),
              sample_row(key(6, 2), DeliveryStatus::pending, at(5)),
              sample_row(key(2, 3), DeliveryStatus::succeeded)});
  }
  // Of one endpoint from everywhere in it, a page and all.
  template <class Same>
  void from_everywhere(Same&& same) {
    for (std::uint64_t n = 1; n <= 3; ++n) {
      for (const auto due : {Instant::min(), at(10), at(20), at(30)}) {
        for (const auto after : {EventSeq{}, seq(3), seq(kEvents)}) {
          for (const std::uint32_t most : {1u, 2u, 10u}) same(endpoint(n), due, after, most);
        }
      }
    }
  }
};

std::string row_keys(const Result<std::vector<DeliveryRow>>& rows) {
  std::string text;
  for (const auto& row : *rows) text += std::to_string(row.key.event.value - seq(1).value + 1) + " ";
  return text;
}

TEST_P(ReadingLanes, GivesRetriesInTheirTwoLines) {
  EXPECT_EQ(row_keys(reader().load_pending(endpoint(1), Instant::min(), {}, 10)), "3 1 ");
  EXPECT_EQ(row_keys(reader().load_asked(endpoint(1), Instant::min(), {}, 10)), "4 2 ");
  EXPECT_EQ(row_keys(reader().load_pending(endpoint(1), at(10), seq(3), 10)), "1 ");
  EXPECT_EQ(row_keys(reader().load_asked(endpoint(1), at(10), seq(4), 10)), "2 ");
  EXPECT_EQ(row_keys(reader().load_pending(endpoint(3), Instant::min(), {}, 10)), "");
}

TEST_P(ReadingLanes, GivesRetriesAsTheWriterDoes) {
  from_everywhere([&](EndpointNumber of, Instant due, EventSeq after, std::uint32_t most) {
    EXPECT_EQ(text_of(reader().load_pending(of, due, after, most)),
              text_of(store().load_pending(of, due, after, most)));
    EXPECT_EQ(text_of(reader().load_asked(of, due, after, most)),
              text_of(store().load_asked(of, due, after, most)));
  });
}

TEST_P(ReadingLanes, SeesWhatHasBeenCommittedSinceItsLastRead) {
  EXPECT_EQ(row_keys(reader().load_pending(endpoint(1), Instant::min(), {}, 10)), "3 1 ");
  put_rows({sample_row(key(3, 1), DeliveryStatus::exhausted),
            sample_row(key(4, 1), DeliveryStatus::pending, at(40))});
  EXPECT_EQ(row_keys(reader().load_pending(endpoint(1), Instant::min(), {}, 10)), "1 4 ");
  EXPECT_EQ(row_keys(reader().load_asked(endpoint(1), Instant::min(), {}, 10)), "2 ");
  must(store().cancel({}, endpoint(1), 9, at(500)));
  EXPECT_EQ(row_keys(reader().load_pending(endpoint(1), Instant::min(), {}, 10)), "");
  EXPECT_EQ(row_keys(reader().load_asked(endpoint(1), Instant::min(), {}, 10)), "");
}

TEST_P(ReadingLanes, GivesEventsAsTheWriterDoesAndAsFarAsTheBytesGo) {
  const std::vector wanted{seq(5), seq(77), seq(2), seq(6), seq(1)};
  const auto body = sample_event(1)->body.size();
  for (const auto max_bytes : {std::size_t{0}, body, 2 * body, SIZE_MAX}) {
    for (std::size_t count = 0; count <= wanted.size(); ++count) {
      const auto some = std::span(wanted).first(count);
      const auto read = reader().load_events(some, max_bytes);
      const auto written = store().load_events(some, max_bytes);
      must(read);
      EXPECT_EQ(text_of(read->events), text_of(written->events)) << count << " of " << max_bytes;
      EXPECT_EQ(read->looked_at, written->looked_at) << count << " of " << max_bytes;
    }
  }
  EXPECT_EQ(reader().load_events(wanted, SIZE_MAX)->events.size(), 4u) << "there is no 77th";
}

TEST_P(ReadingLanes, EventsThatAreGoneAreLeftOut) {
  put_rows({sample_row(key(1, 1), DeliveryStatus::exhausted), sample_row(key(2, 1), DeliveryStatus::exhausted),
            sample_row(key(3, 1), DeliveryStatus::exhausted), sample_row(key(4, 1), DeliveryStatus::exhausted),
            sample_row(key(6, 2), DeliveryStatus::exhausted)});
  const std::vector all{seq(1), seq(2), seq(3), seq(4), seq(5), seq(6)};
  ASSERT_EQ(reader().load_events(all, SIZE_MAX)->events.size(), kEvents);
  put_checkpoint(kEvents);
  expire_all(at(1'000'000), Instant::min(), 1'000);
  const auto read = reader().load_events(all, SIZE_MAX);
  must(read);
  EXPECT_EQ(text_of(read->events), text_of(store().load_events(all, SIZE_MAX)->events));
  EXPECT_LT(read->events.size(), kEvents);
  EXPECT_EQ(read->looked_at, kEvents);
}

EXPOSEE_FOR_EVERY_STORE(ReadingLanes);

}  // namespace
}  // namespace exposee::contract
