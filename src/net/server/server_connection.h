// One client's connection: reads requests, has them handled one at a time, writes the replies. Owned by the
// server (server.cc), on its loop's thread. No timers of its own: the server sweeps and calls check_time().
//
//   fresh, idle -> head -> body -> handling -> writing -> idle ...
//       a reply that comes piece by piece: handling -> streaming -> writing, with the last piece
//                  any refusal or last reply: writing -> lingering -> closed
//
// No connection delays others: what a connection reads or writes in one go is bounded, and for the rest
// it asks for another turn.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/request_parser.h"
#include "http/write.h"
#include "net/loop/fd.h"
#include "net/loop/loop.h"
#include "net/server/outgoing.h"
#include "net/server/peer_limit.h"
#include "net/server/server.h"
#include "net/server/stream_buffer.h"
#include "net/server/unread_budget.h"

namespace exposee::net {

class ServerConnection;

// What the connections may move of large messages in one pass of the loop; some tenths of a millisecond.
constexpr std::size_t kPassBytes = 128 * 1024;

// What all connections of a server share; the server owns it.
struct ServerShared {
  const ServerOptions& options;
  Loop& loop;
  ResponseSink& sink;
  HttpService* service = nullptr;
  UnreadBudget unread;
  UnreadBudget unfinished;         // bodies of which part has come
  std::string keep_alive_lines;    // announces options.idle_timeout
  std::string date;                // HTTP-date of this second
  std::uint64_t last_request = 0;  // numbers all requests
  bool draining = false;
  std::size_t pass_left = kPassBytes;
  std::deque<std::uint32_t> turns;          // slots of connections that have more to move
  std::vector<ServerConnection*> ended;     // closed in this pass, to be freed at its end
  std::array<char, 64 * 1024> read_buffer;  // of the connection that reads
  std::string reply_buffer;                 // of the connection that writes
};

// Who is at the other end.
struct Peer {
  std::string text;     // "127.0.0.1:51234"
  PeerKey key = 0;      // what counts as one address
  bool shared = false;  // many clients stand behind it
};

// How many replies can be distinguished: a ticket is a request's number and the slot of its connection.
constexpr int kSlotBits = 20;  // over a million connections

class ServerConnection final : public Watcher {
 public:
  ServerConnection(ServerShared& shared, Fd fd, Peer peer, std::uint32_t slot);
  ~ServerConnection();

  void start();                                      // begin to read
  void turn_away(const http::Fault& fault);          // instead of start(): answers so, and closes

  void ready(Readiness readiness) override;
  // The reply to request number `request`; ignored when that is not the one in hand.
  void answer(std::uint64_t request, http::Response&& response);
  // Likewise, but its body comes through `stream`.
  void begin_stream(std::uint64_t request, http::Response&& head, std::shared_ptr<StreamBuffer> stream);
  void stirred(std::uint64_t request);  // there is news of its stream
  void check_time(MonoTime now);
  void take_turn();
  void give_up_body();  // that is still coming: answers 503, and closes
  void drain();         // closes the connection if it is idle; else the reply in hand will
  void end_streams();   // the server's thread has ended
  // At once; `why`: for the producer of the reply in hand.
  void close(StreamEnd why = StreamEnd::client_left);

  std::uint32_t slot() const { return slot_; }

 private:
  enum class Phase : std::uint8_t {
    fresh,
    idle,
    head,
    body,
    handling,
    writing,
    streaming,
    lingering,
    closed
  };

  bool reading() const { return phase_ <= Phase::body; }
  bool sending() const { return phase_ == Phase::writing || phase_ == Phase::streaming; }
  bool may_read() const;
  void enter(Phase phase);
  void pump();
  std::size_t read_socket();
  void received(std::string_view bytes);
  void feed_received(std::string_view bytes);
  void feed_pending();
  std::size_t feed(std::string_view bytes);
  bool decide_body(bool more_came);
  void note_progress();
  bool decode_body();
  void handle();
  void refuse(const http::Fault& fault);
  void write(http::Response&& response);
  void go_on_streaming();
  void send_piece();
  void show_unfinished();
  void send(std::string_view head, http::Body&& body);
  void tell_to_go_on();
  std::size_t turn_bytes() const;
  void go_on_sending();
  void note_sent(Outgoing::State state, std::size_t size);
  void written();
  void linger();
  void ask_turn();
  void count_held();
  void count(UnreadBudget& budget, std::size_t& known, std::size_t bytes);
  MonoTime::duration idle_limit() const;
  bool too_slow(MonoTime now) const;
  bool too_late(MonoTime now) const;

  ServerShared& shared_;
  Fd fd_;
  const Peer peer_;
  const std::uint32_t slot_;
  Phase phase_ = Phase::fresh;
  bool readable_ = true;      // the socket may hold bytes, or its end, that were not read yet
  bool peer_closed_ = false;  // no bytes will come beyond those the socket holds
  bool last_ = false;         // close after the reply that is being sent
  bool waits_turn_ = false;
  MonoTime since_;             // of the phase
  std::size_t moved_ = 0;      // bytes received (or drained) or sent in this phase, or of this piece
  std::uint64_t request_ = 0;  // number of the one in hand
  http::RequestParser parser_;
  http::ResponseContext context_;
  std::string pending_;  // received, not yet parsed: pipelined requests
  std::size_t pending_at_ = 0;
  Outgoing out_;
  std::shared_ptr<StreamBuffer> stream_;  // from its beginning until all of it is sent
  std::size_t held_ = 0, held_body_ = 0;  // bytes, as the two budgets know them
};

}  // namespace exposee::net
