# Cases of tools/run-check: what ./run says, before it installs or builds anything, when something is in the way.
# shellcheck shell=sh

script_port_taken() {  # a port that is in use is said at once, with the option that helps
  mkfifo "$top/port"
  perl -MIO::Socket::INET -e '$| = 1; my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1");
    open(my $out, ">", $ARGV[0]); print $out $s->sockport, "\n"; close $out; sleep 60' "$top/port" &
  listener=$!
  trap 'kill $listener; chmod -R u+w "$top"; rm -rf "$top"' EXIT
  read -r port <"$top/port"
  for words in "--listen 127.0.0.1:$port" "-l127.0.0.1:$port" "--listen=0.0.0.0:$port" "-l 127.0.0.1:0 -l localhost:$port"; do
    # shellcheck disable=SC2086
    start $words
    expect_status 1
    expect_said ":$port is in use by another program"
    expect_said './run --listen '
    expect_one_line
    expect_nothing_done
  done
  printf '[server]\nlisten = ["127.0.0.1:%s", "[::1]:0"]\n' "$port" >"$top/elsewhere/x.toml"
  start --config x.toml
  expect_said "127.0.0.1:$port is in use"
  EXPOSEE_SERVER_LISTEN=127.0.0.1:$port
  export EXPOSEE_SERVER_LISTEN
  start
  expect_said "127.0.0.1:$port is in use"
  start --listen 127.0.0.1:0
  expect_status 0
}

script_old_node() {  # a Node that is too old is named with its path, and the way out
  mkdir "$top/nvm"
  printf '#!/bin/sh\necho v16.20.2\n' >"$top/nvm/node"
  chmod 755 "$top/nvm/node"
  PATH=$top/nvm:$PATH start
  expect_status 1
  expect_said "$top/nvm/node is v16.20.2, and Node 18 or newer is needed"
  expect_said 'PATH'
  expect_one_line
  expect_nothing_done
}

script_node_that_moved() {  # a version manager's Node that is gone later is not remembered
  mkdir "$top/nvm"
  for name in node npm; do printf '#!/bin/sh\necho v22.1.0\n' >"$top/nvm/$name"; chmod 755 "$top/nvm/$name"; done
  PATH=$top/nvm:$PATH start
  grep -q "^NODE_PROGRAM:STRING=$top/nvm/node" "$here/build/CMakeCache.txt" || fail 'the first Node in PATH'
  rm -r "$top/nvm"
  start
  expect_status 0
  grep -q "^NODE_PROGRAM:STRING=$bin/node" "$here/build/CMakeCache.txt" || fail 'the Node that is left'
  ! grep -rn 'NPM_PROGRAM' "$tree/cmake" "$tree/CMakeLists.txt" || fail 'npm is remembered'
}

script_folders_of_root() {  # a tree that a sudo once left its files in is said, with the command that gives it back
  start
  chmod a-w "$here/build/CMakeCache.txt"
  start
  expect_status 1
  expect_said "build/CMakeCache.txt cannot be written"
  expect_said "sudo chown -R"
  expect_one_line
  rm -rf "$here/build"
  mkdir "$here/exposee-data"
  chmod a-w "$here/exposee-data"
  start
  expect_status 1
  expect_said 'exposee-data cannot be written'
}

script_root_in_a_users_tree() {  # sudo ./run is refused, for the files would be root's; another root is told
  [ "$(id -u)" = 0 ] || return 0  # what cannot happen to somebody who is not root
  as_user() { "$@"; }
  SUDO_UID=$somebody
  export SUDO_UID
  start
  expect_status 1
  expect_said 'start ./run without sudo'
  expect_one_line
  expect_nothing_done
  unset SUDO_UID
  start
  expect_status 0
  expect_said "to give it back: chown -R $somebody '$here'"
}

script_read_only_tree() {  # a tree that cannot be written is said in one sentence
  chmod a-w "$here"
  start
  expect_status 1
  expect_said 'cannot be written; copy it to a folder of yours'
  expect_one_line
  expect_nothing_done
}

# on ID VERSION_ID NAME: another system than Debian 12, with nothing installed.
on() {
  printf 'ID=%s\nVERSION_ID="%s"\nPRETTY_NAME="%s"\n' "$1" "$2" "$3" >"$top/os-release"
  echo 'exit 1' | stand_in dpkg-query
}

