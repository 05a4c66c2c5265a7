# The rules of tools/check-tree. Plain POSIX awk, so that it runs on a bare Debian.

# Arrows: the rooms that a room may include, besides itself. "x/y.h" names one header of a room. A room that is
# missing here is a fault: new rooms are placed on purpose.
function arrows() {
  sees["core"] = ""
  sees["embedded"] = ""
  sees["json"] = "core"
  sees["http"] = "core"
  sees["ports"] = "core http"
  sees["observe"] = "core ports"
  sees["engine"] = "core ports"
  sees["store/sqlite"] = "core ports"
  sees["net"] = "core http ports"
  sees["users"] = "core json ports engine/commands.h"
  sees["api"] = "core json http ports users observe embedded engine/commands.h engine/target.h"  # ping sends as deliveries do
  sees["cli"] = "core json"
  sees["app"] = "cli core json http ports observe engine store/sqlite net users api embedded"
}

# Places: what may appear only in some files, and where. Unit tests are free of these, not of the arrows.
function places() {
  place("SQL", "sqlite3|\"(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE (TABLE|INDEX)|PRAGMA|BEGIN) ", "store/sqlite/")
  place("JSON", "boost/json|boost::json|simdjson", "json/ api/")
  place("HTTP bytes", "llhttp", "http/")
  place("libcurl", "<curl/", "cli/client/curl_library")
  place("ICU", "<unicode/", "core/url/icu_library")
  place("loading a library", "dlopen", "cli/client/curl_library core/url/icu_library")
  place("checksums", "<xxhash\\.h>", "store/sqlite/file/checksum")
  place("compression", "<zlib\\.h>", "http/content_coding")
  place("a socket", "boost/asio|<ares\\.h>|<sys/socket\\.h>|<sys/epoll\\.h>|<sys/eventfd\\.h>", "net/ app/")
  place("a clock", "(system|steady|high_resolution)_clock::now|clock_gettime|gettimeofday|[^a-z_]time\\((nullptr|NULL|0)\\)", "net/ app/")
  place("randomness", "RAND_bytes|random_device|mt19937|<random>|getrandom|[^a-z_]s?rand\\(", "app/")
  place("cryptography", "openssl/", "core/signature core/digest net/dial/tls net/dial/test_tls app/")
  place("settings", "getenv|secure_getenv|toml\\+\\+|toml::", "app/settings")
  place("printing", "std::(cout|cerr|clog)|[^a-z_n]printf\\(|fprintf\\(|[^a-z_]puts\\(", "app/ core/assert.cc")
  place("threads", "std::j?thread|std::async|pthread_create", "app/run/node app/run/backlog_thread app/log/log_queue app/run/start_check net/loop/loop api/wire/read_pool store/sqlite/log/log_keeper")
  # Handlers see what their caller may: a view.
  place("the whole registry", "Registry(Source|Snapshot)", "engine/ api/access/registry_view api/api.h")
  place("sleeping", "sleep_for|sleep_until|usleep\\(|nanosleep\\(", "nowhere")
}
function place(what, pattern, where) { place_of[what] = pattern; allowed[what] = where }

BEGIN {
  arrows()
  places()
  longest = 450  # lines; a longer file is more than one thing
  most_members = 15  # of a class of the engine: a larger one is several
  most_names = 24  # of a folder of src: a header, its source and its test are one; a longer list is searched, not read
  # Put together here, or this file and its test would be faults themselves.
  marks = "TO" "DO|FIX" "ME|X" "XX:|HA" "CK:"
  machine = "(^|[^A-Za-z0-9_.~/-])/(ro" "ot|ho" "me|wo" "rk)/"
  registry = "\"resolved\": *\"ht" "tps?:"
  skips = "GTEST_" "SKIP|DISABLED" "_|\\.(sk" "ip|on" "ly|to" "do)\\(|sk" "ip: *true|\"on" "ly\": *true"
}

function fault(line, what) { print FILENAME ":" line ": " what }
function within(list, path,   n, i, parts) {
  n = split(list, parts, " ")
  for (i = 1; i <= n; i++) if (index(path, parts[i]) == 1) return 1
  return 0
}
# "store/sqlite/x.cc" -> "store/sqlite"; "core/x.cc" -> "core"
function room_of(path,   parts) {
  split(path, parts, "/")
  return parts[1] == "store" ? parts[1] "/" parts[2] : parts[1]
}
function exists(path,   line, there) {
  there = (getline line < path) >= 0
  close(path)
  return there
}

