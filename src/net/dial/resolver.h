// Names to addresses, by c-ares on the sender's loop: /etc/hosts first, then A and AAAA, each a query of its
// own, no thread per look-up; localhost and names below it are this machine without asking (promises
// section 3.4).
//
// The addresses of one family serve while those of the other are still missing (RFC 8305 section 3). A name
// with a dot is asked as it is; search domains are for names of a single label alone, and after the name
// itself. A name server that let a query run out of time while another answered goes to the end of the line
// for some minutes.
//
// Nothing else is kept: an answer serves those who wait for it and is forgotten, so no DNS answer outlives an
// attempt. Owned by the sender, on its loop's thread; its owner calls tick() while busy().
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/address/address.h"
#include "core/result.h"
#include "net/client/words.h"
#include "net/loop/loop.h"

namespace exposee::net {

constexpr std::size_t kMaxCnames = 8;  // a longer chain is a mistake or an attack
// How long the second family is waited for once the first is there (RFC 8305 section 8).
constexpr std::chrono::milliseconds kResolutionDelay{50};

struct Resolution {
  std::vector<IpAddress> addresses;  // in the order to try (address_order.h)
  Failure failure;                   // when there are none
  bool more = false;                 // another call follows, with these addresses and perhaps others
};

// Waits for one look-up; notified once, perhaps within resolve() itself, or again while Resolution::more says
// so.
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
  void cancel(NameWaiter& waiter);  // it is not notified any more

  bool busy() const;
  void tick();  // looks at time-outs; every 100 ms or less while busy()

 private:
  struct Impl;
  explicit Resolver(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace exposee::net
