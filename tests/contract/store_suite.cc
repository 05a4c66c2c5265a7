#include "contract/store_suite.h"

#include <filesystem>

#include "store/memory/memory_store.h"
#include "store/sqlite/sqlite_store.h"

namespace exposee::contract {
namespace {

class MemoryHarness final : public StoreHarness {
 public:
  Store& store() override { return *store_; }
  ReaderSource& readers() override { return *store_; }
  void reopen() override { store_ = std::make_unique<store::MemoryStore>(disk_); }

 private:
  std::shared_ptr<store::MemoryDisk> disk_ = std::make_shared<store::MemoryDisk>();
  std::unique_ptr<store::MemoryStore> store_ = std::make_unique<store::MemoryStore>(disk_);
};

class SqliteHarness final : public StoreHarness {
 public:
  SqliteHarness() {
    std::string path = (std::filesystem::temp_directory_path() / "exposee-contract-XXXXXX").string();
    EXPECT_NE(::mkdtemp(path.data()), nullptr);
    directory_ = path;
    open();
  }
  ~SqliteHarness() override {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }
  Store& store() override { return *store_; }
  ReaderSource& readers() override { return *store_; }
  void reopen() override {
    store_.reset();
    open();
  }

 private:
  void open() {
    // Not durable: these tests end processes' lives by closing files, which loses nothing that was written.
    auto opened = store::SqliteStore::open(directory_, {.durable = false});
    if (!opened) throw std::runtime_error(opened.error().message);
    store_ = *std::move(opened);
  }

  std::string directory_;
  std::unique_ptr<store::SqliteStore> store_;
};

}  // namespace

std::unique_ptr<StoreHarness> memory_harness() {
  return std::make_unique<MemoryHarness>();
}
std::unique_ptr<StoreHarness> sqlite_harness() {
  return std::make_unique<SqliteHarness>();
}

Reader& StoreContract::reader() {
  if (!reader_) {
    auto opened = harness_->readers().open_reader();
    EXPECT_TRUE(opened.has_value());
    reader_ = *std::move(opened);
  }
  return *reader_;
}

void StoreContract::reopen() {
  reader_.reset();
  harness_->reopen();
}

void StoreContract::commit(const std::function<void(Store&)>& work) {
  must(store().begin(Durability::at_commit));
  work(store());
  must(store().commit());
}

void StoreContract::commit_registry() {
  commit([](Store& store) {
    for (std::uint64_t n = 1; n <= 3; ++n) {
      must(store.put_event_type(sample_type(n)));
      must(store.put_endpoint(sample_endpoint(n)));
    }
    must(store.open_subscription({type(1), endpoint(1), version(1), {}}));
    must(store.open_subscription({type(1), endpoint(2), version(1), {}}));
    must(store.put_version(version(1)));
  });
}

void StoreContract::add_events(std::vector<EventRef> events) {
  commit([&](Store& store) { must(store.add_events(events)); });
}

void StoreContract::add_attempts(std::vector<AttemptRow> attempts) {
  commit([&](Store& store) { must(store.add_attempts(attempts)); });
}

void StoreContract::put_rows(std::vector<DeliveryRow> rows) {
  commit([&](Store& store) { must(store.put_deliveries(rows)); });
}

void StoreContract::close_subscription(std::uint64_t of_type, std::uint64_t of_endpoint,
                                       std::uint64_t until) {
  commit([&](Store& store) {
    must(store.close_subscription(type(of_type), endpoint(of_endpoint), version(until)));
    must(store.put_version(version(until)));
  });
}

void StoreContract::put_checkpoint(std::uint64_t n) {
  commit([&](Store& store) { must(store.put_checkpoint(n ? seq(n) : EventSeq{}, {})); });
}

std::vector<DeliveryView> StoreContract::list(DeliveryFilter filter) {
  std::vector<DeliveryView> all;
  while (true) {
    auto page = reader().deliveries(filter);
    if (!page) {
      ADD_FAILURE() << page.error().message;
      return all;
    }
    EXPECT_LE(page->deliveries.size(), filter.limit);
    all.insert(all.end(), page->deliveries.begin(), page->deliveries.end());
    if (!page->next) return all;
    EXPECT_TRUE(!filter.before || *page->next < *filter.before) << "a cursor moves on";
    filter.before = page->next;
  }
}

std::string StoreContract::keys(const DeliveryFilter& filter) {
  std::string text;
  for (const auto& view : list(filter)) {
    if (!text.empty()) text += ' ';
    const auto event = view.row.key.event.value - seq(1).value + 1;
    text += std::to_string(event) + "/" + std::to_string(view.row.key.endpoint.value);
  }
  return text;
}

std::string StoreContract::status_of(const DeliveryKey& of) {
  auto row = store().find_delivery(of);
  auto view = reader().delivery(of);
  if (!row || !*row) {
    EXPECT_FALSE(view.has_value());
    return "never owed";
  }
  EXPECT_EQ(text_of((*view).row), text_of(**row));
  return std::string(to_text((*row)->status));
}

void StoreContract::put_pack(std::uint64_t of_endpoint, std::initializer_list<std::uint64_t> events) {
  EventPack pack;
  for (const auto n : events) pack.add(seq(n));
  commit([&](Store& store) { must(store.put_packs(std::vector{BacklogPack{endpoint(of_endpoint), pack}})); });
}

Expired StoreContract::expire_all(Instant events_before, Instant replies_before, std::uint64_t limit) {
  Expired all;
  for (bool more = true; more;) {
    commit([&](Store& store) {
      auto done = store.expire(events_before, replies_before, limit);
      must(done);
      for (const auto count : {done->events, done->attempts, done->deliveries, done->replies})
        EXPECT_LE(count, limit);
      more = done->more || done->events + done->attempts + done->deliveries + done->replies > 0;
      all = {all.events + done->events, all.attempts + done->attempts, all.deliveries + done->deliveries,
             all.replies + done->replies};
    });
  }
  return all;
}

}  // namespace exposee::contract
