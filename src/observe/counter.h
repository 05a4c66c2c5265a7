// What metrics are made of: numbers that one thread raises and any other may read meanwhile. No locks, no
// allocation, no look-up: raising one costs a few instructions, so that it may stand where every attempt passes.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace exposee::observe {

// Raised by one thread alone.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.store(value() + n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// Raised by several threads.
class SharedCounter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// A counter for each value of an enum that ends with `kLast`; what lies beyond (a number that a disk damaged)
// counts as the last.
template <class Cell, auto kLast>
class PerValue {
 public:
  static constexpr std::size_t kSize = static_cast<std::size_t>(kLast) + 1;
  Cell& of(decltype(kLast) value) { return cells_[std::min(static_cast<std::size_t>(value), kSize - 1)]; }
  std::uint64_t value(std::size_t index) const { return cells_[index].value(); }

 private:
  std::array<Cell, kSize> cells_;
};

// How many values were at most 2^kFirst, 2^(kFirst+1), ... 2^kLast, or more: each in the first bucket that takes
// it. Powers of two, because the bucket is then the width of the number.
template <class Cell, unsigned kFirst, unsigned kLast>
class Buckets {
  static_assert(kFirst < kLast && kLast < 63);

 public:
  static constexpr std::size_t kCount = kLast - kFirst + 2;  // that of larger ones included
  static constexpr unsigned kFirstExponent = kFirst;
  using Counts = std::array<std::uint64_t, kCount>;

  void add(std::uint64_t value) { cells_[index(value)].add(); }
  Counts counts() const {
    Counts counts{};
    for (std::size_t i = 0; i < kCount; ++i) counts[i] = cells_[i].value();
    return counts;
  }

 private:
  static std::size_t index(std::uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value - (value != 0)));
    return std::clamp(width, kFirst, kLast + 1) - kFirst;
  }

  std::array<Cell, kCount> cells_;
};

// Buckets, and the sum of all values.
template <class Cell, unsigned kFirst, unsigned kLast>
class Histogram {
 public:
  using Counts = typename Buckets<Cell, kFirst, kLast>::Counts;
  static constexpr unsigned kFirstExponent = kFirst;

  void add(std::uint64_t value) {
    buckets_.add(value);
    sum_.add(value);
  }
  Counts counts() const { return buckets_.counts(); }
  std::uint64_t sum() const { return sum_.value(); }

 private:
  Buckets<Cell, kFirst, kLast> buckets_;
  Cell sum_;
};

}  // namespace exposee::observe
