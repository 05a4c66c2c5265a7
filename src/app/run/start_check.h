// Whether the system gives this process what serving one client and one receiver takes: descriptors, threads,
// memory. Tried out before anything is opened, so that a start with too little is refused with a sentence
// instead of dying after it said "ready". Used by run/serve, on the main thread, before there are others.
#pragma once

#include <cstddef>
#include <optional>
#include <system_error>

#include "core/result.h"

namespace exposee::app {

// More than a node takes while it serves both, with some to spare (app/run/node_test.cc).
struct StartNeeds {
  unsigned descriptors = 43;
  unsigned threads = 9;
  std::size_t memory_mib = 48;  // of address space, beside the threads' stacks
};

// What is missing, and which number to set. Error: unavailable.
std::optional<Error> missing_for_start(const StartNeeds& needs = {});

// What the system refused after all, though it could be had a moment before: another process was quicker. Nothing: the
// error is of another kind.
std::optional<Error> not_given(const std::system_error& error);

}  // namespace exposee::app
