// Many rows into one table with few statements: VALUES lists of 32, 8 and 1 rows, prepared once: cheaper than
// one row at a time. Part of the writer's connection; its thread.
#pragma once

#include <array>
#include <cstddef>
#include <string>

#include "store/sqlite/database.h"

namespace exposee::store {

// Places the values of one row, from left to right. What is not placed stays NULL.
class RowBinder {
 public:
  RowBinder(Query& query, int before) : query_(query), at_(before) {}

  template <class T>
  RowBinder& value(const T& value) {
    query_.bind(++at_, value);
    return *this;
  }
  // Zero and empty are stored as NULL, which costs neither a binding nor a byte.
  RowBinder& rare(std::int64_t value) {
    ++at_;
    if (value != 0) query_.bind(at_, value);
    return *this;
  }
  RowBinder& rare(std::string_view text) {
    ++at_;
    if (!text.empty()) query_.bind(at_, text);
    return *this;
  }
  RowBinder& rare(Blob blob) {
    ++at_;
    if (!blob.bytes.empty()) query_.bind(at_, blob);
    return *this;
  }

 private:
  Query& query_;
  int at_;
};

class BulkInsert {
 public:
  static constexpr std::size_t kMostRows = 32;  // of one statement

  // Whether every value of every row is placed: then nothing is cleared between two runs, a fiftieth of a row's work.
  enum class Rows : std::uint8_t { whole, with_gaps };

  // `head`: "INSERT INTO t VALUES"; `tail`: what follows the rows, e.g. an ON CONFLICT clause.
  BulkInsert(Database& db, std::string head, int columns, Rows rows, std::string tail = {})
      : db_(db), head_(std::move(head)), tail_(std::move(tail)), columns_(columns), rows_(rows) {}

  // bind(RowBinder, i) places row i; what it binds must live until insert() returns.
  template <class Bind>
  Result<void> insert(std::size_t count, Bind&& bind) {
    for (std::size_t done = 0; done < count;) {
      const std::size_t size = size_for(count - done);
      auto query = db_.prepared(statement(size));
      if (rows_ == Rows::whole) query.keep_bindings();
      for (std::size_t row = 0; row < kSizes[size]; ++row) {
        bind(RowBinder(query, static_cast<int>(row) * columns_), done + row);
      }
      EXPOSEE_TRY(query.run());
      done += kSizes[size];
    }
    return {};
  }

 private:
  static constexpr std::array<std::size_t, 3> kSizes{kMostRows, 8, 1};  // rows a statement

  static std::size_t size_for(std::size_t left);
  sqlite3_stmt* statement(std::size_t size);

  Database& db_;
  std::string head_, tail_;
  int columns_;
  Rows rows_;
  std::array<sqlite3_stmt*, kSizes.size()> statements_{};
};

}  // namespace exposee::store
