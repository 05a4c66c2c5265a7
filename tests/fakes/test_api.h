// For the tests of api/: an Api wired to the real engine and to fakes, called like a server would. The calls that answer later
// (reads) are waited for, so that tests read from top to bottom. One thread.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/api.h"
#include "fakes/collected_stream.h"
#include "fakes/counting_random.h"
#include "fakes/manual_clock.h"
#include "fakes/quiet_watch.h"
#include "fakes/scripted_sender.h"
#include "fakes/stepped_engine.h"

namespace exposee::api {

struct Got {
  int status = 0;
  std::map<std::string, std::string> headers;  // lower-case names; the last of a name
  std::string body;
  bool streamed = false;  // it came piece by piece
  bool whole = true;      // false: and not to its end

  boost::json::value json() const {
    boost::json::error_code fault;
    auto value = boost::json::parse(body, fault);
    EXPECT_FALSE(fault) << body;
    return fault ? boost::json::value() : value;
  }
  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
  // A text member of the object that is the body.
  std::string text(std::string_view member) const {
    const auto value = json();
    const auto* found = value.is_object() ? value.as_object().if_contains(std::string(member)) : nullptr;
    return found && found->is_string() ? std::string(found->as_string()) : "";
  }
};

using Headers = std::vector<std::pair<std::string, std::string>>;

class TestApi : public ResponseSink {
 public:
  explicit TestApi(ApiOptions options = default_options())
      : api_({engine, engine, engine, sender, clock, random, calls, readiness, metrics}, std::move(options)) {}

  ~TestApi() override {
    for (const auto& [connection, stream] : streams_) stream->end(StreamEnd::server_stops);
  }

  static ApiOptions default_options() {
    ApiOptions options;
    options.address_policy.allow_private = true;
    options.own_hosts = {"127.0.0.1", "localhost", "[::1]"};
    options.read_threads = 1;
    return options;
  }

  // JSON content type and a Host are added unless given; a header whose value is "-" is left out.
  std::uint64_t start(std::string_view method, std::string_view target, std::string body = {},
                      Headers headers = {}) {
    http::Request request;
    request.method = http::parse_method(method);
    request.method_text = method;
    request.target = target;
    const bool json_wanted = !body.empty();
    request.body = std::move(body);
    add_default(headers, "host", "127.0.0.1:8000");
    if (json_wanted) add_default(headers, "content-type", "application/json");
    for (const auto& [name, value] : headers) {
      if (value != "-") request.headers.add(name, value);
    }
    const auto connection = ++connections_;
    api_.handle(std::move(request), Responder(this, connection));
    return connection;
  }
  Got call(std::string_view method, std::string_view target, std::string body = {}, Headers headers = {}) {
    return wait(start(method, target, std::move(body), std::move(headers)));
  }
  Got wait(std::uint64_t connection) {
    std::unique_lock lock(mutex_);
    const bool came = arrived_.wait_for(lock, kPatience, [&] { return replies_.contains(connection); });
    EXPECT_TRUE(came) << "no answer";
    return came ? replies_[connection] : Got{};
  }
  bool answered(std::uint64_t connection) {
    const std::lock_guard lock(mutex_);
    return replies_.contains(connection);
  }

  void respond(std::uint64_t connection, http::Response&& response) override {
    put(connection, got_of(response));
  }
  void respond_with(std::uint64_t connection, std::function<http::Response()>&& make) override {
    {
      const std::lock_guard lock(mutex_);
      left_to_server_.insert(connection);
    }
    respond(connection, make());
  }
  // Whether the answer was left to the server's thread to be made.
  bool left_to_server(std::uint64_t connection) {
    wait(connection);
    const std::lock_guard lock(mutex_);
    return left_to_server_.contains(connection);
  }
  std::shared_ptr<ReplyStream> stream(std::uint64_t connection, http::Response&& head, StreamKind,
                                       StreamEvents&& events) override {
    auto got = got_of(head);
    got.streamed = true;
    auto stream = std::make_shared<fakes::CollectedStream>(
        std::move(events), reluctant, [this, connection, got](std::string&& body, bool whole) mutable {
          got.body = std::move(body);
          got.whole = whole;
          put(connection, std::move(got));
        });
    const std::lock_guard lock(mutex_);
    streams_.emplace(connection, stream);
    arrived_.notify_all();
    return stream;
  }
  // The stream that answers there, once it has begun and so many pieces were written, or it has ended.
  fakes::CollectedStream& streaming(std::uint64_t connection, std::size_t pieces) {
    std::unique_lock lock(mutex_);
    const auto has_come = [&] {
      const auto found = streams_.find(connection);
      return replies_.contains(connection) || (found != streams_.end() && found->second->pieces() >= pieces);
    };
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!has_come() && std::chrono::steady_clock::now() < deadline) arrived_.wait_for(lock, kPoll);
    EXPECT_TRUE(has_come()) << "no stream";
    return *streams_.at(connection);
  }

  HttpService& service() { return api_; }
  bool reluctant = false;  // streams that begin from now on take a piece when they are told to

  fakes::ManualClock clock;
  fakes::CountingRandom random;
  fakes::SteppedEngine engine{clock, random};
  fakes::ScriptedSender sender;
  fakes::QuietCalls calls;
  fakes::FixedReadiness readiness;
  fakes::FixedMetrics metrics;

 private:
  static constexpr std::chrono::seconds kPatience{20};
  static constexpr std::chrono::milliseconds kPoll{1};  // pieces are not told of

  static void add_default(Headers& headers, const std::string& name, const std::string& value) {
    for (const auto& header : headers) {
      if (header.first == name) return;
    }
    headers.emplace_back(name, value);
  }

  static Got got_of(const http::Response& response) {
    Got got{response.status, {}, std::string(response.body.view())};
    for (const auto& [name, value] : response.headers) got.headers[std::string(name)] = value;
    return got;
  }
  void put(std::uint64_t connection, Got&& got) {
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(replies_.emplace(connection, std::move(got)).second) << "answered twice";
    arrived_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::map<std::uint64_t, Got> replies_;
  std::set<std::uint64_t> left_to_server_;
  std::map<std::uint64_t, std::shared_ptr<fakes::CollectedStream>> streams_;
  std::uint64_t connections_ = 0;
  Api api_;
};

inline Response response_of(int status, std::string body = {}) {
  Response answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

}  // namespace exposee::api
