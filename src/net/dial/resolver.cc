#include "net/dial/resolver.h"

#include <netdb.h>

#include <algorithm>
#include <unordered_map>

#include "core/assert.h"
#include "net/dial/address_order.h"
#include "net/dial/name_servers.h"
#include "net/loop/socket.h"

namespace exposee::net {
namespace {

constexpr int kClassInternet = 1, kTypeA = 1, kTypeAaaa = 28;  // RFC 1035 section 3.2, RFC 3596

Failure does_not_resolve() {
  return {Cause::dns, "Name does not resolve"};
}

// What a look-up in one family came to.
struct FamilyAnswer {
  bool done = false;
  std::vector<IpAddress> addresses;
  Failure failure;
};

Failure failure_of(int status, std::chrono::milliseconds limit) {
  switch (status) {
    case ARES_ENOTFOUND:
    case ARES_ENODATA:
    case ARES_EBADNAME:
      return does_not_resolve();
    case ARES_ETIMEOUT:
      return name_timed_out(limit);
    case ARES_ECONNREFUSED:  // also when no socket could be had
    case ARES_EFILE:
    case ARES_ENOMEM:
    case ARES_ENOTINITIALIZED:
      return no_name_server();
    default:
      return {Cause::dns, std::string("Name does not resolve: ") + ares_strerror(status)};
  }
}

struct FreeHost {
  void operator()(hostent* host) const { ares_free_hostent(host); }
};
using Host = std::unique_ptr<hostent, FreeHost>;

IpAddress address_from(const void* bytes, bool v6) {
  IpAddress address;
  address.v6 = v6;
  std::copy_n(static_cast<const std::uint8_t*>(bytes), v6 ? 16 : 4, address.bytes.begin());
  return address;
}

std::size_t count_aliases(const hostent& host) {
  std::size_t count = 0;
  while (host.h_aliases[count] != nullptr) ++count;
  return count;
}

// The first kMaxAddresses of the records.
int read_records(int type, const unsigned char* packet, int size, std::vector<IpAddress>& addresses,
                 std::size_t& aliases) {
  hostent* host = nullptr;
  int count = kMaxAddresses;
  ares_addrttl v4[kMaxAddresses];
  ares_addr6ttl v6[kMaxAddresses];
  const int status = type == kTypeA ? ares_parse_a_reply(packet, size, &host, v4, &count)
                                    : ares_parse_aaaa_reply(packet, size, &host, v6, &count);
  const Host owned(host);
  if (status != ARES_SUCCESS) return status;
  for (int i = 0; i < count; ++i) {
    addresses.push_back(type == kTypeA ? address_from(&v4[i].ipaddr, false)
                                       : address_from(&v6[i].ip6addr, true));
  }
  if (host != nullptr) aliases = count_aliases(*host);
  return status;
}

FamilyAnswer answer_of(int type, int status, const unsigned char* packet, int size,
                       std::chrono::milliseconds limit) {
  FamilyAnswer answer{.done = true};
  std::size_t aliases = 0;
  if (status == ARES_SUCCESS) status = read_records(type, packet, size, answer.addresses, aliases);
  if (status != ARES_SUCCESS) {
    answer.failure = failure_of(status, limit);
  } else if (aliases > kMaxCnames) {
    answer.addresses.clear();
    answer.failure = {Cause::dns, "Name does not resolve: more than 8 aliases (CNAME) in a row"};
  } else if (answer.addresses.empty()) {
    answer.failure = does_not_resolve();
  }
  return answer;
}

std::string_view without_root(std::string_view name) {
  return name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
}

bool is_below(std::string_view name, std::string_view top) {
  name = without_root(name);
  if (!name.ends_with(top)) return false;
  return name.size() == top.size() || name[name.size() - top.size() - 1] == '.';
}

Resolution loopback() {
  return {{*IpAddress::parse("127.0.0.1"), *IpAddress::parse("::1")}, {}};
}

}  // namespace

struct Resolver::Impl {
  // A look-up under way and all that wait for it.
  struct Flight {
    std::string name;
    std::uint64_t number;
    MonoTime deadline;
    std::vector<NameWaiter*> waiters;  // null: cancelled
    FamilyAnswer v4, v6;
    MonoTime first_at = MonoTime::max();  // addresses of one family came
    bool told_early = false;              // of them
  };
  // What c-ares gets as its argument: a flight may be over before c-ares lets go of it.
  struct Ticket {
    Impl* impl;
    std::shared_ptr<DnsChannel> channel;
    std::string name;
    std::uint64_t number;
    int type;
  };

