# Cases of tools/run-check: what ./run does with the environment, the folders and the build it meets. Stand-ins write down
# how they were called; the folder has a blank in its name, so that every case also proves that.
# shellcheck shell=sh

somebody=61234  # a user that no machine has

script_setup() {
  top=$(mktemp -d "${TMPDIR:-/tmp}/run-check.XXXXXX")
  trap 'chmod -R u+w "$top"; rm -rf "$top"' EXIT
  chmod 755 "$top"
  here="$top/a tree"
  bin=$top/bin
  calls=$top/calls  # one line a call of a stand-in
  mkdir "$here" "$bin" "$top/home" "$top/elsewhere"
  : >"$calls"
  cp -R "$tree/run" "$tree/test" "$tree/tools" "$here"
  # The system's programs are the stand-ins, and those that every system has.
  sed -i "s|^system_path=.*|system_path=$bin:/usr/bin:/bin|" "$here/tools/environment.sh"
  echo : >"$top/llhttp.c"
  sed -i "s|^llhttp_source=.*|llhttp_source=$top/llhttp.c|" "$here/tools/setup.sh"
  sed -i "s|^os_release=.*|os_release=$top/os-release|" "$here/tools/setup.sh"
  printf 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n' >"$top/os-release"
  stand_ins
  PATH=$bin:/usr/sbin:/usr/bin:/sbin:/bin
  HOME=$top/home
  export PATH HOME
  unset SUDO_UID CCACHE_DIR TMPDIR EXPOSEE_CONFIG EXPOSEE_SERVER_LISTEN EXPOSEE_STORAGE_PATH
  [ "$(id -u)" != 0 ] || chown -R $somebody "$top"
}

# stand_in NAME: a program whose text is standard input; it writes down its name and words.
stand_in() {
  { printf '#!/bin/sh\nprintf "%%s\\n" "%s $*" >>"%s"\n' "$1" "$calls"; cat; } >"$bin/$1"
  chmod 755 "$bin/$1"
}

stand_ins() {
  for name in g++ gcc; do echo 'echo "12 __clang__"' | stand_in $name; done
  echo 'echo "$HOME/.cache/ccache"' | stand_in ccache
  echo 'echo v18.20.4' | stand_in node
  echo 'exit 0' | stand_in npm
  echo 'exit 9' | stand_in sudo
  echo 'exit 9' | stand_in apt-get
  echo 'exit 9' | stand_in apt-cache
  # Every package is installed, Boost in the version of Debian 12.
  stand_in dpkg-query <<'X'
case $3 in *Version*) echo 'installed 1.81.0-5'; exit ;; esac
shift 3
for name in "$@"; do echo "$name installed"; done
X
  stand_in cmake <<'X'
for word in "$@"; do
  case $word in -D*) word=${word#-D}; printf '%s:STRING=%s\n' "${word%%=*}" "${word#*=}" ;; esac
done >cache
printf 'CMAKE_HOME_DIRECTORY:INTERNAL=%s\n' "$PWD" >>cache
while [ "$1" != -B ]; do shift; done
mkdir -p "$2" && mv cache "$2/CMakeCache.txt" && : >"$2/build.ninja"
env >"$2/environment"
X
  stand_in ninja <<'X'
printf '#!/bin/sh\nprintf "exposee"\nprintf " <%%s>" "$@"\necho\nenv | grep ^EXPOSEE_ || true\n' >"$2/exposee"
chmod 755 "$2/exposee"
env >"$2/environment-of-ninja"
X
}

# As a user: root may write anywhere, and would prove nothing.
as_user() {
  if [ "$(id -u)" = 0 ]; then setpriv --reuid=$somebody --clear-groups "$@"; else "$@"; fi
}

# start [WORDS]: ./run as that user, from another folder; $said is what it printed, $status how it ended.
start() {
  status=0
  said=$(cd "$top/elsewhere" && as_user sh -c 'umask 022; exec "$@"' sh "$here/run" "$@" 2>&1) || status=$?
}

fail() { printf '  %s\n' "$*" "--- said, with status ${status:-?}:" "${said:-}" '--- calls:' >&2; sed 's/^/  /' "$calls" >&2; exit 1; }
expect_status() { [ "$status" = "$1" ] || fail "ended with $status, not $1"; }
expect_said() { case $said in *"$1"*) ;; *) fail "did not say: $1" ;; esac; }
expect_one_line() { [ "$(printf '%s\n' "$said" | wc -l)" = 1 ] || fail 'said more than one line'; }
expect_called() { grep -q -e "$1" "$calls" || fail "did not call: $1"; }
expect_not_called() { ! grep -q -e "$1" "$calls" || fail "called: $1"; }
expect_nothing_done() { expect_not_called '^\(cmake\|ninja\|apt-get\|sudo\)'; }

