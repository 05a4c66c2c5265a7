#include "net/resolver.h"

#include <ares.h>

#include <algorithm>
#include <unordered_map>

#include "core/assert.h"
#include "net/socket.h"

namespace exposee::net {
namespace {

constexpr int kTries = 2;                        // per server; the second waits twice as long as the first
constexpr std::chrono::seconds kChannelAge{30};  // then resolv.conf is read again, when nobody waits

Resolution failed(Failure failure) {
  return {{}, std::move(failure)};
}

Resolution does_not_resolve() {
  return failed({Cause::dns, "Name does not resolve"});
}

Resolution took_too_long(std::chrono::milliseconds limit) {
  return failed(name_timed_out(limit));
}

Resolution resolver_failed(int status) {
  return failed({Cause::dns, std::string("Name does not resolve: ") + ares_strerror(status)});
}

std::size_t count_cnames(const ares_addrinfo& info) {
  std::size_t count = 0;
  for (auto* entry = info.cnames; entry != nullptr; entry = entry->next) ++count;
  return count;
}

std::vector<IpAddress> addresses_of(const ares_addrinfo& info) {
  std::vector<IpAddress> addresses;
  for (auto* node = info.nodes; node != nullptr; node = node->ai_next) {
    SocketAddress address;
    std::copy_n(reinterpret_cast<const char*>(node->ai_addr), node->ai_addrlen,
                reinterpret_cast<char*>(address.get()));
    const IpAddress ip = address.ip();
    if (std::find(addresses.begin(), addresses.end(), ip) == addresses.end()) addresses.push_back(ip);
  }
  return addresses;
}

Resolution resolution_of(int status, const ares_addrinfo* info, std::chrono::milliseconds limit) {
  switch (status) {
    case ARES_SUCCESS:
      break;
    case ARES_ENOTFOUND:
    case ARES_ENODATA:
    case ARES_EBADNAME:
      return does_not_resolve();
    case ARES_ETIMEOUT:
      return took_too_long(limit);
    default:
      return resolver_failed(status);
  }
  if (count_cnames(*info) > kMaxCnames) {
    return failed({Cause::dns, "Name does not resolve: more than 8 aliases (CNAME) in a row"});
  }
  auto addresses = addresses_of(*info);
  if (addresses.empty()) return does_not_resolve();
  return {std::move(addresses), {}};
}

// RFC 6761 section 6.3: localhost and every name below it is this machine, whatever /etc/hosts or a name
// server say. A small container has no /etc/hosts at all.
bool is_this_machine(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name == "localhost" || name.ends_with(".localhost");
}

Resolution loopback() {
  return {{*IpAddress::parse("127.0.0.1"), *IpAddress::parse("::1")}, {}};
}

}  // namespace

struct Resolver::Impl {
  // A look-up under way and everybody who waits for it.
  struct Flight {
    std::string name;
    std::uint64_t number;
    MonoTime deadline;
    std::vector<NameWaiter*> waiters;  // null: cancelled
  };
  // What c-ares gets as its argument: a flight may be over before c-ares lets go of it.
  struct Ticket {
    Impl* impl;
    std::string name;
    std::uint64_t number;
  };
  struct Socket final : Watcher {
    Socket(Impl& owner, int socket) : impl(owner), fd(socket) {}
    void ready(Readiness readiness) override { impl.process(fd, readiness); }
    Impl& impl;
    int fd;
    bool reading = false, writing = false;
  };

  Impl(Loop& owner_loop, ResolverOptions resolver_options)
      : loop(owner_loop), options(std::move(resolver_options)) {
    ares_library_init(ARES_LIB_INIT_ALL);
  }
  ~Impl() {
    flights.clear();  // nobody is told any more
    close_channel();
    ares_library_cleanup();
  }

  Result<void> open_channel();
  void close_channel();
  void renew_channel();
  void process(int fd, Readiness readiness);
  void start(const Flight& flight);
  void finish(const std::string& name, const Resolution& resolution);

  static void forget(Flight& flight, NameWaiter& waiter) {
    for (auto*& entry : flight.waiters) {
      if (entry == &waiter) entry = nullptr;
    }
  }

  static void on_socket(void* data, ares_socket_t fd, int readable, int writable);
  static void on_answer(void* data, int status, int timeouts, ares_addrinfo* info);

