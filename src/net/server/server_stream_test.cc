#include <future>
#include <thread>
#include <vector>

#include "net/client/test_doors.h"
#include "net/loop/test_socket.h"
#include "net/server/server.h"
#include "net/server/test_producer.h"
#include "net/server/test_service.h"

namespace exposee::net {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kGetHeld = "GET /held HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string kGetHeldLast = "GET /held HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
const std::string kGetNext = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::size_t kBound = 64 * 1024;
constexpr std::size_t kPiece = 8 * 1024;
constexpr std::size_t kMoreThanSockets = 32 * 1024 * 1024;

ServerOptions small() {
  ServerOptions options;
  options.max_stream_bytes = kBound;
  options.sweep_interval = milliseconds(10);
  return options;
}

// Numbers that ascend, so that a part missing or twice shows.
std::string numbers(std::size_t bytes) {
  std::string text;
  for (int i = 0; text.size() < bytes; ++i) text += std::to_string(i) + ' ';
  return text;
}

// A chunked body, decoded; what follows a fault is left out.
std::string dechunked(std::string_view text) {
  std::string body;
  while (!text.empty()) {
    const auto size = std::stoul(std::string(text.substr(0, text.find("\r\n"))), nullptr, 16);
    text.remove_prefix(text.find("\r\n") + 2);
    body += text.substr(0, size);
    if (size == 0 || text.substr(size, 2) != "\r\n") break;
    text.remove_prefix(size + 2);
  }
  return body;
}

class ServerStreamTest : public testing::Test {
 protected:
  void start(const ServerOptions& options = small()) {
    server_ = std::make_unique<Server>(clock_, options);
    ASSERT_TRUE(server_->listen({{"127.0.0.1", 0}}));
    server_->start(service_);
  }
  TestSocket connect() { return connect_to(server_->addresses()[0].port); }

  std::shared_ptr<ReplyStream> begin(StreamKind kind = StreamKind::whole) { return begin(producer_, kind); }
  std::shared_ptr<ReplyStream> begin(TestProducer& producer, StreamKind kind = StreamKind::whole) {
    return service_.take_held().respond.stream({}, kind, producer.events());
  }

  TestClock clock_;
  TestService service_;
  TestProducer producer_;  // told by the server, so it outlives it
  std::unique_ptr<Server> server_;
};

TEST_F(ServerStreamTest, PiecesComeAsTheyAreWrittenAndTheConnectionStays) {
  start();
  auto client = connect();
  client.write(kGetHeld);
  const auto stream = begin();
  EXPECT_THAT(client.read_until("\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\nTransfer-Encoding: chunked\r\n"),
                    HasSubstr("Keep-Alive: timeout"), Not(HasSubstr("Content-Length"))));
  EXPECT_EQ(stream->write("hello "), Taken::more);
  EXPECT_EQ(client.read_exactly(11), "6\r\nhello \r\n");
  EXPECT_EQ(stream->write("you"), Taken::more);
  EXPECT_EQ(client.read_exactly(8), "3\r\nyou\r\n");
  stream->finish();
  EXPECT_EQ(client.read_exactly(5), "0\r\n\r\n");
  client.write(kGetNext);
  EXPECT_THAT(client.read_message(), EndsWith("GET /next "));
  EXPECT_FALSE(producer_.ended());
}

TEST_F(ServerStreamTest, WhatBecameOfItIsToldOnceTheLastOfItHasLeft) {
  start();
  const struct {
    std::string request;
    std::string piece, read;  // then the client goes
    bool finishes;
    std::uint64_t bytes;
    bool whole;
  } rows[] = {
      {kGetHeld, "hello", "0\r\n\r\n", true, 5, true},
      {"HEAD /held HTTP/1.1\r\nHost: a\r\n\r\n", "hello", "\r\n\r\n", false, 0, true},
      {kGetHeld, "hello", "hello\r\n", false, 5, false},
      {kGetHeld, std::string(kMoreThanSockets, 'x'), "", true, kMoreThanSockets, false},
  };
  for (const auto& row : rows) {
    TestProducer producer;
    auto client = connect();
    client.write(row.request);
    const auto stream = begin(producer);
    stream->write(row.piece);
    if (row.finishes) stream->finish();
    if (!row.read.empty()) client.read_until(row.read);
    client.reset();
    const auto sent = producer.wait_for_sent();
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->whole, row.whole);
    if (!row.read.empty())
      EXPECT_EQ(sent->bytes, row.bytes);
    else
      EXPECT_LT(sent->bytes, row.bytes) << "finished long before it was sent";
  }
}

