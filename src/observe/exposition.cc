#include "observe/exposition.h"

#include <fmt/format.h>

#include <iterator>

namespace exposee::observe {
namespace {

constexpr std::string_view word_of(MetricType type) {
  constexpr std::string_view kWords[] = {"counter", "gauge", "histogram"};
  return kWords[static_cast<std::size_t>(type)];
}

// 1500 microseconds: "0.0015".
std::string text_of(std::uint64_t value, Unit unit) {
  if (unit == Unit::one) return fmt::format("{}", value);
  constexpr std::uint64_t kMicros = 1'000'000;
  auto text = fmt::format("{}.{:06}", value / kMicros, value % kMicros);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string joined(std::string_view labels, std::string_view more) {
  return fmt::format("{}{}{}", labels, labels.empty() ? "" : ",", more);
}

}  // namespace

std::string label(std::string_view name, std::string_view value) {
  std::string escaped;
  for (const char c : value) {
    if (c == '\\' || c == '"') escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return fmt::format("{}=\"{}\"", name, escaped);
}

void Exposition::family(std::string_view name, MetricType type, std::string_view help) {
  name_ = name;
  fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name, word_of(type));
}

void Exposition::sample(std::uint64_t value, std::string_view labels, Unit unit) {
  line("", labels, text_of(value, unit));
}

void Exposition::histogram(std::span<const std::uint64_t> counts, std::uint64_t sum, unsigned first_exponent,
                           Unit unit, std::string_view labels) {
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    so_far += counts[i];
    const bool last = i + 1 == counts.size();
    const auto bound = last ? "+Inf" : text_of(std::uint64_t{1} << (first_exponent + i), unit);
    line("_bucket", joined(labels, label("le", bound)), text_of(so_far, Unit::one));
  }
  line("_sum", labels, text_of(sum, unit));
  line("_count", labels, text_of(so_far, Unit::one));
}

void Exposition::line(std::string_view suffix, std::string_view labels, std::string_view value) {
  const auto* form = labels.empty() ? "{}{}{} {}\n" : "{}{}{{{}}} {}\n";
  fmt::format_to(std::back_inserter(text_), fmt::runtime(form), name_, suffix, labels, value);
}

}  // namespace exposee::observe
