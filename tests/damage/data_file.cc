#include "damage/data_file.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "api/v1/setting_json.h"
#include "damage/damaged_service.h"
#include "store/sqlite/file/checked_files.h"

namespace exposee::damage {
namespace {

using namespace std::chrono_literals;

std::string file_of(const std::string& directory) {
  return directory + "/" + store::kDataFileName;
}

// Gives the rows of the first column. `must`: nothing may go wrong.
std::vector<std::string> run(const std::string& directory, const std::string& sql, bool must = true) {
  sqlite3* db = nullptr;
  EXPECT_EQ(sqlite3_open_v2(file_of(directory).c_str(), &db, SQLITE_OPEN_READWRITE, store::checked_files()), SQLITE_OK);
  std::vector<std::string> rows;
  const auto keep = [](void* to, int, char** values, char**) {
    static_cast<std::vector<std::string>*>(to)->emplace_back(values[0] ? values[0] : "");
    return 0;
  };
  char* error = nullptr;
  sqlite3_exec(db, sql.c_str(), keep, &rows, &error);
  EXPECT_TRUE(!must || !error) << sql << ": " << error;
  sqlite3_free(error);
  sqlite3_close(db);
  return rows;
}

void must(const Got& got, int status, std::string_view what) {
  EXPECT_EQ(got.status, status) << what << ": " << got.body;
}

void register_endpoints(Service& service) {
  for (const std::string host : {"good", "fine", "down", "gone", "removed"}) {
    must(service.call("POST", "/webhook",
                      R"({"event":"user_registered","url":"http://)" + host + R"(.example/"})"),
         200, host);
  }
  must(service.call("POST", "/v1/event-types", R"({"name":"invoice.paid"})"), 201, "type");
  EndpointSettings all;
  for (const auto& setting : endpoint_settings()) set_example(setting, all);
  must(service.call("POST", "/v1/endpoints",
                    R"({"url":"http://paused.example/","events":["*"],)" +
                        api::setting_members(endpoint_settings(), all) + "}"),
       201, "paused");
}

}  // namespace

void populate(const std::string& directory) {
  Service service(directory);
  const auto started = service.start();
  ASSERT_FALSE(started) << started->message;
  register_endpoints(service);
  for (const std::string name : {"alice", "bob", "carol"}) {
    must(service.call("POST", "/users", R"({"username":")" + name + "\"}"), 200, name);
    service.clock.set_by(-1s);
  }
  must(service.call("POST", "/users/messages",
                    R"({"sender":"alice","recipient":"bob","subject":"s","message":"m"})"),
       200, "message");
  must(service.call("POST", "/v1/events", R"({"event":"invoice.paid","data":{"n":1}})", "key-1"), 202,
       "event");
  must(service.call("DELETE", "/webhook", R"({"event":"user_registered","url":"http://removed.example/"})"),
       204, "removed");
  must(service.call("POST", "/v1/event-types", R"({"name":"invoice.piad"})"), 201, "mistyped type");
  must(service.call("POST", "/v1/events", R"({"event":"invoice.piad","data":{"n":2}})"), 202, "its event");
  must(service.call("DELETE", "/v1/event-types/invoice.piad"), 204, "removed type");
  service.run(10s);
}

void copy_data(const std::string& from, const std::string& to) {
  std::filesystem::copy_file(file_of(from), file_of(to), std::filesystem::copy_options::overwrite_existing);
  for (const char* beside : {"-wal", "-shm"}) std::filesystem::remove(file_of(to) + beside);
}

std::vector<std::string> all_tables(const std::string& directory) {
  return run(directory, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
}

std::vector<Column> all_columns(const std::string& directory) {
  std::vector<Column> columns;
  for (const auto& table : all_tables(directory)) {
    const auto key =
        run(directory, "SELECT group_concat(name) FROM pragma_table_info('" + table + "') WHERE pk > 0")
            .front();
    for (auto& name : run(directory, "SELECT name FROM pragma_table_info('" + table + "')")) {
      columns.push_back({table, std::move(name), key});
    }
  }
  return columns;
}

namespace {

void loosen(const std::string& directory) {
  run(directory,
      "PRAGMA writable_schema = ON;"
      "UPDATE sqlite_schema SET sql = replace(replace(replace(sql, ') STRICT, WITHOUT', ') WITHOUT'),"
      " ') STRICT', ')'), ' NOT NULL', '') WHERE type = 'table';"
      "PRAGMA writable_schema = RESET;");
}

}  // namespace

void run_sql(const std::string& directory, const std::string& sql) {
  loosen(directory);
  run(directory, sql);
}

void try_sql(const std::string& directory, const std::string& sql) {
  loosen(directory);
  run(directory, sql, false);
}

std::uint64_t number_of(const std::string& directory, const std::string& sql) {
  return std::stoull(run(directory, sql).at(0));
}

std::vector<std::uint64_t> pages_of(const std::string& directory, const std::string& table) {
  std::vector<std::uint64_t> pages;
  for (const auto& page : run(directory, "SELECT pageno FROM dbstat WHERE name = '" + table +
                                             "' AND pagetype = 'leaf' ORDER BY path")) {
    pages.push_back(std::stoull(page));
  }
  return pages;
}

std::uint64_t file_bytes(const std::string& directory) {
  return std::filesystem::file_size(file_of(directory));
}

void flip_bit(const std::string& directory, std::uint64_t bit) {
  flip_bit_of(file_of(directory), bit);
}

void flip_bit_of(const std::string& path, std::uint64_t bit) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const auto at = static_cast<std::streamoff>(bit / 8);
  file.seekg(at);
  const auto byte = static_cast<char>(file.get() ^ (1 << (bit % 8)));
  file.seekp(at);
  file.put(byte);
}

}  // namespace exposee::damage
