// Counts the calls that this server answered, and test deliveries. A member of the fan-out; any thread.
#pragma once

#include "observe/counter.h"
#include "observe/engine_meter.h"
#include "observe/exposition.h"
#include "ports/call_observer.h"

namespace exposee::observe {

std::string_view to_text(CallFamily family);

class CallMeter final : public CallObserver {
 public:
  void call_answered(const CallNote& note) override;
  void reply_cut_off(std::string_view, const Error&) override { cut_off_.add(); }
  void test_finished(const TestNote& note) override;

  void write(Exposition& page) const;

 private:
  // Of microseconds: 64 us to 67 s, for a ping waits for its receivers.
  using Took = Buckets<SharedCounter, 6, 26>;
  // Of a reply that is a stream: as long as its client takes, 16 ms to 19 h.
  using Streamed = Histogram<SharedCounter, 14, 36>;
  // The buckets are kept for each status class, so that one addition counts for both.
  struct Calls {
    std::array<Took, static_cast<std::size_t>(kLastStatusClass) + 1> by_class;
    SharedCounter took_us;
    std::array<SharedCounter, static_cast<std::size_t>(kLastStatusClass) + 1> streamed;  // counted apart from these
  };
  using Tests = PerValue<SharedCounter, kLastCause>;

  void write_streams(Exposition& page) const;
  void write_tests(Exposition& page) const;

  std::array<Calls, static_cast<std::size_t>(kLastCallFamily) + 1> calls_;
  Streamed streams_us_;
  std::array<Tests, static_cast<std::size_t>(kLastTestKind) + 1> tests_;
  SharedCounter cut_off_;
};

}  // namespace exposee::observe
