// What the commands of one turn find: what the store says (asked once, and only when a command needs it), and
// over it what the same turn has decided before. So two requests with one Idempotency-Key, two documents of
// one key, one that depends on another, a retry after a retry or after an outcome each see the
// one before. Views the commands: they stay where they are until clear(). Engine's thread only.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/commands.h"
#include "ports/turn.h"

namespace exposee::engine {

class Findings {
 public:
  // Collects what these commands need to know.
  void ask(const std::vector<Command>& commands);
  const Lookups& lookups() const { return lookups_; }
  void take(Found&& found);
  // What the turn writes of deliveries before its commands are decided: rows, in their order, and attempts of
  // which the first that succeeded leave no row.
  void lay_over(std::span<const DeliveryRow> rows, std::span<const AttemptRow> attempts);
  void clear();

  // What a request of this key was answered; null: it is new.
  const StoredReply* reply(std::string_view key) const;
  // From now on it is answered so. What it gives back stays where it is until clear().
  const StoredReply* claim(std::string_view key, StoredReply&& reply);
  bool has_document(const DocumentKey& key) const { return documents_.at(key); }
  void add_document(const Document& document);
  const std::optional<DeliveryRow>& delivery(const DeliveryKey& key) const;
  void put(const DeliveryRow& row);

 private:
  void ask(const Command& command);
  void ask(const PublishEvent& command);
  void ask_reply(const IdempotencyClaim& claim);

  Lookups lookups_;
  std::unordered_map<std::string_view, std::optional<StoredReply>> replies_;
  std::unordered_map<DocumentKey, bool> documents_;  // whether there is one
  std::unordered_map<DeliveryKey, std::optional<DeliveryRow>> deliveries_;
};

}  // namespace exposee::engine
