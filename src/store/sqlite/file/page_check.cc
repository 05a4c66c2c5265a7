#include "store/sqlite/file/page_check.h"

#include <fcntl.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "store/sqlite/file/checksum.h"
#include "store/sqlite/sqlite_error.h"

namespace exposee::store {
namespace {

constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr std::size_t kSizeAt = 16, kReservedAt = 20;
constexpr std::uint64_t kSpread = 0x9E37'79B9'7F4A'7C15;  // odd: another place, another value
constexpr std::uint32_t kSmallestPage = 512, kLargestPage = 65'536;

std::uint64_t checksum_of(std::span<const unsigned char> page, std::uint64_t at) {
  const auto content = page.first(page.size() - kPageCheckBytes);
  return checksum({reinterpret_cast<const char*>(content.data()), content.size()}) ^ (at * kSpread);
}

std::uint64_t stamp_of(std::span<const unsigned char> page) {
  std::uint64_t stamp = 0;
  for (int i = 0; i < kPageCheckBytes; ++i) stamp |= std::uint64_t{page[page.size() - 8 + i]} << (8 * i);
  return stamp;
}

class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : fd_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {}
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenFile(const OpenFile&) = delete;

  bool is_open() const { return fd_ >= 0; }
  bool read(std::span<unsigned char> to, std::uint64_t at) const {
    return ::pread(fd_, to.data(), to.size(), static_cast<off_t>(at)) == static_cast<ssize_t>(to.size());
  }
  bool write(std::span<const unsigned char> from, std::uint64_t at) const {
    return ::pwrite(fd_, from.data(), from.size(), static_cast<off_t>(at)) == static_cast<ssize_t>(from.size());
  }
  bool sync() const { return ::fsync(fd_) == 0; }

 private:
  int fd_;
};

}  // namespace

PageFormat page_format(std::span<const unsigned char> begin) {
  if (begin.size() < kHeaderBytes || std::memcmp(begin.data(), kMagic.data(), kMagic.size()) != 0) return {};
  const std::uint32_t said = std::uint32_t{begin[kSizeAt]} << 8 | begin[kSizeAt + 1];
  const auto bytes = said == 1 ? kLargestPage : said;
  if (bytes < kSmallestPage || !std::has_single_bit(bytes)) return {};
  return {bytes, begin[kReservedAt] == kPageCheckBytes};
}

void stamp_page(std::span<unsigned char> page, std::uint64_t at) {
  const auto stamp = checksum_of(page, at);
  for (int i = 0; i < kPageCheckBytes; ++i) page[page.size() - 8 + i] = static_cast<unsigned char>(stamp >> (8 * i));
}

bool is_page_whole(std::span<const unsigned char> page, std::uint64_t at) {
  return stamp_of(page) == checksum_of(page, at);
}

bool hides_checksum(std::span<const unsigned char> first_page) {
  std::vector<unsigned char> corrected(first_page.begin(), first_page.end());
  corrected[kReservedAt] = kPageCheckBytes;
  return is_page_whole(corrected, 0);
}

namespace {

// SQLite locks bytes of this page and never writes it.
constexpr std::uint64_t kLockPageAt = std::uint64_t{1} << 30;

bool make_right(std::span<unsigned char> page, std::uint64_t at) {
  if (at == kLockPageAt || is_page_whole(page, at)) return false;
  stamp_page(page, at);
  return true;
}

}  // namespace

Result<PageFormat> format_of(const std::string& path) {
  const OpenFile file(path);
  std::vector<unsigned char> begin(kHeaderBytes);
  if (!file.is_open() || !file.read(begin, 0)) return system_error(errno, "Cannot read the data file " + path);
  const auto format = page_format(begin);
  if (format.bytes == 0) return Error{ErrorCode::damaged, "The header of " + path + " cannot be read.", {}};
  return format;
}

bool has_wrong_pages(const std::string& path) {
  const OpenFile file(path);
  std::vector<unsigned char> page(kHeaderBytes);
  const auto format = file.is_open() && file.read(page, 0) ? page_format(page) : PageFormat{};
  page.resize(format.bytes);
  if (format.bytes == 0 || !file.read(page, 0)) return false;
  if (!format.checked) return hides_checksum(page);
  for (std::uint64_t at = 0; file.read(page, at); at += format.bytes) {
    if (at != kLockPageAt && !is_page_whole(page, at)) return true;
  }
  return false;
}

Result<std::vector<std::uint64_t>> accept_pages(const std::string& path) {
  const OpenFile file(path);
  if (!file.is_open()) return system_error(errno, "Cannot open the data file " + path);
  std::vector<std::uint64_t> accepted;
  std::vector<unsigned char> page(kHeaderBytes);
  const auto format = file.read(page, 0) ? page_format(page) : PageFormat{};
  page.resize(format.bytes);
  if (format.bytes == 0 || !file.read(page, 0) || !(format.checked || hides_checksum(page))) return accepted;
  for (std::uint64_t at = 0; file.read(page, at); at += format.bytes) {
    if (at == 0) page[kReservedAt] = kPageCheckBytes;
    if (!make_right(page, at) && !(at == 0 && !format.checked)) continue;
    if (!file.write(page, at)) return system_error(errno, "Cannot write the data file " + path);
    accepted.push_back(at / format.bytes + 1);
  }
  if (!file.sync()) return system_error(errno, "Cannot write the data file " + path);
  return accepted;
}

}  // namespace exposee::store