TEST_F(ServerStreamTest, Http10GetsThePiecesAndThenTheEndOfTheConnection) {
  start();
  auto client = connect();
  client.write("GET /held HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const auto stream = begin();
  stream->write("hello ");
  EXPECT_THAT(client.read_until("\r\n\r\n"),
              AllOf(HasSubstr("Connection: close"), Not(HasSubstr("Transfer-Encoding"))));
  EXPECT_EQ(client.read_exactly(6), "hello ");
  stream->write("you");
  stream->finish();
  EXPECT_EQ(client.read_to_end(), "you");
}

TEST_F(ServerStreamTest, AHeadRequestGetsTheHeadAndTheProducerIsToldThatNobodyWantsMore) {
  start();
  auto client = connect();
  client.write("HEAD /held HTTP/1.1\r\nHost: a\r\n\r\n" + kGetNext);
  const auto stream = begin();
  EXPECT_EQ(producer_.wait_for_end(), StreamEnd::head_alone);
  EXPECT_EQ(stream->write("hello"), Taken::ended);
  EXPECT_THAT(client.read_until("\r\n\r\n"), HasSubstr("Transfer-Encoding: chunked"));
  EXPECT_THAT(client.read_message(), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("GET /next ")));
}

TEST_F(ServerStreamTest, PipelinedRequestsWaitForItsEnd) {
  start();
  auto client = connect();
  client.write(kGetHeld + kGetHeld + kGetNext);
  const auto stream = begin();
  stream->write("first");
  client.read_until("5\r\nfirst\r\n");
  EXPECT_EQ(service_.count_held(), 0u);
  stream->finish();
  service_.take_held().respond({.body = "second"});
  EXPECT_EQ(client.read_exactly(5), "0\r\n\r\n");
  EXPECT_THAT(client.read_message(), EndsWith("second"));
  EXPECT_THAT(client.read_message(), EndsWith("GET /next "));
}

TEST_F(ServerStreamTest, AProducerFasterThanItsReaderWaitsAndNothingIsLost) {
  start();
  auto client = connect();
  client.write(kGetHeldLast);
  const auto stream = begin();
  const std::string sent = numbers(64 * kBound);
  std::jthread producing([&] {
    EXPECT_TRUE(producer_.write_all(*stream, sent, kPiece));
    stream->finish();
  });
  client.read_until("\r\n\r\n");
  const std::string got = client.read_to_end();
  EXPECT_THAT(got.substr(got.size() - 7), "\r\n0\r\n\r\n");
  EXPECT_TRUE(dechunked(got) == sent);
}

TEST_F(ServerStreamTest, ForAClientThatReadsNothingTheBoundIsHeldAndNotMore) {
  start();
  auto client = connect();
  client.write(kGetHeld);
  const auto stream = begin();
  const std::string piece(kPiece, 'x');
  std::size_t taken = 0;
  do {  // the sockets take their part first
    taken += TestProducer::fill(*stream, piece);
  } while (taken < kMoreThanSockets && producer_.has_room_within(milliseconds(200)));
  EXPECT_LT(taken, kMoreThanSockets);
  auto other = connect();
  other.write(kGetNext);
  EXPECT_THAT(other.read_message(), EndsWith("GET /next "));
  client.close();
  EXPECT_EQ(producer_.wait_for_end(), StreamEnd::client_left);
}

TEST_F(ServerStreamTest, AClientThatDoesNotReadIsCutOffInTime) {
  auto options = small();
  options.transfer_grace = milliseconds(100);
  options.min_bytes_per_second = 1'000'000'000;
  start(options);
  auto client = connect();
  client.write(kGetHeld);
  const auto stream = begin();
  EXPECT_FALSE(producer_.write_all(*stream, std::string(kMoreThanSockets, 'x'), kPiece));
  EXPECT_EQ(producer_.wait_for_end(), StreamEnd::cut_off);
  EXPECT_LT(client.read_to_end().size(), kMoreThanSockets);
}

TEST_F(ServerStreamTest, AStreamLivesAsLongAsItsClientReads) {
  auto options = small();
  options.idle_timeout = options.transfer_grace = options.reply_patience = milliseconds(20);
  options.min_bytes_per_second = options.late_bytes_per_second = 1'000'000'000;
  start(options);
  auto client = connect();
  client.write(kGetHeld);
  const auto stream = begin(StreamKind::live);
  client.read_until("\r\n\r\n");
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(client.readable_within(milliseconds(30)));
    ASSERT_EQ(stream->write(":\n"), Taken::more);
    ASSERT_EQ(client.read_exactly(7), "2\r\n:\n\r\n");
  }
  stream->finish();
  EXPECT_EQ(client.read_exactly(5), "0\r\n\r\n");
}

TEST_F(ServerStreamTest, TheProducerLearnsThatItsClientLeft) {
  start();
  auto client = connect();
  client.write(kGetHeld);
  const auto stream = begin(StreamKind::live);
  client.read_until("\r\n\r\n");
  client.reset();
  EXPECT_EQ(producer_.wait_for_end(), StreamEnd::client_left);
  EXPECT_EQ(stream->write("x"), Taken::ended);
}

TEST_F(ServerStreamTest, AStreamToAClientThatHasLeftAlreadyEndsAtOnce) {
  start();
  auto client = connect();
  client.write(kGetHeld);
  auto held = service_.take_held();
  client.reset();
  while (server_->open_connections() > 0) std::this_thread::yield();
  const auto stream = held.respond.stream({}, StreamKind::whole, producer_.events());
  EXPECT_EQ(producer_.wait_for_end(), StreamEnd::client_left);
}

