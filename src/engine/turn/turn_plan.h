// What one turn is going to do. Made once, when everything has come in, and followed by whatever the turn is made
// of; kept beside a turn whose end is unknown, because how it ends depends on it. A value; the engine's thread.
#pragma once

#include "ports/turn.h"

namespace exposee::engine {

struct TurnPlan {
  bool publishes = false;   // a command publishes
  bool asks = false;        // another command may write
  bool outcomes = false;    // writes those that are there
  bool catches_up = false;  // brings waiting deliveries forward
  bool checkpoint = false;
  bool writes = false;
  Durability durability = Durability::with_next;
};

}  // namespace exposee::engine
