#include "net/dial/name_servers.h"

#include <algorithm>

#include "net/loop/socket.h"

namespace exposee::net {
namespace {

constexpr int kTries = 3;                        // per server; each waits twice as long as the one before
constexpr int kFirstTryShare = 8;                // of the time-out: 1/8 + 1/4 + 1/2 fit into it
constexpr std::chrono::seconds kChannelAge{30};  // then resolv.conf is read again

struct FreeServers {
  void operator()(ares_addr_port_node* list) const { ares_free_data(list); }
};
using ServerList = std::unique_ptr<ares_addr_port_node, FreeServers>;

std::string text_of(const ares_addr_port_node& server) {
  IpAddress address;
  address.v6 = server.family == AF_INET6;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&server.addr);
  std::copy_n(bytes, address.v6 ? 16 : 4, address.bytes.begin());
  return address.text() + " " + std::to_string(server.udp_port);
}

}  // namespace

struct DnsChannel::Socket final : Watcher {
  Socket(DnsChannel& owner, int socket) : channel(owner), fd(socket) {}
  void ready(Readiness readiness) override {
    ares_process_fd(channel.channel_, readiness.readable ? fd : ARES_SOCKET_BAD,
                    readiness.writable ? fd : ARES_SOCKET_BAD);
  }
  DnsChannel& channel;
  int fd;
};

DnsChannel::DnsChannel(Loop& loop) : loop_(loop), opened_(loop.now()) {}

DnsChannel::~DnsChannel() {
  if (channel_ != nullptr) ares_destroy(channel_);
}

Result<void> DnsChannel::open(const std::string& servers, std::chrono::milliseconds timeout,
                              const std::vector<std::string>& silent) {
  ares_options wanted{};
  wanted.timeout = static_cast<int>(std::max<std::int64_t>(timeout.count() / kFirstTryShare, 1));
  wanted.tries = kTries;
  wanted.ndots = 0;  // a name of one label is asked as it is before it is searched for
  wanted.sock_state_cb = &DnsChannel::on_socket;
  wanted.sock_state_cb_data = this;
  const int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS | ARES_OPT_SOCK_STATE_CB;
  if (int status = ares_init_options(&channel_, &wanted, mask); status != ARES_SUCCESS) {
    channel_ = nullptr;
    return Error{ErrorCode::internal,
                 std::string("The resolver cannot be started: ") + ares_strerror(status) + ".", ""};
  }
  if (servers.empty()) return settle_servers(silent);
  if (int status = ares_set_servers_ports_csv(channel_, servers.c_str()); status != ARES_SUCCESS) {
    return Error{ErrorCode::invalid,
                 "The DNS servers '" + servers + "' are refused: " + ares_strerror(status) + ".",
                 "Write them as address:port, divided by commas."};
  }
  return settle_servers(silent);
}

Result<void> DnsChannel::settle_servers(const std::vector<std::string>& silent) {
  ares_addr_port_node* first = nullptr;
  if (ares_get_servers_ports(channel_, &first) != ARES_SUCCESS) return {};
  const ServerList owned(first);
  std::vector<ares_addr_port_node> nodes;
  for (auto* node = first; node != nullptr; node = node->next) nodes.push_back(*node);
  const auto is_silent = [&](const ares_addr_port_node& node) {
    return std::find(silent.begin(), silent.end(), text_of(node)) != silent.end();
  };
  std::stable_partition(nodes.begin(), nodes.end(), [&](const auto& node) { return !is_silent(node); });
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    servers_.push_back(text_of(nodes[i]));
    nodes[i].next = i + 1 < nodes.size() ? &nodes[i + 1] : nullptr;
  }
  if (!silent.empty() && !nodes.empty()) ares_set_servers_ports(channel_, nodes.data());
  return {};
}

void DnsChannel::on_socket(void* data, ares_socket_t fd, int readable, int writable) {
  auto& self = *static_cast<DnsChannel*>(data);
  auto& socket = self.sockets_[fd];
  if (socket == nullptr) socket = std::make_unique<Socket>(self, fd);
  if (readable == 0 && writable == 0) {
    self.loop_.unwatch(fd, *socket);
    self.sockets_.erase(fd);
  } else if (!self.loop_.watch_level(fd, *socket, readable != 0, writable != 0)) {
    // Unheard, the query runs into its time-out, which ends it as well.
    self.sockets_.erase(fd);
  }
}

NameServers::NameServers(Loop& loop, std::string servers, std::chrono::milliseconds timeout)
    : loop_(loop), servers_(std::move(servers)), timeout_(timeout) {
  ares_library_init(ARES_LIB_INIT_ALL);
}

// A running query holds its channel until it is cancelled.
NameServers::~NameServers() {
  if (channel_ != nullptr) replaced_.push_back(std::move(channel_));
  for (const auto& channel : replaced_) channel->cancel();
  replaced_.clear();
  ares_library_cleanup();
}

Result<void> NameServers::open() {
  auto opened = std::make_shared<DnsChannel>(loop_);
  EXPOSEE_TRY(opened->open(servers_, timeout_, silent_now()));
  if (channel_ != nullptr) replaced_.push_back(std::move(channel_));
  channel_ = std::move(opened);
  return {};
}

std::shared_ptr<DnsChannel> NameServers::current() {
  const bool old = channel_ == nullptr || loop_.now() - channel_->opened() >= kChannelAge;
  if (old) (void)open();  // else with what resolv.conf said before
  return channel_;
}

// c-ares queries them one after the other. When every one of them ran out of time, none is worse than
// another.
void NameServers::note_timeouts(const DnsChannel& channel, int timeouts) {
  const auto count = static_cast<std::size_t>(std::max(timeouts, 0));
  if (count == 0 || count >= channel.servers().size() || &channel != channel_.get()) return;
  for (std::size_t i = 0; i < count; ++i) silent_until_[channel.servers()[i]] = loop_.now() + kDemotion;
  (void)open();
}

void NameServers::check_time() {
  // A callback may start a query, and so open another channel.
  if (const auto channel = channel_) channel->check_time();
  for (std::size_t i = 0; i < replaced_.size(); ++i) {
    const auto channel = replaced_[i];
    channel->check_time();
  }
  std::erase_if(replaced_, [](const auto& channel) { return !channel->in_use(); });
}

std::vector<std::string> NameServers::silent_now() {
  std::erase_if(silent_until_, [this](const auto& entry) { return entry.second <= loop_.now(); });
  std::vector<std::string> silent;
  for (const auto& [server, until] : silent_until_) silent.push_back(server);
  return silent;
}

}  // namespace exposee::net