function check_include(   target) {
  target = $0
  sub(/^[^"]*"/, "", target)
  sub(/".*$/, "", target)
  if (is_test && target ~ /^(fakes|fuzz)\//) return
  if (target !~ /\//) { fault(FNR, "include \"" target "\" must be written from src/, with its room"); return }
  if (!exists("src/" target)) { fault(FNR, "include \"" target "\" names no file"); return }
  if (room_of(target) == room) return
  if (index(" " sees[room] " ", " " room_of(target) " ") || index(" " sees[room] " ", " " target " ")) return
  fault(FNR, "room " room " must not see " target)
}

function note_name(file,   folder, name) {
  folder = file
  sub(/\/[^\/]*$/, "", folder)
  name = substr(file, length(folder) + 2)
  sub(/(_test)?\.(cc|cpp|h)$/, "", name)
  if (!((folder, name) in names)) ++names_in[folder]
  names[folder, name] = 1
}
function check_folders(   folder) {
  for (folder in names_in)
    if (names_in[folder] > most_names) print folder ":1: " names_in[folder] " names in one folder: divide it by what one looks for"
}

function check_code(   code, what) {
  code = $0
  sub(/(^|[ \t])\/\/.*$/, "", code)
  for (what in place_of)
    if (code ~ place_of[what] && !within(allowed[what], path)) fault(FNR, what " has its place in " allowed[what])
}

# Data members end with an underscore and stand on lines of their own, one step in; what is further in is a body's.
function count_members(   line) {
  if ($0 ~ /^class [A-Za-z0-9]+( final)?( :|  *\{|$)/) { class = $2; class_at = FNR; members = 0 }
  if (class == "") return
  if ($0 ~ /^  [^ \/].*_( = .*|\{.*|\[.*)?;/ && $0 !~ /\) (const |override |noexcept )*\{|^  (using|friend|return) /) {
    line = $0
    sub(/\/\/.*/, "", line)
    members += gsub(/[a-z0-9]_( = [^,;]*|\{[^;]*\}|\[[^;]*\])?[,;]/, "&", line)
  }
  if ($0 !~ /^};/) return
  if (members > most_members) fault(class_at, class " has " members " data members: which of them are one thing?")
  class = ""
}

function finish_file() {
  if (last == "") return
  if (last_lines > longest && last ~ /\.(cc|cpp|h|c|js|mjs|css|html|sh|awk|cmake|toml)$/)
    print last ":" last_lines ": longer than " longest " lines: is it still one thing?"
  if (last ~ /\.h$/ && !once) print last ":1: a header needs #pragma once"
}

FNR == 1 {
  finish_file()
  last = FILENAME
  once = 0
  class = ""
  in_src = FILENAME ~ /^src\/.*\.(cc|cpp|h)$/
  path = substr(FILENAME, 5)
  room = room_of(path)
  if (in_src) note_name(FILENAME)
  is_test = FILENAME ~ /_test\.(cc|h)$/
  if (in_src && !(room in sees)) fault(1, "room " room " has no arrows in tools/check-tree.awk")
  if (FILENAME ~ /\.h$/ && $0 !~ /^\/\/ [^ ]/) fault(1, "a header opens with a paragraph that says what it is for")
}
{ last_lines = FNR }
/^#pragma once/ { once = 1 }
in_src && /^[ \t]*#[ \t]*include[ \t]*"/ { check_include() }
in_src && !is_test { check_code() }
in_src && room == "engine" && /^class |^  |^};/ { count_members() }
$0 ~ marks { fault(FNR, "unfinished: finish it or write an issue") }
$0 ~ machine { fault(FNR, "a path of one machine") }
$0 ~ registry { fault(FNR, "a lock names a registry's host (omit-lockfile-registry-resolved)") }
FILENAME ~ /(_test\.cc|\.mjs)$|^tests\/.*\.cc$/ && $0 ~ skips { fault(FNR, "a test that is not run is not a test") }
END { finish_file(); check_folders() }