  Impl(Loop& owner_loop, ResolverOptions options)
      : loop(owner_loop),
        timeout(options.timeout),
        servers(owner_loop, std::move(options.servers), timeout) {}
  ~Impl() { flights.clear(); }  // nothing is notified any more

  void start(const Flight& flight, const std::shared_ptr<DnsChannel>& channel);
  void take_answer(const Ticket& ticket, FamilyAnswer&& answer);
  void tell_early(Flight& flight);
  void land(const std::string& name);
  void tell(Flight& flight, const Resolution& resolution, bool last);
  bool has_local(const std::string& name, DnsChannel& channel, Resolution& resolution);

  static void forget(Flight& flight, NameWaiter& waiter) {
    for (auto*& entry : flight.waiters) {
      if (entry == &waiter) entry = nullptr;
    }
  }
  static void on_answer(void* data, int status, int timeouts, unsigned char* packet, int size);

  Loop& loop;
  const std::chrono::milliseconds timeout;
  std::uint64_t last_flight = 0;
  std::unordered_map<std::string, Flight> flights;
  std::vector<std::unique_ptr<Flight>> landed;  // telling their waiters at this moment, one within the other
  NameServers servers;                          // last: its end notifies every query, which finds no flight
};

// A name with a dot is asked as it is, whatever it comes to: search domains would have it leak.
void Resolver::Impl::start(const Flight& flight, const std::shared_ptr<DnsChannel>& channel) {
  const auto ask = flight.name.find('.') == std::string::npos ? &ares_search : &ares_query;
  const std::string name = flight.name;
  const auto number = flight.number;
  for (const int type : {kTypeAaaa, kTypeA}) {
    auto* ticket = new Ticket{this, channel, name, number, type};  // on_answer() takes it back
    channel->query_begins();
    ask(channel->get(), name.c_str(), kClassInternet, type, &Impl::on_answer, ticket);
  }
}

void Resolver::Impl::on_answer(void* data, int status, int timeouts, unsigned char* packet, int size) {
  const std::unique_ptr<Ticket> ticket(static_cast<Ticket*>(data));
  ticket->channel->query_ends();
  if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED) return;
  auto& impl = *ticket->impl;
  if (status != ARES_ETIMEOUT) impl.servers.note_timeouts(*ticket->channel, timeouts);
  impl.take_answer(*ticket, answer_of(ticket->type, status, packet, size, impl.timeout));
}

void Resolver::Impl::take_answer(const Ticket& ticket, FamilyAnswer&& answer) {
  const auto found = flights.find(ticket.name);
  if (found == flights.end() || found->second.number != ticket.number) return;
  auto& flight = found->second;
  (ticket.type == kTypeA ? flight.v4 : flight.v6) = std::move(answer);
  if (flight.v4.done && flight.v6.done) return land(ticket.name);
  if (flight.v4.addresses.empty() && flight.v6.addresses.empty()) return;
  flight.first_at = loop.now();
  loop.tick_in(kResolutionDelay);
}

// A waiter may start and cancel look-ups while it is notified.
void Resolver::Impl::tell(Flight& flight, const Resolution& resolution, bool last) {
  for (auto*& waiter : flight.waiters) {
    if (waiter == nullptr) continue;
    auto* told = last ? std::exchange(waiter, nullptr) : waiter;
    told->name_resolved(resolution);
  }
}

void Resolver::Impl::tell_early(Flight& flight) {
  flight.told_early = true;
  const Resolution resolution{in_order_of_trial(flight.v6.addresses, flight.v4.addresses), {}, true};
  const std::string name = flight.name;
  const auto number = flight.number;
  // By index and looked up anew: a notified party may add to this map.
  for (std::size_t i = 0;; ++i) {
    const auto found = flights.find(name);
    if (found == flights.end() || found->second.number != number) return;
    if (i >= found->second.waiters.size()) return;
    if (auto* waiter = found->second.waiters[i]) waiter->name_resolved(resolution);
  }
}

