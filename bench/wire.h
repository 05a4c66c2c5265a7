// What the benchmark programs share: a clock, a histogram, non-blocking sockets, and just enough HTTP/1.1 to
// find where one message ends. Measuring tools only; nothing of the product uses this. One thread.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

inline std::int64_t now_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
}

// Latencies in microseconds, 2 % wide buckets up to about a minute.
class Histogram {
 public:
  void add(std::int64_t us) {
    ++counts_[bucket(std::max<std::int64_t>(us, 0))];
    ++total_;
  }
  std::int64_t percentile(double p) const {
    const auto wanted = static_cast<std::uint64_t>(p * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > wanted) return value(i);
    }
    return 0;
  }
  std::uint64_t total() const { return total_; }
  void clear() { *this = {}; }
  std::string json() const {
    char text[160];
    std::snprintf(text, sizeof text, R"({"p50_us":%lld,"p99_us":%lld,"p999_us":%lld})",
                  static_cast<long long>(percentile(0.50)), static_cast<long long>(percentile(0.99)),
                  static_cast<long long>(percentile(0.999)));
    return text;
  }

 private:
  static constexpr int kSub = 32;  // buckets per doubling
  static std::size_t bucket(std::int64_t us) {
    if (us < kSub) return static_cast<std::size_t>(us);
    const int log = 63 - __builtin_clzll(static_cast<std::uint64_t>(us));
    const auto sub = static_cast<std::size_t>((us >> (log - 5)) & (kSub - 1));
    return std::min<std::size_t>(static_cast<std::size_t>(log - 4) * kSub + sub, 1023);
  }
  static std::int64_t value(std::size_t i) {
    if (i < kSub) return static_cast<std::int64_t>(i);
    const auto log = i / kSub + 4;
    return static_cast<std::int64_t>((kSub + i % kSub) << (log - 5));
  }
  std::array<std::uint64_t, 1024> counts_{};
  std::uint64_t total_ = 0;
};

// --name value pairs; a flag without a value is "1".
class Arguments {
 public:
  Arguments(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
      const std::string name = argv[i];
      const bool has_value = i + 1 < argc && std::strncmp(argv[i + 1], "--", 2) != 0;
      values_[name] = has_value ? argv[++i] : "1";
    }
  }
  std::string text(const std::string& name, const std::string& otherwise) const {
    auto it = values_.find("--" + name);
    return it == values_.end() ? otherwise : it->second;
  }
  double number(const std::string& name, double otherwise) const {
    return std::atof(text(name, std::to_string(otherwise)).c_str());
  }

 private:
  std::map<std::string, std::string> values_;
};

[[noreturn]] inline void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

inline sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

inline void prepare(int fd) {
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// -1 when nobody listens.
inline int try_connect(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) die("socket");
  const auto address = loopback(port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(fd);
    return -1;
  }
  prepare(fd);
  return fd;
}

inline int connect_to(std::uint16_t port) {
  const int fd = try_connect(port);
  if (fd < 0) die("connect");
  return fd;
}

// The value of a header, its name given in lower case with the colon; names are compared ignoring case.
inline std::string_view header(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at != head.npos; at = head.find("\r\n", at + 2)) {
    const auto line = head.substr(at + 2, name.size());
    if (line.size() == name.size() && strncasecmp(line.data(), name.data(), name.size()) == 0) {
      auto value = head.substr(at + 2 + name.size());
      value = value.substr(0, value.find("\r\n"));
      while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
      return value;
    }
  }
  return {};
}

struct Message {
  std::string_view head, body;
  std::size_t size;
};

// The first whole message of `bytes` (Content-Length bodies only), if it is there.
inline std::optional<Message> first_message(std::string_view bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == bytes.npos) return std::nullopt;
  const auto head = bytes.substr(0, end + 2);
  std::size_t length = 0;
  const auto text = header(head, "content-length:");
  std::from_chars(text.data(), text.data() + text.size(), length);
  if (bytes.size() < end + 4 + length) return std::nullopt;
  return Message{head, bytes.substr(end + 4, length), end + 4 + length};
}

}  // namespace bench
