// A name server for tests, on loopback: the test answers its queries by hand, on its own thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "net/loop/test_socket.h"

namespace exposee::net {

constexpr int kDnsA = 1, kDnsCname = 5, kDnsAaaa = 28;

struct DnsQuery {
  std::string packet;  // as it came
  std::string name;
  int type = 0;
  SocketAddress from;
};

class TestDns {
 public:
  TestDns() : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const auto address = SocketAddress::make(*IpAddress::parse("127.0.0.1"), 0);
    EXPECT_EQ(::bind(fd_.get(), address.get(), address.size), 0);
  }

  std::string server() const { return local_address(fd_.get()).text(); }

  bool asked_within(std::chrono::milliseconds wait) {
    pollfd entry{fd_.get(), POLLIN, 0};
    return ::poll(&entry, 1, static_cast<int>(wait.count())) > 0;
  }

  DnsQuery take_query() {
    DnsQuery query;
    EXPECT_TRUE(asked_within(kPatience)) << "nobody asked for a name";
    char buffer[1500];
    const ssize_t size = ::recvfrom(fd_.get(), buffer, sizeof buffer, 0, query.from.get(), &query.from.size);
    query.packet.assign(buffer, static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    std::size_t at = 12;
    while (at < query.packet.size() && query.packet[at] != 0) {
      const auto length = static_cast<std::size_t>(query.packet[at]);
      query.name += (query.name.empty() ? "" : ".") + query.packet.substr(at + 1, length);
      at += length + 1;
    }
    query.type = query.packet.at(at + 2);
    return query;
  }

  // Records of the asked type; none: the name exists without such. `cnames`: aliases before them.
  void answer(const DnsQuery& query, const std::vector<std::string>& addresses, std::size_t cnames = 0) {
    std::string packet = query_part(query, 0, cnames + addresses.size());
    for (std::size_t i = 0; i < cnames; ++i) {
      // alias number i (or the asked name) is alias number i + 1
      packet += owner(i) + record(kDnsCname, alias(i + 1));
    }
    for (const auto& text : addresses) {
      const auto address = *IpAddress::parse(text);
      packet += owner(cnames) +
                record(query.type,
                       std::string(reinterpret_cast<const char*>(address.bytes.data()), address.v6 ? 16 : 4));
    }
    reply(query, packet);
  }
  void deny(const DnsQuery& query) { reply(query, query_part(query, 3, 0)); }  // NXDOMAIN

 private:
  static std::string number(std::size_t value) {
    return {static_cast<char>(value >> 8), static_cast<char>(value & 255)};
  }
  static std::string query_part(const DnsQuery& query, int code, std::size_t answers) {
    std::size_t end = query.packet.find('\0', 12) + 5;
    return query.packet.substr(0, 2) + "\x81" + static_cast<char>(0x80 | code) + number(1) + number(answers) +
           number(0) + number(0) + query.packet.substr(12, end - 12);
  }
  static std::string alias(std::size_t i) {
    return std::string("\x02") + "c" + static_cast<char>('a' + i) + '\0';
  }
  static std::string owner(std::size_t i) { return i == 0 ? "\xc0\x0c" : alias(i); }
  static std::string record(int type, const std::string& data) {
    return number(static_cast<std::size_t>(type)) + number(1) + number(0) + number(60) + number(data.size()) +
           data;
  }
  void reply(const DnsQuery& query, const std::string& packet) {
    ::sendto(fd_.get(), packet.data(), packet.size(), 0, query.from.get(), query.from.size);
  }

  Fd fd_;
};

}  // namespace exposee::net
