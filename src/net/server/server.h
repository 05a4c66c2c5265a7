// The HTTP server: listens, reads requests, hands them to an HttpService and writes its replies. Its limits
// are those of promises section 5, each an option. Owned by app/; everything below runs on one thread of its
// own (net/loop/loop.h). Order of a life: listen(), start(), drain(), stop(),
// destruction.
//
// One request of a connection is in hand at a time; pipelined ones wait and are answered in order (RFC
// 9112 9.3.2). HEAD gets the reply of its GET without the body; the service always gives the whole reply.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/address/ip_address.h"
#include "core/result.h"
#include "net/server/listen_address.h"
#include "ports/clock.h"
#include "ports/http_service.h"

namespace exposee::net {

struct ServerOptions {
  std::chrono::milliseconds head_timeout{
      10'000};  // from the first byte (or the connect) to the whole head: 408
  std::chrono::milliseconds idle_timeout{
      75'000};  // between two requests: closed; announced; proxies have 60 s
  std::chrono::milliseconds transfer_grace{10'000};  // bodies and replies may rest this long in all
  std::size_t min_bytes_per_second = 1024;  // then they must keep this rate: 408, or closed when writing
  std::chrono::milliseconds linger{2'000};  // reading on after the last reply, so that the client sees it
  std::chrono::milliseconds reply_patience{300'000};  // a reply that takes longer must from then on
  std::size_t late_bytes_per_second = 64 * 1024;       // keep this rate: closed
  std::size_t max_connections = 10'000;                // at it, accepting pauses
  std::size_t max_connections_per_peer = 256;          // over it: 503, closed; IPv6 peers count by /64
  // Behind these are many clients (proxies, this machine): they have no limits as one peer.
  std::vector<Network> shared_peers;
  // What may be held in memory for clients that do not read: replies, and requests sent ahead. Over it the
  // largest is dropped with its connection.
  std::size_t max_unread_bytes = 32 * 1024 * 1024;
  std::size_t max_unread_bytes_per_peer = 8 * 1024 * 1024;
  // What may be held in memory of bodies that are still coming. Over it the largest is answered 503.
  std::size_t max_unfinished_bytes = 32 * 1024 * 1024;
  std::size_t max_unfinished_bytes_per_peer = 8 * 1024 * 1024;
  // Of a reply that comes piece by piece, what is produced and not sent yet: enough to keep a fast client
  // busy while the next piece is made; hundreds that do not read are within the bound for all.
  std::size_t max_stream_bytes = 128 * 1024;
  std::chrono::milliseconds sweep_interval{250};  // how late a time-out may be noticed
  // The system lacks something that a connection takes (errno of accept(): EMFILE, ENFILE, ENOBUFS, ENOMEM);
  // connections wait until a sweep finds that it does not. On the server's thread, with every sweep; must not
  // block. May be empty.
  std::function<void(int error)> on_accept_failed{};
};

class Server final : public ResponseSink {
 public:
  explicit Server(const Clock& clock, ServerOptions options = {});
  ~Server() override;  // closes everything at once; call drain() before for a graceful end

  // Binds all of them or none (open_listeners()); connections queue in the kernel until start(). Port 0: the
  // system chooses, see addresses(). Errors: invalid (the host is not an address of this machine), conflict
  // (the port is taken), unavailable (no permission for the port, or the system refuses otherwise).
  Result<void> listen(const std::vector<ListenAddress>& addresses);
  std::vector<ListenAddress> addresses() const;  // bound, with real ports

  // Begins to accept. `service` must outlive the server.
  void start(HttpService& service);

  // Stops accepting, closes idle connections, answers what is in hand with `Connection: close`, ends live
  // streams. Blocks until every connection is gone or `patience` is over; whether all are gone. Any thread
  // but the server's own.
  bool drain(std::chrono::milliseconds patience);

  // Ends the thread: the service is called no more, every stream has ended, and no reply is written, though
  // respond() and stream() may still be called. Any thread but the server's own; safe to call again.
  void stop();

  // Any thread. Replies are collected and written by one wake-up of the server's thread.
  void respond(std::uint64_t connection, http::Response&& response) override;
  void respond_with(std::uint64_t connection, std::function<http::Response()>&& make) override;
  std::shared_ptr<ReplyStream> stream(std::uint64_t connection, http::Response&& head, StreamKind kind,
                                       StreamEvents&& events) override;

  std::size_t open_connections() const;  // any thread
  std::size_t unread_bytes() const;      // held for clients that do not read; any thread
  std::size_t unfinished_bytes() const;  // held of bodies that are still coming; any thread

  // Between two calls, on the server's thread; waits until it ran. Any thread but the server's own.
  void run_between_calls(const std::function<void()>& task);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace exposee::net
