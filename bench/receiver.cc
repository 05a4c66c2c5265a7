// bench-receiver: takes POSTs, one thread, raw epoll. Counts distinct webhook-ids per path, duplicates, and
// latency from the `sent_at` in the body; verifies every n-th signature of the paths whose secrets it was
// told. GET /stats tells, POST /reset begins anew, POST /secrets takes lines of "path secret", POST /delay the
// milliseconds after which it answers from now on, or "never".
//   [--port 0] [--delay-ms 0] [--status 200] [--fail-rate 0] [--hang PREFIX of paths never answered]
//   [--verify 101: every so manyth post] [--tls-cert F --tls-key F]
// The first line it prints is its port.
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/ssl.h>

#include <queue>
#include <sstream>
#include <unordered_map>
#include <unordered_set>

#include "wire.h"

namespace bench {
namespace {

struct Connection {
  int fd = -1;
  SSL* tls = nullptr;
  std::string in, out;
  bool dead = false;

  ssize_t read(char* to, std::size_t size) {
    if (!tls) return recv(fd, to, size, 0);
    const int n = SSL_read(tls, to, static_cast<int>(size));
    return n > 0 ? n : blocked(n);
  }
  ssize_t write(const char* from, std::size_t size) {
    if (!tls) return ::send(fd, from, size, MSG_NOSIGNAL);
    const int n = SSL_write(tls, from, static_cast<int>(size));
    return n > 0 ? n : blocked(n);
  }
  ssize_t blocked(int n) {
    const int why = SSL_get_error(tls, n);
    errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
    return errno == EAGAIN ? -1 : 0;
  }
};

struct Stats {
  std::uint64_t posts = 0, duplicates = 0, verified = 0, forged = 0;
  std::int64_t first = 0, last = 0;
  Histogram latency;
  std::unordered_set<std::uint64_t> seen;                   // of path and webhook-id
  std::unordered_map<std::string, std::uint64_t> per_path;  // distinct
  std::uint64_t second = 0, in_second = 0, busiest_second = 0;
};

struct Receiver {
  explicit Receiver(const Arguments& a)
      : delay_us(static_cast<std::int64_t>(a.number("delay-ms", 0) * 1000)),
        status(a.text("status", "200")),
        fail_rate(a.number("fail-rate", 0)),
        hang(a.text("hang", "")),
        verify_every(static_cast<std::uint64_t>(a.number("verify", 101))) {
    if (const auto cert = a.text("tls-cert", ""); !cert.empty()) {
      tls = SSL_CTX_new(TLS_server_method());
      SSL_CTX_use_certificate_chain_file(tls, cert.c_str());
      SSL_CTX_use_PrivateKey_file(tls, a.text("tls-key", "").c_str(), SSL_FILETYPE_PEM);
      SSL_CTX_set_read_ahead(tls, 1);  // one read() a record, as servers do
    }
    stats.seen.reserve(1 << 20);
  }

  void learn(std::string_view lines) {
    std::istringstream text{std::string(lines)};
    for (std::string path, secret; text >> path >> secret;) secrets[path] = decode(secret.substr(6));
  }

  static std::string decode(const std::string& base64) {
    std::string bytes(base64.size(), '\0');
    const int n = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                  reinterpret_cast<const unsigned char*>(base64.data()),
                                  static_cast<int>(base64.size()));
    bytes.resize(static_cast<std::size_t>(n));
    while (base64.ends_with("=") && bytes.size() * 4 / 3 + 1 > base64.find('=')) bytes.pop_back();
    return bytes;
  }

  bool genuine(const std::string& path, std::string_view head, std::string_view body) const {
    const auto secret = secrets.find(path);
    if (secret == secrets.end()) return false;
    const auto signed_text = std::string(header(head, "webhook-id:")) + "." +
                             std::string(header(head, "webhook-timestamp:")) + "." + std::string(body);
    unsigned char mac[32], text[64];
    HMAC(EVP_sha256(), secret->second.data(), static_cast<int>(secret->second.size()),
         reinterpret_cast<const unsigned char*>(signed_text.data()), signed_text.size(), mac, nullptr);
    EVP_EncodeBlock(text, mac, sizeof mac);
    return header(head, "webhook-signature:") == "v1," + std::string(reinterpret_cast<char*>(text));
  }

  void count(std::string_view path, const Message& m) {
    const auto now = now_us();
    if (stats.posts++ == 0) stats.first = now;
    stats.last = now;
    if (const auto second = static_cast<std::uint64_t>(now / 1'000'000); second != stats.second) {
      stats.second = second;
      stats.in_second = 0;
    }
    stats.busiest_second = std::max(stats.busiest_second, ++stats.in_second);
    const std::hash<std::string_view> hash;
    const auto id = header(m.head, "webhook-id:");
    if (!stats.seen.insert(hash(id) * 31 + hash(path)).second) {
      ++stats.duplicates;
      return;
    }
    constexpr std::string_view kMark = R"("sent_at":)";
    if (const auto at = m.body.find(kMark); at != m.body.npos) {
      std::int64_t sent = 0;
      std::from_chars(m.body.data() + at + kMark.size(), m.body.data() + m.body.size(), sent);
      stats.latency.add(now - sent);
    }
    if (!secrets.empty() && verify_every && stats.posts % verify_every == 0) {
      ++(genuine(std::string(path), m.head, m.body) ? stats.verified : stats.forged);
    }
  }