  Loop& loop;
  ResolverOptions options;
  ares_channel channel = nullptr;
  MonoTime channel_opened;
  std::uint64_t last_flight = 0;
  std::unordered_map<std::string, Flight> flights;
  std::vector<std::unique_ptr<Flight>> landed;  // telling their waiters at this moment, one within the other
  std::unordered_map<int, std::unique_ptr<Socket>> sockets;
};

Result<void> Resolver::Impl::open_channel() {
  ares_options wanted{};
  // Two tries, t and then 2t, fit into the time-out together.
  wanted.timeout = static_cast<int>(std::max<std::int64_t>(options.timeout.count() / 3, 1));
  wanted.tries = kTries;
  wanted.ndots = 1;  // a name with a dot is tried as it is before any search domain
  wanted.sock_state_cb = &Impl::on_socket;
  wanted.sock_state_cb_data = this;
  const int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS | ARES_OPT_SOCK_STATE_CB;
  if (int status = ares_init_options(&channel, &wanted, mask); status != ARES_SUCCESS) {
    return Error{ErrorCode::internal,
                 std::string("The resolver does not start: ") + ares_strerror(status) + ".", ""};
  }
  channel_opened = loop.now();
  if (options.servers.empty()) return {};
  if (int status = ares_set_servers_ports_csv(channel, options.servers.c_str()); status != ARES_SUCCESS) {
    return Error{ErrorCode::invalid,
                 "The DNS servers '" + options.servers + "' are refused: " + ares_strerror(status) + ".",
                 "Write them as address:port, divided by commas."};
  }
  return {};
}

void Resolver::Impl::close_channel() {
  if (channel != nullptr) ares_destroy(channel);  // tells every callback, which find no flight
  channel = nullptr;
}

// A machine's name servers change while it runs; c-ares reads resolv.conf only when a channel opens.
void Resolver::Impl::renew_channel() {
  if (!landed.empty()) return;  // c-ares is calling us
  if (channel != nullptr && (!flights.empty() || loop.now() - channel_opened < kChannelAge)) return;
  close_channel();
  if (!open_channel()) close_channel();
}

void Resolver::Impl::on_socket(void* data, ares_socket_t fd, int readable, int writable) {
  auto& impl = *static_cast<Impl*>(data);
  auto& socket = impl.sockets[fd];
  if (socket == nullptr) socket = std::make_unique<Socket>(impl, fd);
  if (readable == 0 && writable == 0) {
    impl.loop.unwatch(fd, *socket);
    impl.sockets.erase(fd);
  } else if (!impl.loop.watch_level(fd, *socket, readable != 0, writable != 0)) {
    // Unheard, the query runs into its time-out, which is an answer as well.
    impl.sockets.erase(fd);
  }
}

void Resolver::Impl::process(int fd, Readiness readiness) {
  ares_process_fd(channel, readiness.readable ? fd : ARES_SOCKET_BAD,
                  readiness.writable ? fd : ARES_SOCKET_BAD);
}

void Resolver::Impl::start(const Flight& flight) {
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  auto* ticket = new Ticket{this, flight.name, flight.number};  // on_answer() takes it back
  ares_getaddrinfo(channel, ticket->name.c_str(), nullptr, &hints, &Impl::on_answer, ticket);
}

void Resolver::Impl::on_answer(void* data, int status, int, ares_addrinfo* info) {
  const std::unique_ptr<Ticket> ticket(static_cast<Ticket*>(data));
  const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> owned(info, &ares_freeaddrinfo);
  auto& impl = *ticket->impl;
  const auto flight = impl.flights.find(ticket->name);
  if (flight == impl.flights.end() || flight->second.number != ticket->number) return;
  impl.finish(ticket->name, resolution_of(status, info, impl.options.timeout));
}

// A waiter may start and cancel look-ups while it is told.
void Resolver::Impl::finish(const std::string& name, const Resolution& resolution) {
  auto node = flights.extract(name);
  auto& flight = *landed.emplace_back(std::make_unique<Flight>(std::move(node.mapped())));
  for (auto*& waiter : flight.waiters) {
    if (waiter != nullptr) std::exchange(waiter, nullptr)->name_resolved(resolution);
  }
  landed.pop_back();
}

Resolver::Resolver(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Resolver::~Resolver() = default;

Result<std::unique_ptr<Resolver>> Resolver::make(Loop& loop, ResolverOptions options) {
  auto impl = std::make_unique<Impl>(loop, std::move(options));
  if (auto opened = impl->open_channel(); !opened) return std::move(opened).error();
  return std::unique_ptr<Resolver>(new Resolver(std::move(impl)));
}

void Resolver::resolve(const std::string& name, NameWaiter& waiter) {
  if (is_this_machine(name)) return waiter.name_resolved(loopback());
  auto& impl = *impl_;
  if (auto flight = impl.flights.find(name); flight != impl.flights.end()) {
    return flight->second.waiters.push_back(&waiter);
  }
  impl.renew_channel();
  if (impl.channel == nullptr) return waiter.name_resolved(resolver_failed(ARES_ENOTINITIALIZED));
  const auto deadline = impl.loop.now() + impl.options.timeout;
  const auto& flight = impl.flights[name] = {name, ++impl.last_flight, deadline, {&waiter}};
  impl.start(flight);
}

void Resolver::cancel(NameWaiter& waiter) {
  for (auto& [name, flight] : impl_->flights) Impl::forget(flight, waiter);
  for (auto& flight : impl_->landed) Impl::forget(*flight, waiter);
}

bool Resolver::busy() const {
  return !impl_->flights.empty();
}

void Resolver::tick() {
  if (impl_->channel == nullptr) return;
  ares_process_fd(impl_->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  std::vector<std::string> late;
  for (auto& [name, flight] : impl_->flights) {
    if (flight.deadline <= impl_->loop.now()) late.push_back(name);
  }
  for (const auto& name : late) impl_->finish(name, took_too_long(impl_->options.timeout));
}

}  // namespace exposee::net
