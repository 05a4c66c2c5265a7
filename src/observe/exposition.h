// Writes the Prometheus text format, version 0.0.4: families of samples, each with its help and type. It
// is read a few times a minute, so that it may allocate; it is filled on a reading thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace exposee::observe {

inline constexpr std::string_view kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

enum class MetricType : std::uint8_t { counter, gauge, histogram };

// What a whole number counts. Microseconds are written as seconds, the base unit, and exactly.
enum class Unit : std::uint8_t { one, microseconds };

// `name="value"`, for the samples below; several are joined by commas.
std::string label(std::string_view name, std::string_view value);

class Exposition {
 public:
  // The family of the samples that follow. `help`: one line.
  void family(std::string_view name, MetricType type, std::string_view help);
  void sample(std::uint64_t value, std::string_view labels = {}, Unit unit = Unit::one);
  // `counts`: of the values in each bucket, of which the first goes up to 2^first_exponent, each next one to
  // twice as much, and the last to infinity.
  void histogram(std::span<const std::uint64_t> counts, std::uint64_t sum, unsigned first_exponent, Unit unit,
                 std::string_view labels = {});
  std::string take() { return std::move(text_); }

 private:
  void line(std::string_view suffix, std::string_view labels, std::string_view value);

  std::string text_;
  std::string name_;
};

}  // namespace exposee::observe