  std::string stats_json() const {
    char text[512];
    std::snprintf(text, sizeof text,
                  R"({"posts":%llu,"distinct":%llu,"duplicates":%llu,"first_us":%lld,"last_us":%lld,)"
                  R"("verified":%llu,"forged":%llu,"busiest_second":%llu,"latency":%s})",
                  static_cast<unsigned long long>(stats.posts),
                  static_cast<unsigned long long>(stats.seen.size()),
                  static_cast<unsigned long long>(stats.duplicates), static_cast<long long>(stats.first),
                  static_cast<long long>(stats.last), static_cast<unsigned long long>(stats.verified),
                  static_cast<unsigned long long>(stats.forged),
                  static_cast<unsigned long long>(stats.busiest_second), stats.latency.json().c_str());
    return text;
  }

  static std::string answer(std::string_view code, std::string_view body = {}) {
    return "HTTP/1.1 " + std::string(code) + " X\r\ncontent-length: " + std::to_string(body.size()) +
           "\r\n\r\n" + std::string(body);
  }

  void take(Connection& c, const Message& m) {
    const auto line = m.head.substr(0, m.head.find("\r\n"));
    const auto at = line.find(' ');
    const auto path = line.substr(at + 1, line.find(' ', at + 1) - at - 1);
    if (path == "/stats") {
      c.out += answer("200", stats_json());
    } else if (path == "/reset") {
      stats = {};
      c.out += answer("204");
    } else if (path == "/secrets") {
      learn(m.body);
      c.out += answer("204");
    } else if (path == "/delay") {
      never = m.body == "never";
      delay_us = never ? 0 : 1000 * std::atoll(std::string(m.body).c_str());
      c.out += answer("204");
    } else if (never || (!hang.empty() && path.starts_with(hang))) {
      ++hanging;
    } else {
      const bool fails = fail_rate > 0 && (std::rand() / (RAND_MAX + 1.0)) < fail_rate;
      if (!fails && status[0] == '2') count(path, m);
      const auto& text = fails ? failure : success;
      if (delay_us == 0) {
        c.out += text;
      } else {
        later.push({now_us() + delay_us, &c, &text});
      }
    }
  }

  void flush(Connection& c) {
    while (!c.out.empty()) {
      const auto n = c.write(c.out.data(), c.out.size());
      if (n < 0) return;
      if (n == 0) return;
      c.out.erase(0, static_cast<std::size_t>(n));
    }
  }

  void serve(Connection& c) {
    static char buffer[65536];
    for (;;) {
      const auto n = c.read(buffer, sizeof buffer);
      if (n < 0 && errno == EAGAIN) break;
      if (n <= 0) return close(c);
      c.in.append(buffer, static_cast<std::size_t>(n));
      std::size_t used = 0;
      while (auto message = first_message(std::string_view(c.in).substr(used))) {
        take(c, *message);
        used += message->size;
      }
      c.in.erase(0, used);
      if (c.tls ? SSL_has_pending(c.tls) == 0 : static_cast<std::size_t>(n) < sizeof buffer) break;
    }
    flush(c);
  }

  // Kept until the program ends: an answer may still be waiting for its delay.
  void close(Connection& c) {
    if (c.dead) return;
    c.dead = true;
    if (c.tls) SSL_free(c.tls);
    ::close(c.fd);
  }

  void accept_all(int listener) {
    for (;;) {
      const int fd = accept(listener, nullptr, nullptr);
      if (fd < 0) return;
      prepare(fd);
      auto* c = new Connection;
      c->fd = fd;
      if (tls) {
        c->tls = SSL_new(tls);
        SSL_set_fd(c->tls, fd);
        SSL_set_accept_state(c->tls);
      }
      epoll_event event{EPOLLIN, {.ptr = c}};
      epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    }
  }

  int answer_later() {
    while (!later.empty() && later.top().at <= now_us()) {
      auto next = later.top();
      later.pop();
      if (next.connection->dead) continue;
      next.connection->out += *next.text;
      flush(*next.connection);
    }
    return later.empty() ? 1000 : 1;
  }

  int run(std::uint16_t port) {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    const int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    auto address = loopback(port);
    socklen_t size = sizeof address;
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener, 8192) != 0)
      die("listen");
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    prepare(listener);
    epoll = epoll_create1(0);
    epoll_event event{EPOLLIN, {.ptr = nullptr}};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    std::array<epoll_event, 512> events;
    for (;;) {
      const int wait = answer_later();
      const int n = epoll_wait(epoll, events.data(), events.size(), wait);
      for (int i = 0; i < n; ++i) {
        auto* c = static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
        c ? serve(*c) : accept_all(listener);
      }
    }
  }

  struct Later {
    std::int64_t at;
    Connection* connection;
    const std::string* text;
    bool operator>(const Later& other) const { return at > other.at; }
  };

  std::int64_t delay_us;
  std::string status;
  double fail_rate;
  std::string hang;
  std::uint64_t verify_every;
  std::string success = answer(status), failure = answer("500");
  std::unordered_map<std::string, std::string> secrets;
  SSL_CTX* tls = nullptr;
  int epoll = -1;
  Stats stats;
  bool never = false;
  std::uint64_t hanging = 0;
  std::priority_queue<Later, std::vector<Later>, std::greater<>> later;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  const bench::Arguments arguments(argc, argv);
  signal(SIGPIPE, SIG_IGN);
  return bench::Receiver(arguments).run(static_cast<std::uint16_t>(arguments.number("port", 0)));
}
