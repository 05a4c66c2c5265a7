#include "store/sqlite/file/checked_files.h"

#include <algorithm>
#include <mutex>
#include <new>
#include <span>
#include <string>
#include <vector>

#include "store/sqlite/log/log_writes.h"
#include "store/sqlite/file/page_check.h"

namespace exposee::store {
namespace {

constexpr const char* kName = "exposee-checked";
// Opcodes of our own for xFileControl; SQLite's end at 100.
constexpr int kWatchFiles = 0x4578, kStampPages = 0x4579;

struct Unlock {
  int offset, count, flags;
};

// In SQLite's memory; the file of the system's follows it.
struct CheckedFile {
  sqlite3_file base;  // must be the first
  CheckedFile* data = nullptr;  // of a log: the file it belongs to
  CheckedFile* log = nullptr;   // of a data file: its log, while it is open
  FileWatch* watch = nullptr;   // of a data file
  PageFormat format;            // of a data file
  bool stamps_all = false;      // of a data file: before its header says so
  LogWrites writes;             // of a log: of this connection
  std::vector<Unlock> unlocks;  // that the system failed to do
};
static_assert(sizeof(CheckedFile) % alignof(std::max_align_t) == 0 || sizeof(CheckedFile) % 8 == 0);

CheckedFile& of(sqlite3_file* file) {
  return *reinterpret_cast<CheckedFile*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(&of(file) + 1);
}
const sqlite3_io_methods& does(sqlite3_file* file) {
  return *real(file)->pMethods;
}

// --- the data file --------------------------------------------------------------------------------------

std::uint64_t page_at(int count, sqlite3_int64 at) {
  return static_cast<std::uint64_t>(at) / static_cast<std::uint64_t>(count) + 1;
}

bool is_page(const CheckedFile& file, int count, sqlite3_int64 at) {
  return file.format.bytes != 0 && static_cast<std::uint32_t>(count) == file.format.bytes && at % count == 0;
}

void note_unread(const CheckedFile& file, std::uint64_t page) {
  if (file.watch) file.watch->unread_page = page;
}

void tell_damaged(const CheckedFile& file, std::uint64_t page) {
  if (!file.watch || !file.watch->troubles) return;
  file.watch->troubles->row_in_trouble(
      {"pages of the file", std::to_string(page), "its checksum is wrong; it is not used, and what needs it fails"});
}

bool read_instead(const CheckedFile& file, std::uint64_t page, void* to) {
  if (!file.watch || file.watch->instead.page != page) return false;
  std::ranges::copy(file.watch->instead.bytes, static_cast<unsigned char*>(to));
  return true;
}

// SQLite takes a disk that cannot be read (EIO and the like) for a file that is damaged. What is damaged the checksums
// say; a read that failed may succeed the next time.
int read(sqlite3_file* handle, void* to, int count, sqlite3_int64 at) {
  const int code = does(handle).xRead(real(handle), to, count, at);
  return code == SQLITE_IOERR_CORRUPTFS ? SQLITE_IOERR_READ : code;
}

// The disk does not read it.
int refused(const CheckedFile& file, std::uint64_t page, void* to) {
  if (read_instead(file, page, to)) return SQLITE_OK;
  note_unread(file, page);
  return SQLITE_IOERR_READ;
}

void count_page(const CheckedFile& data, int count) {
  if (data.watch && static_cast<std::uint32_t>(count) == data.format.bytes) ++data.watch->pages_read;
}

int read_data(sqlite3_file* handle, void* to, int count, sqlite3_int64 at) {
  const int code = read(handle, to, count, at);
  auto& file = of(handle);
  count_page(file, count);
  if (code == SQLITE_IOERR_READ && is_page(file, count, at)) return refused(file, page_at(count, at), to);
  // Zeros in the place of a page that is missing, SQLite would take for one.
  const bool cut_off = code == SQLITE_IOERR_SHORT_READ && file.format.checked && at != 0;
  if (code != SQLITE_OK && !cut_off) return code;
  const std::span<const unsigned char> bytes(static_cast<const unsigned char*>(to), static_cast<std::size_t>(count));
  if (at == 0 && bytes.size() >= kHeaderBytes) file.format = page_format(bytes);
  if (!is_page(file, count, at)) return SQLITE_OK;
  const bool whole = cut_off               ? false
                     : file.format.checked ? is_page_whole(bytes, static_cast<std::uint64_t>(at))
                                           : at != 0 || !hides_checksum(bytes);
  if (whole) [[likely]]
    return SQLITE_OK;
  const auto page = page_at(count, at);
  if (read_instead(file, page, to)) return SQLITE_OK;
  note_unread(file, page);
  tell_damaged(file, page);
  return SQLITE_CORRUPT;
}

// SQLite leaves the reserved bytes of what it writes to this layer. It writes whole pages only, and the
// first one last where they do not all fit into its memory.
int write_data(sqlite3_file* handle, const void* from, int count, sqlite3_int64 at) {
  auto& file = of(handle);
  const std::span bytes(const_cast<unsigned char*>(static_cast<const unsigned char*>(from)),
                        static_cast<std::size_t>(count));
  if (at == 0 && bytes.size() >= kHeaderBytes) file.format = page_format(bytes);
  const bool checked = file.stamps_all || (file.format.checked && is_page(file, count, at));
  if (checked) stamp_page(bytes, static_cast<std::uint64_t>(at));
  return does(handle).xWrite(real(handle), from, count, at);
}

int control(sqlite3_file* handle, int what, void* value) {
  auto& file = of(handle);
  if (what == kWatchFiles) return file.watch = static_cast<FileWatch*>(value), SQLITE_OK;
  if (what == kStampPages) return file.stamps_all = true, SQLITE_OK;
  return does(handle).xFileControl(real(handle), what, value);
}

int close(sqlite3_file* handle) {
  const int code = does(handle).xClose(real(handle));
  of(handle).~CheckedFile();
  return code;
}

// --- the log --------------------------------------------------------------------------------------------

auto put_of(sqlite3_file* handle) {
  return [handle](std::span<const unsigned char> bytes, std::uint64_t at) {
    return does(handle).xWrite(real(handle), bytes.data(), static_cast<int>(bytes.size()), static_cast<sqlite3_int64>(at));
  };
}

// Before anything else is done to the log, which is then as SQLite believes it to be.
int flush_log(sqlite3_file* handle) {
  return of(handle).writes.flush(put_of(handle));
}

// The same where SQLite has been told long ago that it was written: an error that ends the transaction, whatever it is of.
int flush_log_late(sqlite3_file* handle) {
  return flush_log(handle) == SQLITE_OK ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

int read_log(sqlite3_file* handle, void* to, int count, sqlite3_int64 at) {
  if (const auto* data = of(handle).data) count_page(*data, count);
  const int code = flush_log_late(handle);
  return code == SQLITE_OK ? read(handle, to, count, at) : code;
}

int write_log(sqlite3_file* handle, const void* from, int count, sqlite3_int64 at) {
  const std::span bytes(static_cast<const unsigned char*>(from), static_cast<std::size_t>(count));
  return of(handle).writes.write(bytes, static_cast<std::uint64_t>(at), put_of(handle));
}

int truncate_log(sqlite3_file* handle, sqlite3_int64 bytes) {
  const int code = flush_log(handle);
  return code == SQLITE_OK ? does(handle).xTruncate(real(handle), bytes) : code;
}

int log_size(sqlite3_file* handle, sqlite3_int64* bytes) {
  const int code = flush_log_late(handle);
  return code == SQLITE_OK ? does(handle).xFileSize(real(handle), bytes) : code;
}

int sync_log(sqlite3_file* handle, int flags) {
  int code = flush_log(handle);
  if (code == SQLITE_OK) code = does(handle).xSync(real(handle), flags);
  const auto& file = of(handle);
  const auto* watch = file.data ? file.data->watch : nullptr;
  const auto& committed = file.writes.committed();
  if (code == SQLITE_OK && committed.bytes != 0 && watch && watch->log) watch->log->log_synced(committed);
  return code;
}

int control_log(sqlite3_file* handle, int what, void* value) {
  return does(handle).xFileControl(real(handle), what, value);
}

int close_log(sqlite3_file* handle) {
  if (auto* data = of(handle).data) data->log = nullptr;
  return close(handle);
}

// --- both -----------------------------------------------------------------------------------------------

int truncate(sqlite3_file* handle, sqlite3_int64 bytes) {
  return does(handle).xTruncate(real(handle), bytes);
}
int sync(sqlite3_file* handle, int flags) {
  return does(handle).xSync(real(handle), flags);
}
int file_size(sqlite3_file* handle, sqlite3_int64* bytes) {
  return does(handle).xFileSize(real(handle), bytes);
}
int lock(sqlite3_file* handle, int level) {
  return does(handle).xLock(real(handle), level);
}
int unlock(sqlite3_file* handle, int level) {
  return does(handle).xUnlock(real(handle), level);
}
int check_reserved_lock(sqlite3_file* handle, int* taken) {
  return does(handle).xCheckReservedLock(real(handle), taken);
}
int sector_size(sqlite3_file* handle) {
  return does(handle).xSectorSize(real(handle));
}
int device_characteristics(sqlite3_file* handle) {
  return does(handle).xDeviceCharacteristics(real(handle));
}

// --- locks on the log's index ---------------------------------------------------------------------------

int shm_map(sqlite3_file* handle, int region, int bytes, int extend, void volatile** to) {
  return does(handle).xShmMap(real(handle), region, bytes, extend, to);
}
void shm_barrier(sqlite3_file* handle) {
  does(handle).xShmBarrier(real(handle));
}
int shm_unmap(sqlite3_file* handle, int remove) {
  return does(handle).xShmUnmap(real(handle), remove);
}

// Whoever writes to the log holds this one; what is not in the log by the time it is given back was rolled back.
constexpr int kWriteLock = 0;

// SQLite believes that a lock it gave back is given back, and never asks again.
int shm_lock(sqlite3_file* handle, int offset, int count, int flags) {
  if (auto* log = of(handle).log; log && offset == kWriteLock && (flags & SQLITE_SHM_UNLOCK)) log->writes.forget();
  const auto& methods = does(handle);
  std::erase_if(of(handle).unlocks, [&](const Unlock& owed) {
    return methods.xShmLock(real(handle), owed.offset, owed.count, owed.flags) == SQLITE_OK;
  });
  int code = methods.xShmLock(real(handle), offset, count, flags);
  if (code == SQLITE_OK || !(flags & SQLITE_SHM_UNLOCK)) return code;
  constexpr int kMoreTries = 3;
  for (int tries = 0; code != SQLITE_OK && tries < kMoreTries; ++tries) {
    code = methods.xShmLock(real(handle), offset, count, flags);
  }
  if (code != SQLITE_OK) of(handle).unlocks.push_back({offset, count, flags});
  return code;
}

// Version 2: pages are always read, never mapped past the check.
constexpr sqlite3_io_methods kData{2,
                                   close,
                                   read_data,
                                   write_data,
                                   truncate,
                                   sync,
                                   file_size,
                                   lock,
                                   unlock,
                                   check_reserved_lock,
                                   control,
                                   sector_size,
                                   device_characteristics,
                                   shm_map,
                                   shm_lock,
                                   shm_barrier,
                                   shm_unmap,
                                   nullptr,
                                   nullptr};
constexpr sqlite3_io_methods kLog{1,
                                  close_log,
                                  read_log,
                                  write_log,
                                  truncate_log,
                                  sync_log,
                                  log_size,
                                  lock,
                                  unlock,
                                  check_reserved_lock,
                                  control_log,
                                  sector_size,
                                  device_characteristics,
                                  nullptr,
                                  nullptr,
                                  nullptr,
                                  nullptr,
                                  nullptr,
                                  nullptr};

int open(sqlite3_vfs*, const char* name, sqlite3_file* handle, int flags, int* out_flags) {
  auto* system = sqlite3_vfs_find(nullptr);
  const bool is_data = flags & SQLITE_OPEN_MAIN_DB, is_log = flags & SQLITE_OPEN_WAL;
  if (!is_data && !is_log) return system->xOpen(system, name, handle, flags, out_flags);
  auto* file = new (handle) CheckedFile{};
  file->base.pMethods = nullptr;
  const int code = system->xOpen(system, name, real(handle), flags, out_flags);
  if (code != SQLITE_OK && !real(handle)->pMethods) return code;
  if (is_log) file->data = &of(sqlite3_database_file_object(name)), file->data->log = file;
  file->base.pMethods = is_log ? &kLog : &kData;
  return code;
}

}  // namespace

const char* checked_files() {
  static sqlite3_vfs checked = [] {
    auto vfs = *sqlite3_vfs_find(nullptr);
    vfs.zName = kName;
    vfs.pNext = nullptr;
    vfs.szOsFile += static_cast<int>(sizeof(CheckedFile));
    vfs.xOpen = open;
    return vfs;
  }();
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_vfs_register(&checked, 0); });
  return kName;
}

void watch_files(sqlite3* connection, FileWatch& watch) {
  sqlite3_file_control(connection, "main", kWatchFiles, &watch);
}

void stamp_all_pages(sqlite3* connection) {
  sqlite3_file_control(connection, "main", kStampPages, nullptr);
}

}  // namespace exposee::store
