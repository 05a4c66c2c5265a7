// The door for watching calls and test deliveries: logs and metrics hang here. Any thread, several at once; must
// not block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/delivery.h"
#include "core/event.h"
#include "core/result.h"
#include "core/url/url.h"
#include "ports/observer.h"

namespace exposee {

// What a call asked for, by its path.
enum class CallFamily : std::uint8_t { contract, v1, operation, documents };
constexpr CallFamily kLastCallFamily = CallFamily::documents;

// What only a line about the one call needs.
struct CallDetails {
  std::string method;
  std::string path;  // without the query, which may carry secrets
  Requester by;
};

// A call that has its reply. Borrowed for the call.
struct CallNote {
  CallFamily family = CallFamily::contract;
  int status = 0;
  std::size_t bytes = 0;  // of the reply's body
  Duration took{};
  bool whole = true;      // the client was sent all of it
  bool streamed = false;  // piece by piece, and reported when its last one left: `took` is what its client took
  const CallDetails* details = nullptr;  // null: not requested
};

enum class TestKind : std::uint8_t { ping, test };
constexpr TestKind kLastTestKind = TestKind::test;
constexpr std::string_view to_text(TestKind kind) {
  return kind == TestKind::ping ? "ping" : "test";
}

// A test delivery that ended: of a ping, or a test of an endpoint. Borrowed for the call.
struct TestNote {
  TestKind kind = TestKind::ping;
  const Event& event;
  const Url& url;
  const Response& response;
  Cause cause = Cause::none;
};

class CallObserver {
 public:
  virtual ~CallObserver() = default;
  // Whether notes are to carry the details, which cost a copy of the path for each call.
  virtual bool wants_details() const { return false; }
  virtual void call_answered(const CallNote& note) = 0;
  // A reply was cut off in its middle, because what was to follow could not be read.
  virtual void reply_cut_off(std::string_view path, const Error& error) = 0;
  virtual void test_finished(const TestNote& note) = 0;
  // A call was refused because its Host header names another server. May come very often, and `host` may be
  // long.
  virtual void host_refused(std::string_view host, Instant now) {
    (void)host;
    (void)now;
  }
};

}  // namespace exposee
