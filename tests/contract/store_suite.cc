#include "contract/store_suite.h"

#include "fakes/memory_store.h"
#include "fakes/test_directory.h"
#include "store/sqlite/sqlite_store.h"

namespace exposee::contract {
namespace {

class MemoryHarness final : public StoreHarness {
 public:
  Store& store() override { return *store_; }
  ReaderSource& readers() override { return *store_; }
  void reopen() override { store_ = std::make_unique<fakes::MemoryStore>(disk_); }

 private:
  std::shared_ptr<fakes::MemoryDisk> disk_ = std::make_shared<fakes::MemoryDisk>();
  std::unique_ptr<fakes::MemoryStore> store_ = std::make_unique<fakes::MemoryStore>(disk_);
};

class SqliteHarness final : public StoreHarness {
 public:
  SqliteHarness() { open(); }
  Store& store() override { return *store_; }
  ReaderSource& readers() override { return *store_; }
  void reopen() override {
    store_.reset();
    open();
  }

 private:
  void open() {
    // Not durable: these tests end processes' lives by closing files, which loses nothing that was written.
    auto opened = store::SqliteStore::open(directory_.path(), {.durable = false});
    if (!opened) throw std::runtime_error(opened.error().message);
    store_ = *std::move(opened);
  }

  const fakes::TestDirectory directory_;
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

void StoreContract::begin_anew() {
  reader_.reset();
  harness_ = GetParam().make();
}

Written StoreContract::write(const std::function<void(TurnRows&)>& fill) {
  TurnRows rows;
  fill(rows);
  return store().write(rows.turn());
}

void StoreContract::commit(const std::function<void(TurnRows&)>& fill) {
  must(write(fill));
}

std::optional<DeliveryRow> StoreContract::find(const DeliveryKey& of) {
  auto found = store().look({.deliveries = {of}});
  must(found);
  return std::move(found->deliveries.at(0));
}

std::optional<StoredReply> StoreContract::find_reply(std::string_view key) {
  auto found = store().look({.keys = {key}});
  must(found);
  return std::move(found->replies.at(0));
}

bool StoreContract::has_user(std::string_view name) {
  auto found = store().look({.documents = {{DocumentKind::user, name}}});
  must(found);
  return found->documents.at(0);
}

void StoreContract::commit_registry() {
  commit([](TurnRows& turn) {
    for (std::uint64_t n = 1; n <= 3; ++n) {
      turn.put_event_type(sample_type(n));
      turn.put_endpoint(sample_endpoint(n));
    }
    turn.put_subscription({pattern(1), endpoint(1), version(1), {}});
    turn.put_subscription({pattern(1), endpoint(2), version(1), {}});
    turn.put_version(version(1));
  });
}

void StoreContract::add_events(std::vector<EventRef> events) {
  commit([&](TurnRows& turn) { turn.add_events(events); });
}

void StoreContract::add_attempts(std::vector<AttemptRow> attempts) {
  commit([&](TurnRows& turn) { turn.add_attempts(attempts); });
}

void StoreContract::put_rows(std::vector<DeliveryRow> rows) {
  commit([&](TurnRows& turn) { turn.put_deliveries(rows); });
}

void StoreContract::close_subscription(std::uint64_t of_type, std::uint64_t of_endpoint,
                                       std::uint64_t until) {
  const auto start = store().load_start();
  for (auto subscription : start->subscriptions) {
    if (subscription.pattern != pattern(of_type) || subscription.endpoint != endpoint(of_endpoint)) continue;
    subscription.until = version(until);
    return commit([&](TurnRows& turn) {
      turn.put_subscription(subscription);
      turn.put_version(version(until));
    });
  }
  ADD_FAILURE() << "no such subscription is open";
}

void StoreContract::put_checkpoint(std::uint64_t n) {
  commit([&](TurnRows& turn) { turn.put_checkpoint(n ? seq(n) : EventSeq{}); });
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
  const auto row = find(of);
  auto view = reader().delivery(of);
  if (!row) {
    EXPECT_FALSE(view.has_value());
    return "never owed";
  }
  EXPECT_EQ(text_of((*view).row), text_of(*row));
  return std::string(to_text(row->status));
}

BacklogPack pack_of(std::uint64_t of_endpoint, std::initializer_list<std::uint64_t> events) {
  EventPack pack;
  for (const auto n : events) pack.add(seq(n));
  return {endpoint(of_endpoint), pack};
}

void StoreContract::put_pack(std::uint64_t of_endpoint, std::initializer_list<std::uint64_t> events) {
  commit([&](TurnRows& turn) { turn.put_packs({pack_of(of_endpoint, events)}); });
}

Expired StoreContract::expire_all(Instant events_before, Instant replies_before, std::uint64_t limit) {
  Expired all;
  for (bool more = true; more;) {
    const auto done = store().expire({}, events_before, replies_before, limit);
    must(done);
    if (!done) return all;
    more = done->more;
    all = {.events = all.events + done->events, .replies = all.replies + done->replies};
  }
  return all;
}

}  // namespace exposee::contract
