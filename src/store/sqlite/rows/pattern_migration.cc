#include "store/sqlite/rows/pattern_migration.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/event_type.h"
#include "core/registry.h"
#include "store/sqlite/rows/registry_rows.h"

namespace exposee::store {
namespace {

// What an endpoint has in the schema before.
struct Subscriber {
  EndpointNumber number;
  std::set<std::string> patterns;  // none: it is not active
  struct Open {
    TypeNumber type;
    RegistryVersion from;
  };
  std::vector<Open> open;
};

// A pattern begins with the first of its types, and the type that was declared later fits in: nothing of it was there
// before. A type of which events were there, and not owed, until its own row began lets the pattern begin as late as
// that; those that were owed from earlier on keep rows of their own.
class ByPattern {
 public:
  explicit ByPattern(Database& db) : db_(db) {}

  Result<void> run() {
    EXPOSEE_TRY(put_closed());
    EXPOSEE_TRY(read_types());
    EXPOSEE_TRY(read_endpoints());
    EXPOSEE_TRY(each([this](const Subscriber& s) { return note_doubts(s); }));
    EXPOSEE_TRY(read_first_events());
    EXPOSEE_TRY(each([this](const Subscriber& s) { return put_open(s); }));
    return db_.execute("DROP TABLE subscription_by_type");
  }

 private:
  // The name of a type is a pattern, too.
  Result<void> put_closed() {
    return db_
        .query(
            "INSERT OR IGNORE INTO subscription SELECT s.endpoint, t.name, s.from_version, s.until_version"
            " FROM subscription_by_type s JOIN event_type t ON t.number = s.type WHERE typeof(s.endpoint) = 'integer'"
            " AND typeof(t.name) = 'text' AND typeof(s.from_version) = 'integer' AND typeof(s.until_version) = "
            "'integer'")
        .run();
  }

  Result<void> read_types() {
    auto version = read_registry_version(db_);
    if (!version) return std::move(version).error();
    version_ = *version;
    auto query = db_.query("SELECT number, name FROM event_type");
    while (query.step()) {
      auto name = query.text(1);
      if (check_type_name(name)) covering_[query.number<TypeNumber>(0)] = covering(name);
    }
    return query.result();
  }

  Result<void> read_endpoints() {
    auto query = db_.query("SELECT number FROM endpoint UNION SELECT endpoint FROM subscription_by_type");
    while (query.step()) endpoints_.push_back(query.number<EndpointNumber>(0));
    return query.result();
  }

  template <class Take>
  Result<void> each(Take&& take) {
    for (const auto number : endpoints_) {
      auto one = read(number);
      if (!one) return std::move(one).error();
      EXPOSEE_TRY(take(*one));
    }
    return {};
  }

  Result<Subscriber> read(EndpointNumber number) {
    Subscriber one{number, {}, {}};
    auto patterns = db_.query(
        "SELECT p.pattern FROM endpoint e JOIN endpoint_pattern p ON p.endpoint = e.number"
        " WHERE e.number = ?1 AND e.removed_at IS NULL AND e.disabled_reason = ''",
        number);
    while (patterns.step()) {
      if (auto pattern = patterns.text(0); check_pattern(pattern)) one.patterns.insert(std::move(pattern));
    }
    EXPOSEE_TRY(patterns.result());
    auto open = db_.query(
        "SELECT type, from_version FROM subscription_by_type WHERE endpoint = ?1 AND until_version IS NULL", number);
    while (open.step()) {
      const auto type = open.number<TypeNumber>(0);
      const auto from = open.number<RegistryVersion>(1);
      if (covering_.contains(type) && is_possible(from)) one.open.push_back({type, from});
    }
    EXPOSEE_TRY(open.result());
    return one;
  }

  // Else it is damaged: nothing has a version that has not been.
  bool is_possible(RegistryVersion version) const { return version <= version_; }

  // Where each of its patterns begins if nothing is in the way.
  std::map<std::string, RegistryVersion> first_begins(const Subscriber& one) const {
    std::map<std::string, RegistryVersion> begins;
    for (const auto& [type, from] : one.open) {
      for (const auto& pattern : covering_.at(type)) {
        if (!one.patterns.contains(pattern)) continue;
        auto& begin = begins.try_emplace(pattern, from).first->second;
        begin = std::min(begin, from);
      }
    }
    return begins;
  }

  Result<void> note_doubts(const Subscriber& one) {
    const auto begins = first_begins(one);
    for (const auto& [type, from] : one.open) {
      for (const auto& pattern : covering_.at(type)) {
        const auto begin = begins.find(pattern);
        if (begin == begins.end() || begin->second == from) continue;
        doubts_.insert(type);
        looks_to_ = std::max(looks_to_, from);
      }
    }
    return {};
  }

  // Of the types in doubt: versions do not fall from one event to the next. Where events cannot be read there may be
  // some of each.
  Result<void> read_first_events() {
    if (doubts_.empty()) return {};
    auto query = db_.query("SELECT type, version FROM event ORDER BY seq");
    while (query.step()) {
      const auto version = query.number<RegistryVersion>(1);
      if (!is_possible(version)) continue;
      if (version >= looks_to_) return {};
      const auto type = query.number<TypeNumber>(0);
      if (doubts_.contains(type)) first_event_.try_emplace(type, version);
    }
    auto read = query.result();
    if (read || read.error().code != ErrorCode::damaged) return read;
    for (const auto type : doubts_) first_event_[type] = {};
    return {};
  }

  bool has_events_before(const Subscriber::Open& open) const {
    const auto first = first_event_.find(open.type);
    return first != first_event_.end() && first->second < open.from;
  }

  Result<void> put_open(const Subscriber& one) {
    auto begins = first_begins(one);
    for (const auto& pattern : one.patterns) begins.try_emplace(pattern, version_);
    for (const auto& open : one.open) {
      if (!has_events_before(open)) continue;
      for (const auto& pattern : covering_.at(open.type)) {
        if (const auto begin = begins.find(pattern); begin != begins.end())
          begin->second = std::max(begin->second, open.from);
      }
    }
    for (const auto& [pattern, from] : begins) EXPOSEE_TRY(put(one.number, pattern, from));
    for (const auto& [type, from] : one.open) {
      const auto& patterns = covering_.at(type);
      const bool is_covered = std::ranges::any_of(patterns, [&](const std::string& pattern) {
        const auto begin = begins.find(pattern);
        return begin != begins.end() && begin->second <= from;
      });
      if (!is_covered) EXPOSEE_TRY(put(one.number, patterns.front(), from));
    }
    return {};
  }

  Result<void> put(EndpointNumber endpoint, const std::string& pattern, RegistryVersion from) {
    return db_.query("INSERT OR REPLACE INTO subscription VALUES (?1, ?2, ?3, NULL)", endpoint, pattern, from).run();
  }

  Database& db_;
  RegistryVersion version_;
  std::unordered_map<TypeNumber, std::vector<std::string>> covering_;  // the name of the type first
  std::vector<EndpointNumber> endpoints_;
  std::set<TypeNumber> doubts_;  // their rows begin after the first of a pattern of theirs
  RegistryVersion looks_to_;     // no such row begins later
  std::unordered_map<TypeNumber, RegistryVersion> first_event_;
};

}  // namespace

Result<void> subscribe_by_pattern(Database& db) {
  return ByPattern(db).run();
}

}  // namespace exposee::store