TEST_F(ServerStreamTest, UnreadStreamsCountForAllAndTheLargestGoes) {
  auto options = small();
  options.max_unread_bytes = options.max_unread_bytes_per_peer = kBound + kBound / 2;
  start(options);
  TestProducer producers[2];
  std::vector<TestSocket> clients;
  std::vector<std::jthread> producing;
  for (auto& producer : producers) {
    clients.push_back(connect());
    clients.back().write(kGetHeldLast);
    producing.emplace_back([&producer, stream = begin(producer)] {
      producer.write_all(*stream, std::string(kMoreThanSockets, 'x'), kPiece);
      stream->finish();
    });
  }
  while (!producers[0].ended() && !producers[1].ended()) std::this_thread::yield();
  const std::size_t left = producers[0].ended() ? 1 : 0;
  EXPECT_EQ(producers[1 - left].wait_for_end(), StreamEnd::cut_off);
  EXPECT_THAT(clients[left].read_to_end(), EndsWith("\r\n0\r\n\r\n"));
}

TEST_F(ServerStreamTest, WhatWasReadCountsNoMore) {
  auto options = small();
  options.max_unread_bytes = options.max_unread_bytes_per_peer = kBound;
  start(options);
  for (int i = 0; i < 3; ++i) {
    auto client = connect();
    client.write(kGetHeldLast);
    TestProducer producer;
    const auto stream = begin(producer);
    std::jthread producing([&] {
      EXPECT_TRUE(producer.write_all(*stream, std::string(kMoreThanSockets / 4, 'x'), kPiece));
      stream->finish();
    });
    EXPECT_THAT(client.read_to_end(), EndsWith("\r\n0\r\n\r\n"));
  }
}

TEST_F(ServerStreamTest, WhatCannotBeWholeEndsWithoutItsEnd) {
  start();
  auto client = connect();
  client.write(kGetHeld);
  const auto stream = begin();
  stream->write("half");
  client.read_until("4\r\nhalf\r\n");
  stream->fail();
  EXPECT_EQ(client.read_to_end(), "");
  auto old = connect();
  old.write("GET /held HTTP/1.0\r\n\r\n");
  const auto other = begin();
  other->write("half");
  old.read_until("half");
  other->fail();
  ASSERT_TRUE(old.readable_within(kPatience));
  EXPECT_EQ(pending_error(old.fd()), ECONNRESET) << "else it would look whole";
}

TEST_F(ServerStreamTest, WhatIsCutOffForASlowClientOfHttp10EndsWithAReset) {
  auto options = small();
  options.transfer_grace = milliseconds(100);
  options.min_bytes_per_second = 1'000'000'000;
  start(options);
  auto client = connect();
  client.write("GET /held HTTP/1.0\r\n\r\n");
  const auto stream = begin();
  std::jthread producing([&] { producer_.write_all(*stream, std::string(kMoreThanSockets, 'x'), kPiece); });
  EXPECT_EQ(producer_.wait_for_end(), StreamEnd::cut_off);
  while (server_->open_connections() > 0) std::this_thread::yield();
  EXPECT_EQ(pending_error(client.fd()), ECONNRESET) << "else it would look whole";
}

TEST_F(ServerStreamTest, AServerThatDrainsEndsLiveStreamsAndLetsOthersComeToTheirEnd) {
  start();
  auto live = connect();
  live.write(kGetHeld);
  const auto events = begin(StreamKind::live);
  events->write("event");
  live.read_until("event\r\n");
  auto whole = connect();
  whole.write(kGetHeld);
  TestProducer lister;
  const auto list = begin(lister);
  list->write("[");
  whole.read_until("[\r\n");

  auto drained = std::async(std::launch::async, [this] { return server_->drain(kPatience); });
  EXPECT_EQ(producer_.wait_for_end(), StreamEnd::server_stops);
  EXPECT_EQ(live.read_to_end(), "0\r\n\r\n");
  live.close();
  EXPECT_EQ(list->write("]"), Taken::more);
  list->finish();
  EXPECT_THAT(whole.read_to_end(), EndsWith("0\r\n\r\n"));
  whole.close();
  EXPECT_TRUE(drained.get());
  EXPECT_FALSE(lister.ended());
}

TEST_F(ServerStreamTest, AServerThatStopsEndsThemAll) {
  start();
  auto client = connect();
  client.write(kGetHeld + kGetHeld);
  auto held = service_.take_held();
  const auto stream = held.respond.stream({}, StreamKind::whole, producer_.events());
  stream->write("x");
  client.read_until("1\r\nx\r\n");
  server_->stop();
  EXPECT_EQ(producer_.wait_for_end(), StreamEnd::server_stops);
  EXPECT_EQ(stream->write("y"), Taken::ended);
  TestProducer late;
  const auto after = held.respond.stream({}, StreamKind::whole, late.events());
  EXPECT_EQ(late.wait_for_end(), StreamEnd::server_stops);
  EXPECT_EQ(after->write("z"), Taken::ended);
}

}  // namespace
}  // namespace exposee::net
