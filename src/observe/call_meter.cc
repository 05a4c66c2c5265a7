#include "observe/call_meter.h"

#include <fmt/format.h>

#include <functional>
#include <numeric>

#include "core/causes.h"

namespace exposee::observe {
namespace {

std::uint64_t sum_of(std::span<const std::uint64_t> counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

}  // namespace

std::string_view to_text(CallFamily family) {
  constexpr std::string_view kTexts[] = {"contract", "v1", "operation", "documents"};
  return kTexts[static_cast<std::size_t>(family)];
}

void CallMeter::call_answered(const CallNote& note) {
  auto& calls = calls_[static_cast<std::size_t>(note.family)];
  const auto took = static_cast<std::uint64_t>(std::max<std::int64_t>(0, note.took.count()));
  const auto of_class = static_cast<std::size_t>(class_of(note.status));
  if (note.streamed) {
    calls.streamed[of_class].add();
    return streams_us_.add(took);
  }
  calls.by_class[of_class].add(took);
  calls.took_us.add(took);
}

void CallMeter::test_finished(const TestNote& note) {
  tests_[static_cast<std::size_t>(note.kind)].of(note.cause).add();
}

void CallMeter::write(Exposition& page) const {
  std::array<Took::Counts, std::tuple_size_v<decltype(calls_)>> durations{};
  page.family("exposee_http_requests_total", MetricType::counter,
              "Calls that were answered, by family of calls and status class.");
  for (std::size_t family = 0; family < calls_.size(); ++family) {
    const auto name = label("family", to_text(static_cast<CallFamily>(family)));
    for (std::size_t of_class = 0; of_class < calls_[family].by_class.size(); ++of_class) {
      const auto counts = calls_[family].by_class[of_class].counts();
      const auto labels = name + "," + label("status_class", to_text(static_cast<StatusClass>(of_class)));
      page.sample(sum_of(counts) + calls_[family].streamed[of_class].value(), labels);
      std::ranges::transform(durations[family], counts, durations[family].begin(), std::plus{});
    }
  }
  page.family("exposee_http_request_duration_seconds", MetricType::histogram,
              "From a request that was read to its reply, which includes the commit, by family of calls; not of "
              "replies that are streamed.");
  for (std::size_t family = 0; family < calls_.size(); ++family) {
    page.histogram(durations[family], calls_[family].took_us.value(), Took::kFirstExponent, Unit::microseconds,
                   label("family", to_text(static_cast<CallFamily>(family))));
  }
  write_streams(page);
  page.family("exposee_http_replies_cut_off_total", MetricType::counter,
              "Replies that ended in their middle, because what was to follow could not be read.");
  page.sample(cut_off_.value());
  write_tests(page);
}

// One for all families: how long it takes is up to the client.
void CallMeter::write_streams(Exposition& page) const {
  page.family("exposee_http_stream_duration_seconds", MetricType::histogram,
              "From a request that was read to the last piece of its streamed reply that left for the client.");
  page.histogram(streams_us_.counts(), streams_us_.sum(), Streamed::kFirstExponent, Unit::microseconds);
}

void CallMeter::write_tests(Exposition& page) const {
  page.family("exposee_test_deliveries_total", MetricType::counter,
              "Test deliveries that ended, by kind and result.");
  for (std::size_t kind = 0; kind < tests_.size(); ++kind) {
    for (std::size_t i = 0; i < Tests::kSize; ++i) {
      const auto cause = static_cast<Cause>(i);
      if (!is_of_attempt(cause)) continue;
      const auto of_kind = label("kind", exposee::to_text(static_cast<TestKind>(kind)));
      page.sample(tests_[kind].value(i), of_kind + "," + result_label(cause));
    }
  }
}

}  // namespace exposee::observe
