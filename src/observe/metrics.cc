#include "observe/metrics.h"

namespace exposee::observe {
namespace {

using enum MetricType;

void write_connections(Exposition& page, const Figures& now) {
  page.family("exposee_connections", gauge, "Open connections: of clients to the server, and to receivers.");
  page.sample(now.server_connections, label("side", "server"));
  page.sample(now.sender_connections, label("side", "sender"));
  page.family("exposee_unread_bytes", gauge, "Memory held for clients that do not read what they asked for.");
  page.sample(now.unread_bytes);
  page.family("exposee_unfinished_bytes", gauge, "Memory held for request bodies that are still coming.");
  page.sample(now.unfinished_bytes);
  page.family("exposee_log_lines_dropped_total", counter,
              "Log lines that were dropped: standard error was not read or could not be written.");
  page.sample(now.log_lines_dropped);
  page.family("exposee_damaged_rows_total", counter,
              "Rows and pages of the data file that were found damaged, or that retention passes over, since "
              "the start; the log names them.");
  page.sample(now.damaged_rows);
}

void write_storage(Exposition& page, const StorageFigures& now) {
  page.family("exposee_storage_bytes", gauge, "Size of the data: the database and its write-ahead log.");
  page.sample(now.database_bytes, label("file", "db"));
  page.sample(now.log_bytes, label("file", "wal"));
  page.family("exposee_storage_free_bytes", gauge, "Free space of the file system that the data lies on.");
  page.sample(now.free_bytes);
}

// Named as every Prometheus client names them.
void write_process(Exposition& page, const ProcessFigures& now) {
  const auto micros = [](auto count) { return static_cast<std::uint64_t>(count); };
  page.family("process_cpu_seconds_total", counter, "User and system time of the processor.");
  page.sample(micros(now.cpu.count()), {}, Unit::microseconds);
  page.family("process_resident_memory_bytes", gauge, "Resident memory.");
  page.sample(now.resident_bytes);
  page.family("process_virtual_memory_bytes", gauge, "Virtual memory.");
  page.sample(now.virtual_bytes);
  page.family("process_open_fds", gauge, "Open file descriptors.");
  page.sample(now.open_fds);
  page.family("process_max_fds", gauge, "File descriptors that may be open.");
  page.sample(now.max_fds);
  page.family("process_start_time_seconds", gauge, "When the process started, since 1970 in UTC.");
  page.sample(micros(to_micros(now.started_at)), {}, Unit::microseconds);
}

}  // namespace

std::string Metrics::page() const {
  Exposition page;
  page.family("exposee_build_info", gauge, "Always 1; which version this is.");
  page.sample(1, label("version", version_));
  engine_.write(page);
  calls_.write(page);
  const auto now = figures_.figures();
  write_connections(page, now);
  if (now.storage) write_storage(page, *now.storage);
  if (now.process) write_process(page, *now.process);
  return page.take();
}

}  // namespace exposee::observe
