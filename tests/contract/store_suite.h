// The contract of ports/store.h, held by every implementation: a test written with StoreContract runs on each
// of them. Test code, one thread.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "contract/store_samples.h"
#include "contract/store_text.h"
#include "fakes/turn_rows.h"
#include "ports/store.h"

namespace exposee::contract {

using fakes::TurnRows;

// One kind of store on one set of data, which can be opened again as after a crash.
class StoreHarness {
 public:
  virtual ~StoreHarness() = default;
  virtual Store& store() = 0;
  virtual ReaderSource& readers() = 0;
  virtual void reopen() = 0;  // what was not committed is gone
};
std::unique_ptr<StoreHarness> memory_harness();
std::unique_ptr<StoreHarness> sqlite_harness();  // in a directory of its own, removed in the end

struct StoreKind {
  const char* name;
  std::unique_ptr<StoreHarness> (*make)();
};
inline std::ostream& operator<<(std::ostream& out, const StoreKind& kind) {
  return out << kind.name;
}

class StoreContract : public testing::TestWithParam<StoreKind> {
 protected:
  Store& store() { return harness_->store(); }
  Reader& reader();  // a new one after every reopen()
  void reopen();
  void begin_anew();  // another store, with nothing in it

  // Writes the turn that `fill` puts together; it must be committed.
  void commit(const std::function<void(TurnRows&)>& fill);
  Written write(const std::function<void(TurnRows&)>& fill);
  // What the store finds of one.
  std::optional<DeliveryRow> find(const DeliveryKey& of);
  std::optional<StoredReply> find_reply(std::string_view key);
  bool has_user(std::string_view name);
  // Types 1 to 3 and endpoints 1 to 3, version 1; endpoints 1 and 2 subscribed to type 1 from version 1 on.
  void commit_registry();
  void add_events(std::vector<EventRef> events);
  void add_attempts(std::vector<AttemptRow> attempts);
  void put_rows(std::vector<DeliveryRow> rows);
  // The open one, which must be there.
  void close_subscription(std::uint64_t of_type, std::uint64_t of_endpoint, std::uint64_t until);
  void put_checkpoint(std::uint64_t n);
  void put_pack(std::uint64_t of_endpoint, std::initializer_list<std::uint64_t> events);

  // All pages of a list, the filter's limit to a page.
  std::vector<DeliveryView> list(DeliveryFilter filter);
  std::string keys(const DeliveryFilter& filter);  // "3/2 3/1 1/1": events from 1
  std::string status_of(const DeliveryKey& of);    // the writer's and the reader's word, which must agree
  Expired expire_all(Instant events_before, Instant replies_before, std::uint64_t limit);

 private:
  std::unique_ptr<StoreHarness> harness_ = GetParam().make();
  std::unique_ptr<Reader> reader_;
};

BacklogPack pack_of(std::uint64_t of_endpoint, std::initializer_list<std::uint64_t> events);

// Fails the test with the error, if there is one.
template <class T>
void must(const Result<T>& result) {
  ASSERT_TRUE(result.has_value()) << result.error().message;
}
inline void must(const Written& written) {
  ASSERT_EQ(written.end, WriteEnd::committed) << written.error.message << to_text(written.conflict);
}

}  // namespace exposee::contract

// Runs the suite on every store. Once a file.
#define EXPOSEE_FOR_EVERY_STORE(suite)                                                           \
  INSTANTIATE_TEST_SUITE_P(                                                                      \
      Store, suite,                                                                              \
      testing::Values(StoreKind{"memory", memory_harness}, StoreKind{"sqlite", sqlite_harness}), \
      [](const auto& info) { return std::string(info.param.name); })
