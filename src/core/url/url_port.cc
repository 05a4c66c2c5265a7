#include "core/url/url_port.h"

#include <algorithm>
#include <array>

namespace exposee {
namespace {

constexpr auto kFetchBadPorts = std::to_array<std::uint16_t>(
    {1,    7,    9,    11,   13,   15,   17,   19,   20,   21,   22,   23,   25,   37,   42,   43,   53,
     69,   77,   79,   87,   95,   101,  102,  103,  104,  109,  110,  111,  113,  115,  117,  119,  123,
     135,  137,  139,  143,  161,  179,  389,  427,  465,  512,  513,  514,  515,  526,  530,  531,  532,
     540,  548,  554,  556,  563,  587,  601,  636,  989,  990,  993,  995,  1719, 1720, 1723, 2049, 3659,
     4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080});

// None from 32768 on, where systems choose ports for programs that do not care, local receivers among them.
constexpr auto kDataStorePorts = std::to_array<std::uint16_t>({
    1433,  1521,                // SQL Server, Oracle
    2181,                       // ZooKeeper
    2379,  2380,                // etcd
    3306,                       // MySQL
    5432,                       // PostgreSQL
    5984,                       // CouchDB
    6379,                       // Redis
    7687,                       // Neo4j
    9042,                       // Cassandra
    9092,                       // Kafka
    9200,  9300,                // Elasticsearch
    11211,                      // memcached
    26257,                      // CockroachDB
    26379,                      // Redis Sentinel
    27017, 27018, 27019, 28015  // MongoDB, RethinkDB
});

// What commands machines: a POST to such a port starts programs there.
constexpr auto kControlPorts = std::to_array<std::uint16_t>({
    2375, 2376,   // Docker
    4646,         // Nomad
    8500,         // Consul
    10250, 10255  // kubelet
});

static_assert(std::ranges::is_sorted(kFetchBadPorts) && std::ranges::is_sorted(kDataStorePorts) &&
              std::ranges::is_sorted(kControlPorts));

}  // namespace

bool is_refused_port(std::uint16_t port) {
  return port == 0 || std::ranges::binary_search(kFetchBadPorts, port) ||
         std::ranges::binary_search(kDataStorePorts, port) || std::ranges::binary_search(kControlPorts, port);
}

}  // namespace exposee