script_old_systems() {  # what is too old is refused before anything is downloaded, with the way out
  for row in 'debian 11 Debian-11' 'ubuntu 22.04 Ubuntu-22.04' 'ubuntu 23.10 Ubuntu-23.10'; do
    # shellcheck disable=SC2086
    on $row
    start
    expect_status 1
    expect_said 'is too old'
    expect_said 'Debian 12 or Ubuntu 24.04, or newer ones'
    expect_one_line
    expect_nothing_done
  done
}

script_other_systems() {  # without apt-get: the packages to look for, and how to build then
  on fedora 40 'Fedora Linux 40'
  rm "$bin/apt-get" "$bin/dpkg-query"
  sed -i 's/^have() { .*/have() { case $1 in apt-get|dpkg-query) return 1 ;; esac; command -v "$1" >\/dev\/null; }/' "$here/tools/setup.sh"
  start
  expect_status 1
  expect_said 'Fedora Linux 40 has another package manager'
  expect_said 'libsimdjson-dev'
  expect_said 'ninja -C build exposee && build/exposee serve'
  expect_nothing_done
}

# boost_of LLHTTP DEFAULT VERSIONED...: what the archive offers, of both. Then the start, which ends where stand-ins install nothing.
boost_of() {
  llhttp=$1
  default=$2
  shift 2
  printf 'case $* in "policy libllhttp-dev") echo "  Candidate: %s" ;; policy*) echo "  Candidate: %s" ;; pkgnames*) printf "%%s\\n" %s ;; esac\n' "$llhttp" "$default" \
    "$(printf 'libboost-url%s-dev ' "$@")" | stand_in apt-cache
  printf 'exec "$@"\n' | stand_in sudo
  echo 'exit 0' | stand_in apt-get
  : >"$calls"
  start
}

script_packages() {  # the archive's own Boost where it is 1.81 or newer, else the newest beside it; llhttp's library or sources
  on debian 12 'Debian 12'
  boost_of '(none)' '(none)' 1.81
  expect_called 'apt-get .*install .*libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev'
  expect_called 'apt-get .*install .*node-llhttp'
  on debian 13 'Debian 13'
  boost_of 9.2.1-1 1.83.0.2+b2 1.83
  expect_called 'apt-get .*install .*libboost-dev libboost-json-dev libboost-url-dev'
  expect_called 'apt-get .*install .*libllhttp-dev'
  expect_not_called 'install .*node-llhttp'
  on ubuntu 24.04 'Ubuntu 24.04'
  boost_of '(none)' 1.83.0.1ubuntu2 1.83
  expect_called 'apt-get .*install .*libboost-dev libboost-json-dev libboost-url-dev'
  on linuxmint 22 'Linux Mint 22'
  boost_of '(none)' 1.79.0 1.79 1.82 1.80
  expect_called 'apt-get .*install .*libboost-url1.82-dev'
  boost_of '(none)' 1.79.0 1.79
  expect_status 1
  expect_said 'has no Boost 1.81 or newer'
}

script_browser_on_ubuntu() {  # ./test says that Ubuntu has its browser as a snap only, before it installs anything
  on ubuntu 24.04 'Ubuntu 24.04'
  sed -i "s|^browsers=.*|browsers=$top/none|" "$here/tools/setup.sh"
  boost_of '(none)' 1.83.0.1ubuntu2 1.83
  : >"$calls"
  status=0
  said=$(cd "$here" && as_user sh tools/setup.sh test 2>&1) || status=$?
  expect_status 1
  expect_said 'Ubuntu has Chromium as a snap only'
  expect_said './run needs none'
  expect_not_called 'apt-get .*install'
}

script_boost_that_is_there() {  # any Boost from 1.81 on that is installed is taken as it is
  stand_in dpkg-query <<'X'
case $3 in *Version*) echo 'installed 1.90.0-1'; exit ;; esac
shift 3
for name in "$@"; do case $name in *1.81*) ;; *) echo "$name installed" ;; esac; done
X
  start
  expect_status 0
  expect_not_called 'apt-get'
}

script_no_sudo() {  # without root and sudo: the one command that root has to run
  [ "$(id -u)" != 0 ] || [ -x /usr/bin/setpriv ] || return 0
  echo 'exit 1' | stand_in dpkg-query
  rm "$bin/sudo"
  sed -i 's/^have() { .*/have() { [ "$1" != sudo ] \&\& command -v "$1" >\/dev\/null; }/' "$here/tools/setup.sh"
  start
  expect_status 1
  expect_said 'as root, in this folder: sh tools/setup.sh run'
  expect_one_line
  expect_nothing_done
}
