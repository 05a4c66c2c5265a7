#include "app/run/node.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <sstream>

#include "app/run/start_check.h"
#include "net/loop/test_socket.h"
#include "fakes/test_directory.h"

namespace exposee::app {
namespace {

using namespace std::chrono_literals;
using testing::StartsWith;

class NodeTest : public testing::Test {
 protected:
  NodeTest() {
    settings_.server.listen = {{"127.0.0.1", 0}};
    settings_.storage.path = directory_.path() + "/data";
    settings_.storage.durable = false;
  }

  std::unique_ptr<Node> start() {
    auto node = std::make_unique<Node>(settings_, log_);
    const auto started = node->start();
    EXPECT_TRUE(started) << started.error().message;
    return node;
  }

  static net::TestSocket connect(const Node& node) { return net::connect_to(parse_url(node.url())->port); }

  static std::string request(const std::string& line, const std::string& body = "") {
    return line + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
  }

  fakes::TestDirectory directory_;
  Settings settings_;
  SystemClock clock_;
  std::ostringstream written_;
  Log log_{{}, written_, clock_};
};

TEST_F(NodeTest, AnswersCallsUntilItIsDrained) {
  auto node = start();
  auto client = connect(*node);
  client.write(request("GET /livez"));
  EXPECT_THAT(client.read_message(), StartsWith("HTTP/1.1 200 "));
  EXPECT_TRUE(node->drain(net::kPatience).complete());
  EXPECT_TRUE(client.is_ended());
}

// What is asked of the system before the start (app/run/start_check.h) is what a node takes, and some.
TEST_F(NodeTest, TakesNoMoreThanTheStartCheckAskedFor) {
  const auto count = [](const char* directory) {
    const std::filesystem::directory_iterator entries(directory);
    return static_cast<unsigned>(std::distance(begin(entries), end(entries)));
  };
  const auto files = count("/proc/self/fd"), threads = count("/proc/self/task");
  net::TestListener receiver;
  auto node = start();
  auto client = connect(*node);
  client.write(request("POST /webhook", R"({"event":"user_registered","url":")" + receiver.url() + "\"}"));
  EXPECT_THAT(client.read_message(), StartsWith("HTTP/1.1 200 "));
  for (int i = 0; i < 8; ++i) {
    client.write(request("GET /v1/deliveries"));
    EXPECT_THAT(client.read_message(), StartsWith("HTTP/1.1 200 "));
  }
  constexpr unsigned kLookUp = 8;  // descriptors of a name's look-up, and of the log's thread
  EXPECT_LE(count("/proc/self/fd") - files + kLookUp, StartNeeds{}.descriptors);
  EXPECT_LE(count("/proc/self/task") - threads + 1, StartNeeds{}.threads) << "the log's is one more";
}

// The first reply shows that the beginning of the second request has been read.
TEST_F(NodeTest, ACallThatIsCompleteOnlyAfterTheDrainIsNotHandled) {
  auto node = start();
  auto client = connect(*node);
  const auto ping = request("POST /ping", "{}");
  client.write(request("GET /livez") + ping.substr(0, 10));
  EXPECT_THAT(client.read_message(), StartsWith("HTTP/1.1 200 "));
  EXPECT_EQ(node->drain(0ms).connections_cut, 1u) << "the second is in hand";
  client.write(ping.substr(10));
  EXPECT_FALSE(client.readable_within(100ms));
  node.reset();
  EXPECT_TRUE(client.is_ended());
}

// For the sanitizers: pings, reads and events are under way on every thread when it ends.
TEST_F(NodeTest, AnEndInTheMidstOfEverythingHarmsNobody) {
  net::TestListener receiver;
  const auto webhook = R"({"event":"user_registered","url":")" + receiver.url() + "\"}";
  for (int round = 0; round < 10; ++round) {
    auto node = start();
    std::vector<net::TestSocket> clients;
    for (const auto& call : {request("POST /webhook", webhook), request("POST /ping", "{}"),
                             request("POST /v1/events", R"({"event":"user_registered","data":1})")}) {
      clients.push_back(connect(*node));
      clients.back().write(call);
    }
    for (int i = 0; i < 20; ++i) {
      clients.push_back(connect(*node));
      clients.back().write(request("GET /v1/deliveries"));
    }
    if (round % 2 == 0) {
      EXPECT_FALSE(clients.back().read_message().empty());
    }
  }
}

}  // namespace
}  // namespace exposee::app
