// One connection to a receiver: is dialled (dial.h), then carries one attempt after the other. Owned by
// SenderCore, on its loop's thread; reports to its ConnectionOwner how each attempt ended. Time is checked
// from outside by check_opening() and by give_up() at the attempt's deadline.
#pragma once

#include <array>
#include <boost/intrusive/list_hook.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "net/client/attempt.h"
#include "net/client/response_parsers.h"
#include "net/client/words.h"
#include "net/dial/channel.h"
#include "net/dial/dial.h"
#include "net/dial/tls.h"
#include "net/loop/fd.h"
#include "net/loop/loop.h"
#include "ports/clock.h"

namespace exposee::net {

class RequestHeads;

using ConnectionHook = boost::intrusive::list_member_hook<>;

class ConnectionOwner {
 public:
  // The attempt has a response. The connection may rest (`reusable`) or must be dropped.
  virtual void answered(ClientConnection& connection, Attempt& attempt, Response&& response, bool reusable) = 0;
  // The attempt ends without a response; the connection must be dropped.
  virtual void failed(ClientConnection& connection, Attempt& attempt, Failure&& failure) = 0;
  // The final response's head is there, its body is not.
  virtual void head_came(ClientConnection& connection, Attempt& attempt) = 0;
  // The attempt has not begun, for want of something on this machine; the connection must be dropped.
  virtual void not_begun(ClientConnection& connection, Attempt& attempt, Failure&& failure) = 0;
  // A kept-alive connection ended before a byte of response: the attempt needs a fresh one; this one must be
  // dropped.
  virtual void wants_fresh(ClientConnection& connection, Attempt& attempt) = 0;
  // The attempt was withdrawn before a byte of it left; the connection must be dropped.
  virtual void withdrawn(ClientConnection& connection, Attempt& attempt) = 0;
  // An idle connection ended and must be dropped.
  virtual void idle_ended(ClientConnection& connection) = 0;

 protected:
  ~ConnectionOwner() = default;
};

// What all connections of a sender share; SenderCore owns it.
struct ClientShared : DialDoors {
  RequestHeads& heads;
  const Clock& clock;
  ConnectionOwner& owner;
  std::array<char, 64 * 1024> read_buffer;  // of the connection that reads
  std::string tls_record;                   // of the connection that writes
  std::optional<Instant> wall_time;         // read once per pass, when it is needed
  ResponseParsers parsers;

  Instant now() {
    if (!wall_time) wall_time = clock.now();
    return *wall_time;
  }
};

class ClientConnection final : public Watcher, public DialUser {
 public:
  ClientConnection(ClientShared& shared, Origin& origin);
  ~ClientConnection();

  void open(Attempt& attempt);   // a new one: dial, then carry the attempt
  void carry(Attempt& attempt);  // an idle one
  bool is_usable();              // of an idle one: it has not expired, and nothing unasked has come
  void check_opening(MonoTime now);
  void give_up();                                  // the attempt's deadline has come
  void retire();                                   // closes the socket; nothing is reported any more
  int status() const { return parser_->status(); }  // once the head came
  Response response_so_far();                          // the same; takes the body

  Origin& origin() const { return origin_; }
  const std::string& remote() const { return remote_; }  // "127.0.0.1:9000"; empty until connected
  MonoTime idle_since() const { return since_; }

  void ready(Readiness readiness) override;
  void dialled(Channel&& channel, Watcher& watched) override;
  void dial_failed(Failure&& failure) override;

  ConnectionHook in_origin_idle;  // Origins
  ConnectionHook in_all_idle;   // Origins
  std::size_t index = 0;        // SenderCore: where it is kept

 private:
  enum class Phase : std::uint8_t { dialling, busy, idle, ended };

  void begin_request();
  void give_back();
  void pump();
  void write_request();
  bool request_sent() const;
  IoResult write_some();
  IoResult write_tls(std::string_view head, std::string_view body);
  void read_response();
  IoResult read_some();
  void feed(std::string_view bytes);
  bool nothing_unread();
  void ended(IoState how);
  bool has_head() const { return parser_ && parser_->has_head(); }
  bool lacks_room() const;
  void refuse_to_begin(Failure&& failure);
  void answer(bool reusable);
  void fail(Failure failure);
  void idle_ready();
  void disconnect();

  ClientShared& shared_;
  Origin& origin_;
  Phase phase_ = Phase::idle;
  std::unique_ptr<Dial> dial_;  // and for a while after it is done
  Fd fd_;
  std::unique_ptr<TlsStream> tls_;
  std::string remote_;
  MonoTime since_;                         // of the rest
  MonoTime keep_until_ = MonoTime::max();  // as the receiver says
  Attempt* attempt_ = nullptr;             // carried, or opened for
  bool reused_ = false;                    // has carried an attempt before
  bool readable_ = false;                  // the socket may hold bytes, or its end, that were not read yet
  bool peer_closed_ = false;
  bool write_broken_ = false;  // the peer takes no more; perhaps its response has come already
  int write_error_ = 0;        // errno
  std::size_t sent_ = 0;       // bytes of head and body
  MonoTime sent_at_;
  bool first_byte_seen_ = false;
  bool head_told_ = false;
  ResponseParserPtr parser_;  // while a response is read: null before its first byte
};

}  // namespace exposee::net
