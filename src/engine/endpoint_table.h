// Endpoints by number, as many immutable versions share them: a change copies one chunk and the list of
// chunks, whatever their number. Copying the table copies that list. A copy may be read by any thread while
// another one is changed.
#pragma once

#include <array>
#include <cstddef>
#include <iterator>
#include <memory>
#include <vector>

#include "core/registry.h"

namespace exposee::engine {

class EndpointTable {
 public:
  using Ref = std::shared_ptr<const Endpoint>;

  // Puts it at its number, in place of the one that is there.
  void put(Ref endpoint);
  // As if it had never been there; its place is kept.
  void drop(EndpointNumber number);
  // Removed ones too; nothing for a number that no endpoint has.
  const Endpoint* find(EndpointNumber number) const;
  std::size_t live() const { return live_; }  // how many are not removed
  EndpointNumber last() const { return EndpointNumber{size()}; }  // no number is above it

  // Those that are not removed, in order of number.
  class Iterator {
   public:
    using value_type = Ref;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    Iterator(const EndpointTable& table, std::size_t at) : table_(&table), at_(at) { skip(); }
    const Ref& operator*() const { return table_->at(at_); }
    const Ref* operator->() const { return &table_->at(at_); }
    Iterator& operator++() {
      ++at_;
      skip();
      return *this;
    }
    Iterator operator++(int) {
      auto before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    void skip() {
      while (at_ < table_->size() && !table_->is_live(at_)) ++at_;
    }
    const EndpointTable* table_ = nullptr;
    std::size_t at_ = 0;  // number - 1
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }
  // Those whose number is above this one.
  Iterator after(EndpointNumber number) const {
    return {*this, number.value < size() ? static_cast<std::size_t>(number.value) : size()};
  }

 private:
  static constexpr std::size_t kChunk = 128;  // endpoints: what a change copies, against what a copy copies
  using Chunk = std::array<Ref, kChunk>;

  static const std::shared_ptr<const Chunk>& empty_chunk();
  void set(EndpointNumber number, Ref endpoint);

  std::size_t size() const { return chunks_.size() * kChunk; }
  const Ref& at(std::size_t place) const { return (*chunks_[place / kChunk])[place % kChunk]; }
  bool is_live(std::size_t place) const { return at(place) && !at(place)->removed_at; }

  std::vector<std::shared_ptr<const Chunk>> chunks_;
  std::size_t live_ = 0;
};

}  // namespace exposee::engine
