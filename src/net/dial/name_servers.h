// The name servers as c-ares queries them: one channel, in the order in which they are to be asked. Channels
// are replaced from time to time, because c-ares reads resolv.conf only when one opens, and when a server
// turns out to be silent. A channel that is replaced is kept until its queries are answered. Owned by the
// Resolver, on its loop's thread.
#pragma once

#include <ares.h>

#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "net/loop/loop.h"

namespace exposee::net {

// How long a silent server is asked last.
constexpr std::chrono::minutes kDemotion{5};

class DnsChannel {
 public:
  explicit DnsChannel(Loop& loop);
  ~DnsChannel();
  DnsChannel(const DnsChannel&) = delete;
  DnsChannel& operator=(const DnsChannel&) = delete;

  // `servers`: empty for resolv.conf. `silent`: goes last. Error: invalid, internal.
  Result<void> open(const std::string& servers, std::chrono::milliseconds timeout,
                    const std::vector<std::string>& silent);
  ares_channel get() const { return channel_; }
  MonoTime opened() const { return opened_; }
  // Its servers, in the order in which they are asked.
  const std::vector<std::string>& servers() const { return servers_; }

  void query_begins() { ++queries_; }
  void query_ends() { --queries_; }
  bool in_use() const { return queries_ > 0; }
  // Every query under way ends, at once.
  void cancel() { ares_cancel(channel_); }
  void check_time() { ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD); }

 private:
  struct Socket;
  static void on_socket(void* data, ares_socket_t fd, int readable, int writable);
  Result<void> settle_servers(const std::vector<std::string>& silent);

  Loop& loop_;
  MonoTime opened_;
  ares_channel channel_ = nullptr;
  std::vector<std::string> servers_;
  std::size_t queries_ = 0;
  std::unordered_map<int, std::unique_ptr<Socket>> sockets_;
};

class NameServers {
 public:
  NameServers(Loop& loop, std::string servers, std::chrono::milliseconds timeout);
  ~NameServers();

  Result<void> open();
  // The channel to ask; null: c-ares does not start.
  std::shared_ptr<DnsChannel> current();
  // A query on this channel was answered after so many had run out of time.
  void note_timeouts(const DnsChannel& channel, int timeouts);
  void check_time();  // not from within a call of c-ares

 private:
  std::vector<std::string> silent_now();

  Loop& loop_;
  const std::string servers_;
  const std::chrono::milliseconds timeout_;
  std::shared_ptr<DnsChannel> channel_;
  std::vector<std::shared_ptr<DnsChannel>> replaced_;
  std::unordered_map<std::string, MonoTime> silent_until_;
};

}  // namespace exposee::net