script_builds_only_what_runs() {  # the program alone is built, no test, with the packages that are there
  start --listen 127.0.0.1:0
  expect_status 0
  expect_said "exposee <serve> <--listen> <127.0.0.1:0>"
  expect_called '^ninja -C build -j [0-9]* exposee$'
  expect_not_called 'EXPOSEE_TESTS'
  expect_not_called '^\(apt-get\|sudo\)'
  # And CMake by itself asks for no GoogleTest: here with the real one, which only looks.
  env -i PATH=/usr/bin:/bin HOME="$HOME" cmake -S "$tree" -B "$top/configured" -G Ninja -DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON >"$top/log" 2>&1 ||
    fail "a configuration without GoogleTest: $(cat "$top/log")"
}

script_second_start() {  # with everything built, neither CMake nor a package manager is called again
  start
  : >"$calls"
  start
  expect_status 0
  expect_not_called '^\(cmake\|apt-get\|sudo\)'
}

script_environment() {  # compilers, flags and prefixes of a shell do not reach the build
  stranger=$top/conda/bin
  mkdir -p "$stranger"
  for name in cmake ninja g++ c++ ccache pkg-config; do printf '#!/bin/sh\nexit 66\n' >"$stranger/$name"; chmod 755 "$stranger/$name"; done
  PATH=$stranger:$PATH
  for name in CC CXX CPP CFLAGS CXXFLAGS CPPFLAGS LDFLAGS CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH LIBRARY_PATH LD_LIBRARY_PATH \
    COMPILER_PATH GCC_EXEC_PREFIX PKG_CONFIG_PATH PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR CMAKE_PREFIX_PATH CMAKE_GENERATOR \
    CMAKE_TOOLCHAIN_FILE CMAKE_BUILD_TYPE CMAKE_CXX_COMPILER_LAUNCHER CMAKE_INCLUDE_PATH Boost_ROOT BOOST_ROOT fmt_DIR \
    OPENSSL_ROOT_DIR CONDA_PREFIX CCACHE_COMPILER CCACHE_PREFIX MAKEFLAGS CONDA_BUILD_SYSROOT; do
    export "$name=/of/another/project"
  done
  # The loader's own is for this shell's programs, too.
  unset LD_LIBRARY_PATH
  start
  expect_status 0
  for file in environment environment-of-ninja; do
    ! grep '/of/another/project' "$here/build/$file" >&2 || fail "these reached it ($file)"
  done
  expect_called "^cmake .*-DCMAKE_CXX_COMPILER=$bin/g++"
  expect_called "^cmake .*-DCMAKE_IGNORE_PREFIX_PATH=/usr/local;/opt"
}

script_compiler_on_purpose() {  # an option names another compiler, in a folder of its own, and stays
  (cd "$top/elsewhere" && as_user "$here/tools/build" build/clang -DCMAKE_CXX_COMPILER=/x/clang++ -DCMAKE_C_COMPILER=/x/clang exposee)
  expect_called '^cmake .*-B build/clang .*-DCMAKE_CXX_COMPILER=/x/clang++'
  expect_not_called "CMAKE_CXX_COMPILER=$bin"
}

script_system_compiler() {  # where g++ is an old GCC or clang, a numbered one is taken; where none is, that is said
  echo 'echo "4 1"' | stand_in g++
  echo 'echo "11 __clang__"' | stand_in gcc
  for name in g++-12 gcc-13; do echo 'echo "13 __clang__"' | stand_in $name; done
  sed -i "s|^system_path=.*|system_path=$bin:$top/basics|" "$here/tools/environment.sh"
  mkdir "$top/basics"
  for name in sh env sed grep mkdir mktemp rm mv cat awk nproc dirname chmod date cp cmp; do ln -s "$(command -v $name)" "$top/basics"; done
  start
  expect_status 0
  expect_called "^cmake .*-DCMAKE_CXX_COMPILER=$bin/g++-12"
  expect_called "^cmake .*-DCMAKE_C_COMPILER=$bin/gcc-13"
  rm "$bin/g++-12"
  start
  expect_status 1
  expect_said 'needs GCC 12 or newer'
}

