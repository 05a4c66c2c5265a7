// One client's connection: reads requests, has them handled one at a time, writes the answers. Owned by the
// server (server.cc), on its loop's thread. No timers of its own: the server sweeps and calls check_time().
//
//   fresh, idle -> head -> body -> handling -> writing -> idle ...
//                     any refusal or last answer: writing -> lingering -> closed
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/request_parser.h"
#include "http/write.h"
#include "net/fd.h"
#include "net/loop.h"
#include "net/peer_limit.h"
#include "net/server.h"

namespace exposee::net {

class ServerConnection;

// What all connections of a server share; the server owns it.
struct ServerShared {
  const ServerOptions& options;
  Loop& loop;
  ResponseSink& sink;
  HttpService* service = nullptr;
  std::string date;                // HTTP-date of this second
  std::uint64_t last_request = 0;  // numbers all requests
  bool draining = false;
  std::vector<ServerConnection*> ended;     // closed in this pass, to be freed at its end
  std::array<char, 64 * 1024> read_buffer;  // of whoever reads at the moment
};

// How many answers can be told apart: a ticket is a request's number and the slot of its connection.
constexpr int kSlotBits = 20;  // over a million connections

class ServerConnection final : public Watcher {
 public:
  // `peer`: its address as text.
  ServerConnection(ServerShared& shared, Fd fd, std::string peer, std::uint32_t slot);
  ~ServerConnection();

  void start();        // begin to read
  void refuse_busy();  // instead of start(): answers 503 and closes

  void ready(Readiness readiness) override;
  // The answer to request number `request`; ignored when that is not the one in hand.
  void answer(std::uint64_t request, const http::Response& response);
  void check_time(MonoTime now);
  void drain();  // closes the connection if it is idle; else the answer in hand will

  std::uint32_t slot() const { return slot_; }

 private:
  enum class Phase : std::uint8_t { fresh, idle, head, body, handling, writing, lingering, closed };

  bool reading() const { return phase_ <= Phase::body; }
  void enter(Phase phase);
  void pump();
  void read_socket();
  void feed_received(std::string_view bytes);
  void feed_pending();
  std::size_t feed(std::string_view bytes);
  bool decide_body(bool more_came);
  void note_progress();
  void handle();
  void refuse(int status, std::string_view why);
  void write(const http::Response& response);
  bool send_some();
  void written();
  void linger();
  void close();
  bool too_slow(MonoTime now) const;

  ServerShared& shared_;
  Fd fd_;
  const std::string peer_;
  const std::uint32_t slot_;
  Phase phase_ = Phase::fresh;
  bool readable_ = true;       // the socket may hold bytes, or its end, that nobody read yet
  bool peer_closed_ = false;   // no bytes will come beyond those the socket holds
  bool last_ = false;          // close after the answer that is being written
  MonoTime since_;             // of the phase
  std::size_t moved_ = 0;      // bytes of body received or of answer sent in this phase
  std::uint64_t request_ = 0;  // number of the one in hand
  http::RequestParser parser_;
  http::AnswerContext context_;
  std::string pending_;  // received, not yet parsed: pipelined requests
  std::size_t pending_at_ = 0;
  std::string out_;
  std::size_t out_at_ = 0;
};

}  // namespace exposee::net
