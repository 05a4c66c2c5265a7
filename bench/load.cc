// bench-load: posts events over N kept-alive connections, one thread, raw epoll. Closed loop (each connection
// sends when it was answered) or paced: then the latency of a post counts from the moment at which it was
// due, so waiting for a free connection is counted. Ends early when the server goes away. Prints one JSON
// line.
//   --port P --path /v1/events --connections 256 --seconds 3 [--rate posts/s] [--batch events per post]
//   [--bytes 300] [--event bench] [--types N: events of bench0 to bench(N-1) in turn] [--direct 1: the body
//   of a delivery instead of a publish call]
#include <sys/prctl.h>

#include "wire.h"

namespace bench {
namespace {

struct Connection {
  int fd = -1;
  std::string out;
  std::size_t sent = 0;
  std::string in;
  std::int64_t due = 0;
  bool busy = false;
};

struct Load {
  explicit Load(const Arguments& a)
      : port(static_cast<std::uint16_t>(a.number("port", 8000))),
        path(a.text("path", "/v1/events")),
        event(a.text("event", "bench")),
        types(static_cast<std::uint64_t>(a.number("types", 0))),
        bytes(static_cast<std::size_t>(a.number("bytes", 300))),
        batch(static_cast<std::size_t>(a.number("batch", 1))),
        rate(a.number("rate", 0)),
        seconds(a.number("seconds", 3)),
        direct(a.text("direct", "0") == "1"),
        connections(static_cast<std::size_t>(a.number("connections", 256))) {}

  std::string item(std::int64_t at) {
    std::string data = R"({"sent_at":)" + std::to_string(at) + R"(,"fill":")";
    const auto type = types ? event + std::to_string(items++ % types) : event;
    const std::string head = R"({"event":")" + type + R"(","data":)";
    data.append(bytes > head.size() + data.size() + 3 ? bytes - head.size() - data.size() - 3 : 1, 'x');
    return head + data + "\"}}";
  }

  void send(Connection& c, std::int64_t due) {
    const auto at = now_us();
    std::string body;
    if (batch == 1) {
      body = item(at);
    } else {
      body = "[";
      for (std::size_t i = 0; i < batch; ++i) body += (i ? "," : "") + item(at);
      body += "]";
    }
    c.out = "POST " + path + " HTTP/1.1\r\nhost: 127.0.0.1:" + std::to_string(port) +
            "\r\ncontent-type: application/json\r\n" +
            (direct ? "webhook-id: msg_" + std::to_string(posts) + "\r\n" : "") +
            "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    c.sent = 0;
    c.due = due;
    c.busy = true;
    ++posts;
    flush(c);
  }

  void flush(Connection& c) {
    while (c.sent < c.out.size()) {
      const auto n = ::send(c.fd, c.out.data() + c.sent, c.out.size() - c.sent, MSG_NOSIGNAL);
      if (n < 0) {
        return;  // full, or broken: then reading says so
      }
      c.sent += static_cast<std::size_t>(n);
    }
  }

  void receive(Connection& c) {
    char buffer[65536];
    for (;;) {
      const auto n = recv(c.fd, buffer, sizeof buffer, 0);
      if (n < 0 && errno == EAGAIN) return;
      if (n <= 0) {
        ++closed;
        ::close(c.fd);
        c.busy = false;
        c.fd = try_connect(port);
        if (c.fd < 0) {
          gone = true;
          return;
        }
        epoll_event event{EPOLLIN | EPOLLOUT | EPOLLET, {.ptr = &c}};
        epoll_ctl(epoll, EPOLL_CTL_ADD, c.fd, &event);
        c.in.clear();
        return;
      }
      c.in.append(buffer, static_cast<std::size_t>(n));
      while (auto message = first_message(c.in)) answered(c, *message);
    }
  }

  void answered(Connection& c, const Message& message) {
    const bool ok = message.head.size() > 9 && message.head[9] == '2';
    if (ok) {
      acked += batch;
      latency.add(now_us() - c.due);
    } else {
      ++errors;
    }
    c.in.erase(0, message.size);
    c.busy = false;
    if (rate == 0 && now_us() < until) send(c, now_us());
  }

  void pace(std::int64_t now) {
    while (next_due <= now && next_due < until) {
      auto idle = std::ranges::find_if(all, [](const Connection& c) { return !c.busy; });
      if (idle == all.end()) return;
      send(*idle, static_cast<std::int64_t>(next_due));
      next_due += 1e6 / rate;
    }
  }

  // Sleeps until the next post is due: spinning would take one of the machine's cores from those it measures.
  timespec patience(std::int64_t now) const {
    constexpr std::int64_t kNothingDue = 100'000;
    const auto us = rate > 0 && now < until ? static_cast<std::int64_t>(next_due) - now : kNothingDue;
    return {0, std::clamp<std::int64_t>(us, 0, kNothingDue) * 1000};
  }

  int run() {
    prctl(PR_SET_TIMERSLACK, 1'000UL);  // ns: the usual 50 us are longer than what lies between two posts
    epoll = epoll_create1(0);
    all.resize(connections);
    for (auto& c : all) {
      c.fd = connect_to(port);
      epoll_event event{EPOLLIN | EPOLLOUT | EPOLLET, {.ptr = &c}};
      epoll_ctl(epoll, EPOLL_CTL_ADD, c.fd, &event);
    }
    const auto began = now_us();
    until = began + static_cast<std::int64_t>(seconds * 1e6);
    next_due = static_cast<double>(began);
    if (rate == 0) {
      for (auto& c : all) send(c, now_us());
    }
    std::array<epoll_event, 512> events;
    const auto give_up = until + 30'000'000;
    for (auto now = began; now < give_up && !gone; now = now_us()) {
      if (rate > 0) pace(now);
      const bool open = std::ranges::any_of(all, &Connection::busy);
      if (now >= until && !open) break;
      const auto wait = patience(now_us());
      const int n = epoll_pwait2(epoll, events.data(), events.size(), &wait, nullptr);
      for (int i = 0; i < n; ++i) {
        auto& c = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        if (events[static_cast<std::size_t>(i)].events & EPOLLOUT) flush(c);
        if (events[static_cast<std::size_t>(i)].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(c);
      }
    }
    const auto took = static_cast<double>(std::min(now_us(), until) - began) / 1e6;
    std::printf(R"({"acked":%llu,"errors":%llu,"closed":%llu,"seconds":%.3f,"latency":%s})"
                "\n",
                static_cast<unsigned long long>(acked), static_cast<unsigned long long>(errors),
                static_cast<unsigned long long>(closed), took, latency.json().c_str());
    return 0;
  }

  std::uint16_t port;
  std::string path, event;
  std::uint64_t types, items = 0;
  std::size_t bytes, batch;
  double rate, seconds;
  bool direct;
  std::size_t connections;
  int epoll = -1;
  std::vector<Connection> all;
  std::int64_t until = 0;
  double next_due = 0;
  bool gone = false;  // the server
  std::uint64_t posts = 0, acked = 0, errors = 0, closed = 0;
  Histogram latency;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  return bench::Load(bench::Arguments(argc, argv)).run();
}
