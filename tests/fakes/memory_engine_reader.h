// What a MemoryEngine keeps, as its readers show it. Part of memory_engine.h, which includes it.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "fakes/memory_engine.h"

namespace exposee::fakes {

class MemoryEngine::MemoryReader final : public Reader {
 public:
  explicit MemoryReader(const MemoryEngine& engine) : engine_(engine) {}

  Result<EventRef> event(const EventId& id) override {
    const auto found = std::ranges::find(engine_.events, id, [](const EventRef& e) { return e->id; });
    return found == engine_.events.end() ? Result<EventRef>(not_found()) : Result<EventRef>(*found);
  }
  Result<EventRef> event(EventSeq seq) override {
    const auto found = std::ranges::find(engine_.events, seq, [](const EventRef& e) { return e->seq; });
    return found == engine_.events.end() ? Result<EventRef>(not_found()) : Result<EventRef>(*found);
  }
  // Of what was owed nothing is kept here: an event counts the endpoints that are subscribed now.
  Result<EventPage> events(const EventFilter& filter) override {
    EventPage page;
    for (auto it = engine_.events.rbegin(); it != engine_.events.rend(); ++it) {
      const auto& event = **it;
      const bool wanted = (!filter.before || event.seq < *filter.before) &&
                          (!filter.type || event.type == *filter.type) &&
                          (!filter.since || *filter.since <= event.accepted_at) &&
                          (!filter.until || event.accepted_at < *filter.until);
      if (!wanted) continue;
      if (page.events.size() == filter.limit) {
        page.next = page.events.back().seq;
        break;
      }
      const auto owed = engine_.registry_.subscribed_to(event.type_name).size();
      page.events.push_back(
          {event.seq, event.id, event.type, event.accepted_at, static_cast<std::uint32_t>(owed)});
    }
    return page;
  }
  Result<DeliveryPage> deliveries(const DeliveryFilter& filter) override {
    auto rows = engine_.deliveries;
    std::erase_if(rows, [&](const DeliveryView& view) { return !passes(view, filter); });
    std::ranges::sort(rows, std::greater{}, [](const DeliveryView& view) { return view.row.key; });
    DeliveryPage page;
    if (rows.size() > filter.limit) {
      rows.resize(filter.limit);
      page.next = rows.back().row.key;
    }
    page.deliveries = std::move(rows);
    return page;
  }
  Result<DeliveryView> delivery(const DeliveryKey& key) override {
    const auto& all = engine_.deliveries;
    const auto found = std::ranges::find(all, key, [](const DeliveryView& v) { return v.row.key; });
    return found == all.end() ? Result<DeliveryView>(not_found()) : Result<DeliveryView>(*found);
  }
  Result<std::vector<AttemptRow>> attempts(const DeliveryKey& key, std::uint32_t before,
                                           std::uint32_t limit) override {
    const auto found = engine_.attempts.find(key);
    auto rows = found == engine_.attempts.end() ? std::vector<AttemptRow>{} : found->second;
    std::erase_if(rows, [&](const AttemptRow& row) { return row.number >= before; });
    if (rows.size() > limit) rows.erase(rows.begin(), rows.end() - limit);
    return rows;
  }
  Result<std::string> last_failure(const DeliveryKey& key) override {
    std::string words;
    const auto found = engine_.attempts.find(key);
    if (found == engine_.attempts.end()) return words;
    for (const auto& row : found->second) {
      if (!row.succeeded) words = row.response.detail;
    }
    return words;
  }
  Result<void> users(std::uint64_t after, const TakeRow<UserRow>& take) override {
    if (engine_.broken_after_ && after >= *engine_.broken_after_) return broken();
    while (after < engine_.users.size() && take(after + 1, engine_.users[after])) ++after;
    return {};
  }
  Result<bool> user_exists(std::string_view name) override { return engine_.has_user(name); }
  Result<void> messages_to(std::string_view recipient_key, std::uint64_t after,
                           const TakeRow<MessageRow>& take) override {
    const auto& rows = engine_.messages;
    for (bool more = true; more && after < rows.size(); ++after) {
      if (rows[after].recipient_key == recipient_key) more = take(after + 1, rows[after]);
    }
    return {};
  }
  Result<std::uint64_t> count_events() override { return engine_.events.size(); }

 private:
  static bool passes(const DeliveryView& view, const DeliveryFilter& filter) {
    const auto& row = view.row;
    return (!filter.status || row.status == *filter.status) &&
           (!filter.event || row.key.event == *filter.event) && (!filter.type || view.type == *filter.type) &&
           (!filter.endpoint || row.key.endpoint == *filter.endpoint) &&
           (!filter.cause || row.cause == *filter.cause) &&
           (!filter.since || view.created_at >= *filter.since) &&
           (!filter.until || view.created_at < *filter.until) && (!filter.before || row.key < *filter.before);
  }

  const MemoryEngine& engine_;
};

inline Result<std::unique_ptr<Reader>> MemoryEngine::open_reader() {
  if (readers_lost_) return broken();
  return std::make_unique<MemoryReader>(*this);
}

}  // namespace exposee::fakes
