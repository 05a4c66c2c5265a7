// A populated data directory, and hands that damage its file: in the place of a disk. Test code, one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fakes/test_directory.h"

namespace exposee::damage {

// Every table has rows, most of them of several kinds.
void populate(const std::string& directory);
void copy_data(const std::string& from, const std::string& to);

struct Column {
  std::string table, name;
  std::string key;  // columns of the table's primary key, divided by commas
};
std::vector<Column> all_columns(const std::string& directory);
std::vector<std::string> all_tables(const std::string& directory);

// Runs SQL on the file of a service that is not running, as if its tables took anything.
void run_sql(const std::string& directory, const std::string& sql);
// The same; what SQLite itself keeps from happening (a key that is not a number, one that is there twice) does
// not.
void try_sql(const std::string& directory, const std::string& sql);

// What a query for one number says.
std::uint64_t number_of(const std::string& directory, const std::string& sql);
// The pages, counted from 1, that hold the rows of the table, in their order.
std::vector<std::uint64_t> pages_of(const std::string& directory, const std::string& table);
std::uint64_t file_bytes(const std::string& directory);
void flip_bit(const std::string& directory, std::uint64_t bit);
void flip_bit_of(const std::string& file, std::uint64_t bit);

}  // namespace exposee::damage
