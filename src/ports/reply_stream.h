// A reply whose body comes piece by piece: a list too long to be held at once, or what happens from now on.
// For a client that reads slowly the server holds a bounded part of it; beyond that the producer waits, and
// is notified when there is room again. Begun by Responder::stream(); implemented by net/server.
//
// Any thread, one at a time. The producer ends it by finish() or fail(), once, unless it was notified that it
// ended. After that only how it went out is notified, and what was being notified at that very moment.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace exposee {

// What a server that stops does with it.
enum class StreamKind : std::uint8_t {
  whole,  // worth nothing until it is whole (a list): it may go on to its end, as long as the drain lasts
  live,   // complete after every piece (what happens from now on): it is ended, as finish() would
};

// Why it ended before its producer ended it.
enum class StreamEnd : std::uint8_t {
  client_left,
  cut_off,     // the client did not read, for too long or while too much was held for all
  head_alone,  // HEAD: the body is not wanted
  server_stops,
};

enum class Taken : std::uint8_t {
  more,    // and there is room for more
  enough,  // and StreamEvents::room says when there is room for more
  full,    // not taken: there is no room; StreamEvents::room says when there is
  ended,   // not taken: it will not be read
};

// What became of it.
struct StreamSent {
  std::uint64_t bytes = 0;  // of its pieces, that left for the client
  bool whole = false;       // all of it left, up to its end
};

// Notifications of the producer, on the server's thread or on the one that stops it: must not block. May be
// called before stream() has returned, and let go of as soon as the stream ended.
struct StreamEvents {
  std::function<void()> room = nullptr;            // at most half of the bound is unread again
  std::function<void(StreamEnd)> ended = nullptr;  // write() takes nothing any more
  // Always and once, as the last thing: no more of it leaves, whatever ended it.
  std::function<void(const StreamSent&)> sent = nullptr;
};

class ReplyStream {
 public:
  virtual ~ReplyStream() = default;
  // A piece that would exceed the bound is not taken while more than half of it is unread; else any piece is,
  // so that pieces of up to half the bound keep it.
  virtual Taken write(std::string_view piece) = 0;
  virtual void finish() = 0;  // the body is whole
  virtual void fail() = 0;    // it never will be: the connection ends in a way that shows it
};

}  // namespace exposee
