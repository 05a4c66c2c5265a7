// File descriptors: every connection needs one, and the default limit is 1,024 a process unless it is raised.
// Called once by app/main before the server starts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/settings/settings.h"

namespace exposee::app {

constexpr std::uint64_t kOwnDescriptors = 64;  // the store's files, listeners, event loops, name look-ups

// Raises this process's limit as far as the system allows without privileges; what it is now.
std::uint64_t raise_descriptor_limit();

// A warning when the settings want more connections than there are descriptors. Pure.
std::optional<std::string> too_few_descriptors(const Settings& settings, std::uint64_t limit);

}  // namespace exposee::app
