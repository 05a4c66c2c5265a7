# Every third-party library, found once. Why each is here: docs/decisions/.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS json url)
find_package(fmt REQUIRED)
pkg_check_modules(CARES REQUIRED IMPORTED_TARGET libcares)
pkg_check_modules(IDN2 REQUIRED IMPORTED_TARGET libidn2)
pkg_check_modules(SIMDJSON REQUIRED IMPORTED_TARGET simdjson)
find_library(UNISTRING_LIBRARY unistring REQUIRED)
# As archives: what is called a dozen times for each event is called without a detour, and the binary brings along the
# very SQLite that it was tested with.
find_library(SQLITE_LIBRARY libsqlite3.a REQUIRED)
find_library(JEMALLOC_LIBRARY libjemalloc.a REQUIRED)
if(EXPOSEE_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()

# llhttp: Node's HTTP parser, as C sources in Debian's node-llhttp.
add_library(llhttp STATIC /usr/share/llhttp/api.c /usr/share/llhttp/http.c /usr/share/llhttp/llhttp.c)
target_include_directories(llhttp SYSTEM PUBLIC /usr/share/include/llhttp)
target_compile_definitions(llhttp PUBLIC LLHTTP_STRICT_MODE=1)
target_compile_options(llhttp PRIVATE -w)
