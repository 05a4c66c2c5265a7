// The page that GET /metrics shows. Put together anew each time it is asked for, from what the meters have
// counted and the wiring looks up: nothing is rendered meanwhile. Reading threads.
#pragma once

#include <string>
#include <string_view>

#include "observe/call_meter.h"
#include "observe/engine_meter.h"
#include "observe/figures.h"

namespace exposee::observe {

class MetricsSource {
 public:
  virtual ~MetricsSource() = default;
  virtual std::string page() const = 0;  // kExpositionType; any thread, may ask the system
};

class Metrics final : public MetricsSource {
 public:
  // All outlive it.
  Metrics(std::string_view version, const EngineMeter& engine, const CallMeter& calls,
          const FigureSource& figures)
      : version_(version), engine_(engine), calls_(calls), figures_(figures) {}

  std::string page() const override;

 private:
  const std::string_view version_;
  const EngineMeter& engine_;
  const CallMeter& calls_;
  const FigureSource& figures_;
};

}  // namespace exposee::observe
