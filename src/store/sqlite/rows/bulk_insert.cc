#include "store/sqlite/rows/bulk_insert.h"

namespace exposee::store {

std::size_t BulkInsert::size_for(std::size_t left) {
  std::size_t size = 0;
  while (kSizes[size] > left) ++size;
  return size;
}

sqlite3_stmt* BulkInsert::statement(std::size_t size) {
  if (statements_[size]) return statements_[size];
  std::string row = "(?";
  for (int column = 1; column < columns_; ++column) row += ",?";
  row += ')';
  std::string sql = head_ + ' ' + row;
  for (std::size_t i = 1; i < kSizes[size]; ++i) sql += ',' + row;
  return statements_[size] = db_.prepare(sql + ' ' + tail_);
}

}  // namespace exposee::store
