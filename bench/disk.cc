// bench-disk: fdatasync of 4 KiB appends, the figure every durable acknowledgement is measured against. With --rest-ms it
// rests before each: a disk that has rested takes longer, and so does the first event after a pause.
#include <chrono>
#include <thread>

#include "wire.h"

int main(int argc, char** argv) {
  const bench::Arguments arguments(argc, argv);
  const auto path = arguments.text("path", "bench-disk.tmp");
  const auto count = static_cast<int>(arguments.number("count", 1000));
  const std::chrono::milliseconds rest(static_cast<int>(arguments.number("rest-ms", 0)));
  const int fd = open(path.c_str(), O_CREAT | O_RDWR | O_TRUNC, 0600);
  if (fd < 0) bench::die("open");
  const std::string block(4096, 'x');
  bench::Histogram times;
  for (int i = 0; i < count; ++i) {
    std::this_thread::sleep_for(rest);
    const auto began = bench::now_us();
    if (write(fd, block.data(), block.size()) != static_cast<ssize_t>(block.size())) bench::die("write");
    if (fdatasync(fd) != 0) bench::die("fdatasync");
    times.add(bench::now_us() - began);
  }
  unlink(path.c_str());
  std::printf("%s\n", times.json().c_str());
}
