// The doors that the engine has to the world. References only: the owner of the engine owns what is behind them and
// keeps it as long as the engine lives.
#pragma once

#include "ports/clock.h"
#include "ports/disk_space.h"
#include "ports/observer.h"
#include "ports/random.h"
#include "ports/sender.h"
#include "ports/store.h"

namespace exposee::engine {

struct EngineDoors {
  Store& store;
  Sender& sender;
  Clock& clock;
  Random& random;
  Observer& observer;
  const DiskSpace* disk = nullptr;  // of the data; none: there is always room
};

}  // namespace exposee::engine