// Both families have answered, or time is up.
void Resolver::Impl::land(const std::string& name) {
  auto node = flights.extract(name);
  if (node.empty()) return;
  auto& flight = *landed.emplace_back(std::make_unique<Flight>(std::move(node.mapped())));
  auto &v4 = flight.v4, &v6 = flight.v6;
  Resolution resolution{in_order_of_trial(v6.addresses, v4.addresses), {}};
  if (resolution.addresses.empty()) {
    for (auto* family : {&v4, &v6}) {
      if (!family->done) family->failure = name_timed_out(timeout);
    }
    // That it has no records in one family says less than what went wrong with the other.
    const bool v4_tells = v4.failure.detail != does_not_resolve().detail;
    resolution.failure = v4_tells ? v4.failure : v6.failure;
  }
  tell(flight, resolution, true);
  landed.pop_back();
}

bool Resolver::Impl::has_local(const std::string& name, DnsChannel& channel, Resolution& resolution) {
  std::vector<IpAddress> v6, v4;
  for (const int family : {AF_INET6, AF_INET}) {
    hostent* found = nullptr;
    const std::string plain(without_root(name));
    if (ares_gethostbyname_file(channel.get(), plain.c_str(), family, &found) != ARES_SUCCESS) continue;
    const Host host(found);
    auto& list = family == AF_INET6 ? v6 : v4;
    for (char** at = host->h_addr_list; *at != nullptr; ++at) {
      list.push_back(address_from(*at, family == AF_INET6));
    }
  }
  resolution.addresses = in_order_of_trial(v6, v4);
  return !resolution.addresses.empty();
}

Resolver::Resolver(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Resolver::~Resolver() = default;

Result<std::unique_ptr<Resolver>> Resolver::make(Loop& loop, ResolverOptions options) {
  auto impl = std::make_unique<Impl>(loop, std::move(options));
  if (auto opened = impl->servers.open(); !opened) return std::move(opened).error();
  return std::unique_ptr<Resolver>(new Resolver(std::move(impl)));
}

// RFC 6761: localhost and every name below it is this machine, whatever /etc/hosts or a name server say (a
// small container has no /etc/hosts at all), and nothing below "invalid" exists.
void Resolver::resolve(const std::string& name, NameWaiter& waiter) {
  if (is_below(name, "localhost")) return waiter.name_resolved(loopback());
  if (is_below(name, "invalid")) return waiter.name_resolved({{}, does_not_resolve()});
  auto& impl = *impl_;
  if (auto flight = impl.flights.find(name); flight != impl.flights.end()) {
    flight->second.waiters.push_back(&waiter);
    flight->second.told_early = false;
    return;
  }
  const auto channel = impl.servers.current();
  if (channel == nullptr) return waiter.name_resolved({{}, no_name_server()});
  if (Resolution local; impl.has_local(name, *channel, local)) return waiter.name_resolved(local);
  const auto deadline = impl.loop.now() + impl.timeout;
  const auto& flight = impl.flights[name] = {.name = name,
                                             .number = ++impl.last_flight,
                                             .deadline = deadline,
                                             .waiters = {&waiter},
                                             .v4 = {},
                                             .v6 = {}};
  impl.start(flight, channel);
}

void Resolver::cancel(NameWaiter& waiter) {
  for (auto& [name, flight] : impl_->flights) Impl::forget(flight, waiter);
  for (auto& flight : impl_->landed) Impl::forget(*flight, waiter);
}

bool Resolver::busy() const {
  return !impl_->flights.empty();
}

void Resolver::tick() {
  impl_->servers.check_time();
  const auto now = impl_->loop.now();
  std::vector<std::string> early, late;
  for (auto& [name, flight] : impl_->flights) {
    if (flight.deadline <= now) {
      late.push_back(name);
    } else if (!flight.told_early && flight.first_at <= now - kResolutionDelay) {
      early.push_back(name);
    }
  }
  for (const auto& name : early) {
    if (auto flight = impl_->flights.find(name); flight != impl_->flights.end()) {
      impl_->tell_early(flight->second);
    }
  }
  for (const auto& name : late) impl_->land(name);
}

}  // namespace exposee::net
