#!/bin/sh
# tools/setup.sh run|test|lint: installs what the named task needs and this machine lacks, from Debian's archive.
# When nothing is missing it changes nothing, needs no root, and is done in a blink.
set -eu

build_packages='g++ cmake ninja-build ccache mold pkg-config ca-certificates
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libssl-dev libsimdjson-dev libsqlite3-dev node-llhttp
  libc-ares-dev libidn2-dev libunistring-dev libfmt-dev libtomlplusplus-dev libcli11-dev libjemalloc-dev'
test_packages='libgtest-dev libgmock-dev chromium curl strace sqlite3 openssl python3-venv golang-go'
lint_packages='clang-tidy-19 clang-format-19'
node_at_least=18  # what Debian 12 ships and what the packages of tests/e2e accept

say() { printf '%s\n' "$*" >&2; }
fail() { say "setup: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# The packages of the task that dpkg does not know as installed, one a line.
missing_packages() {
  dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
    awk -v wanted="$*" '$2 == "installed" { have[$1] } END {
      n = split(wanted, names, " "); for (i = 1; i <= n; i++) if (!(names[i] in have)) print names[i] }'
  # Node may have come from elsewhere, with its own npm: the commands count, not the packages.
  have node || echo nodejs
  have npm || echo npm
}

as_root() {
  if [ "$(id -u)" = 0 ]; then env DEBIAN_FRONTEND=noninteractive "$@"
  else sudo env DEBIAN_FRONTEND=noninteractive "$@"; fi
}

apt() { as_root apt-get -qq -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@" </dev/null; }

install_packages() {
  [ "$(id -u)" = 0 ] || have sudo || fail "needs root to install packages; as root: apt-get install --no-install-recommends $*"
  say "Installing $# packages from Debian's archive, once (a few minutes): $*"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  apt update >"$log" 2>&1 || say "setup: apt-get update complained; going on with the lists that are here"
  if ! apt install -y --no-install-recommends "$@" >>"$log" 2>&1; then
    tail -n 30 "$log" >&2
    fail "apt-get could not install: $*"
  fi
}

task=${1:-}
case $task in
  run) packages=$build_packages ;;
  test) packages="$build_packages $test_packages" ;;
  lint) packages="$build_packages $test_packages $lint_packages" ;;
  *) say "usage: tools/setup.sh run|test|lint"; exit 2 ;;
esac
if ! have dpkg-query || ! have apt-get; then
  fail "knows Debian 12 and its apt-get only; the packages to look for elsewhere: $(echo $packages nodejs npm)"
fi

# shellcheck disable=SC2086  # a list of names, divided by blanks on purpose
missing=$(missing_packages $packages)
# shellcheck disable=SC2086
[ -z "$missing" ] || install_packages $missing

node_version=$(node --version) && node_major=${node_version#v} && node_major=${node_major%%.*}
[ "$node_major" -ge "$node_at_least" ] || fail "node is $node_version, needed is $node_at_least or newer"
