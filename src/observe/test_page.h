// For the tests of this room: a page of metrics, by line.
#pragma once

#include <gtest/gtest.h>

#include <charconv>
#include <map>
#include <sstream>
#include <string>

#include "observe/exposition.h"

namespace exposee::observe {

class TestPage {
 public:
  template <class Meter>
  static TestPage of(const Meter& meter) {
    Exposition page;
    meter.write(page);
    return TestPage(page.take());
  }
  explicit TestPage(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with('#')) continue;
      const auto space = line.rfind(' ');
      EXPECT_TRUE(samples_.emplace(line.substr(0, space), line.substr(space + 1)).second) << line << " twice";
    }
  }

  // Of a series as it is written: `exposee_attempts_total{result="dns"}`.
  std::string at(const std::string& series) const {
    const auto found = samples_.find(series);
    return found == samples_.end() ? "no such series" : found->second;
  }
  bool has(const std::string& series) const { return samples_.contains(series); }
  const std::map<std::string, std::string>& samples() const { return samples_; }

 private:
  std::map<std::string, std::string> samples_;
};

}  // namespace exposee::observe