script_foreign_build() {  # another build left in build/ (Debug, a sanitizer, another compiler or flags, an IDE's) is not served
  start
  for left in CMAKE_BUILD_TYPE:STRING=Debug EXPOSEE_SANITIZE:STRING=address CMAKE_CXX_COMPILER:FILEPATH=/usr/bin/clang++ \
    CMAKE_CXX_FLAGS:STRING=-O0 CMAKE_HOME_DIRECTORY:INTERNAL=/another/checkout; do
    sed -i "s|^${left%%:*}:.*|$left|" "$here/build/CMakeCache.txt"
    : >"$calls"
    start
    expect_status 0
    expect_called '^cmake .*-DCMAKE_BUILD_TYPE=RelWithDebInfo'
    ! grep -qF "$left" "$here/build/CMakeCache.txt" || fail "$left stayed"
  done
  mv "$here/build/build.ninja" "$here/build/Makefile"
  : >"$calls"
  start
  expect_called '^cmake '
}

script_relative_paths() {  # a relative path in an option or a variable begins where the caller is
  start --data d --config=x.toml
  expect_said "<--data> <$top/elsewhere/d> <--config=$top/elsewhere/x.toml>"
  start -d "two words" -c/etc/x.toml -l 127.0.0.1:0
  expect_said "<-d> <$top/elsewhere/two words> <-c/etc/x.toml> <-l> <127.0.0.1:0>"
  start -dsub/d --data=/absolute --listen d
  expect_said "<-d$top/elsewhere/sub/d> <--data=/absolute> <--listen> <d>"
  export EXPOSEE_CONFIG=x.toml EXPOSEE_STORAGE_PATH=/absolute EXPOSEE_SECURITY_EXTRA_CA_FILE=ca.pem
  start
  expect_said "EXPOSEE_CONFIG=$top/elsewhere/x.toml"
  expect_said 'EXPOSEE_STORAGE_PATH=/absolute'
  expect_said "EXPOSEE_SECURITY_EXTRA_CA_FILE=$top/elsewhere/ca.pem"
}

script_caches() {  # where HOME, the compiler's or npm's cache cannot be written, they lie below build/
  HOME=/proc/none
  start
  expect_status 0
  grep -qx "HOME=$here/build/cache/home" "$here/build/environment" || fail 'HOME'
  HOME=$top/home
  echo 'echo /proc/none/ccache' | stand_in ccache
  rm -r "$here/build"
  TMPDIR=/proc/none start
  expect_status 0
  grep -qx "CCACHE_DIR=$here/build/cache/ccache" "$here/build/environment" || fail 'CCACHE_DIR'
  grep -qx "TMPDIR=$here/build/cache/tmp" "$here/build/environment" || fail 'TMPDIR'
  mkdir "$top/web"
  echo '{}' >"$top/web/package-lock.json"
  stand_in npm <<'X'
case $1 in config) echo /proc/none/npm ;; ci) mkdir node_modules && echo "$npm_config_cache" >node_modules/cache ;; esac
X
  "$here/tools/npm-ci" "$top/web"
  [ "$(cat "$top/web/node_modules/cache")" = "$here/build/cache/npm" ] || fail "npm's cache"
}

script_jobs() {  # as many compilations at once as memory allows, one at least
  . "$here/tools/environment.sh"
  meminfo=$top/meminfo
  cgroup=$top
  nproc() { echo 8; }
  for row in '16777216 max 8' '3500000 max 3' '200000 max 1' '16777216 4294967296 4' '3500000 9223372036854771712 3'; do
    set -- $row
    printf 'MemTotal: 99999999 kB\nMemAvailable: %s kB\n' "$1" >"$meminfo"
    echo "$2" >"$top/memory.max"
    echo 0 >"$top/memory.current"
    [ "$(jobs_that_fit)" = "$3" ] || fail "$row: $(jobs_that_fit)"
  done
}

script_a_line_a_minute() {  # without a terminal a long build says where it is, once a minute, and what compilers say at once
  echo 0 >"$top/now"
  chmod 666 "$top/now"
  # A clock that goes on by half a minute whenever it is asked.
  stand_in date <<X
now=\$((\$(cat "$top/now") + 30)); echo \$now >"$top/now"; echo \$now
X
  said=$(for n in 1 2 3 4 5; do echo "[$n/5] Compiling"; [ $n != 2 ] || echo 'x.cc:1: warning: of a compiler'; done |
    "$here/tools/progress" 'Building in build' '\[[0-9]*/[0-9]*\]*')
  [ "$said" = 'x.cc:1: warning: of a compiler
Building in build, 1 min: [2/5] Compiling
Building in build, 2 min: [4/5] Compiling' ] || [ "$said" = 'Building in build, 1 min: [2/5] Compiling
x.cc:1: warning: of a compiler
Building in build, 2 min: [4/5] Compiling' ] || fail "$said"
  stand_in ninja <<'X'
echo '[1/9] Compiling'; echo 'FAILED: x.o'; exit 1
X
  start
  expect_status 1
  expect_said 'FAILED: x.o'
}
