// Names to addresses, by c-ares on the sender's loop: A and AAAA, /etc/hosts first, no thread per look-up;
// localhost and names below it are this machine without asking
// (promises section 3.4). Nothing is kept: an answer serves those who wait for it and is forgotten, so no DNS
// answer outlives an attempt. Owned by the sender, on its loop's thread; its owner calls tick() while busy().
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/address.h"
#include "core/result.h"
#include "net/loop.h"
#include "net/words.h"

namespace exposee::net {

constexpr std::size_t kMaxCnames = 8;  // longer chains are somebody's game

struct Resolution {
  std::vector<IpAddress> addresses;  // in the order to try (RFC 6724); empty exactly when it failed
  Failure failure;
};

// Waits for one look-up; told once, perhaps within resolve() itself.
class NameWaiter {
 public:
  virtual void name_resolved(const Resolution& resolution) = 0;

 protected:
  ~NameWaiter() = default;
};

struct ResolverOptions {
  std::string servers;  // "10.0.0.2:53,..."; empty: resolv.conf
  std::chrono::milliseconds timeout{5'000};
};

class Resolver {
 public:
  // Error: invalid (the servers make no sense), internal.
  static Result<std::unique_ptr<Resolver>> make(Loop& loop, ResolverOptions options);
  ~Resolver();

  // Look-ups of one name at one time share one flight. `name`: lower-case ASCII, no literal address.
  void resolve(const std::string& name, NameWaiter& waiter);
  void cancel(NameWaiter& waiter);  // it is not told any more

  bool busy() const;
  void tick();  // looks at time-outs; every 100 ms or less while busy()

 private:
  struct Impl;
  explicit Resolver(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace exposee::net
