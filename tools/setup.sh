#!/bin/sh
# tools/setup.sh run|test|lint: installs what the named task needs and this machine lacks, from the distribution's archive.
# When nothing is missing it changes nothing, needs no root, and is done in a blink.
set -eu
cd "$(dirname "$0")/.."

os_release=/etc/os-release
build_packages='g++ cmake ninja-build ccache mold pkg-config ca-certificates libssl-dev libsimdjson-dev libsqlite3-dev
  libc-ares-dev libcurl4-openssl-dev libicu-dev libunistring-dev libfmt-dev libtomlplusplus-dev libcli11-dev
  libjemalloc-dev zlib1g-dev libxxhash-dev'
boost_parts='libboost%s-dev libboost-json%s-dev libboost-url%s-dev'  # %s: nothing, or a version such as 1.81
boost_at_least=1.81
llhttp_source=/usr/share/llhttp/llhttp.c
test_packages='libgtest-dev libgmock-dev curl strace sqlite3 openssl python3-venv golang-go zsh fish groff-base'
lint_packages='clang-tidy-19 clang-format-19'
promtool=tests/e2e/.cache/promtool  # out of the package prometheus, which as a whole would start a server
node_at_least=18  # what Debian 12 ships and what the packages of tests/e2e accept
browsers='/usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome'  # those that tests/e2e looks for

say() { printf '%s\n' "$*" >&2; }
fail() { say "setup: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
os() { sed -n "s/^$1=\"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" "$os_release" 2>/dev/null || true; }
this_system=$(os PRETTY_NAME)
this_system=${this_system:-this system}
at_least() { printf '%s\n%s\n' "$2" "$1" | sort -C -V; }
newer_system='Debian 12 or Ubuntu 24.04, or newer ones, have what it needs: use one of them, or a container of one'

# What can be known before anything is downloaded.
refuse_other_package_managers() {
  if ! have dpkg-query || ! have apt-get; then
    fail "installs with apt-get only, and $this_system has another package manager. Install what there corresponds to: $(
      echo $build_packages) libboost (json, url; $boost_at_least or newer) libllhttp nodejs npm. Then: cmake -S . -B build -G Ninja && ninja -C build exposee && build/exposee serve"
  fi
}
refuse_old_system() {
  case $(os ID) in
    debian) at_least "$(os VERSION_ID)" 12 || [ -z "$(os VERSION_ID)" ] ||  # testing has no number
      fail "$this_system is too old (GCC 12 and Boost $boost_at_least are missing there). $newer_system" ;;
    ubuntu) at_least "$(os VERSION_ID)" 24.04 ||
      fail "$this_system is too old (its Boost is older than $boost_at_least). $newer_system" ;;
  esac
}

# The packages that dpkg does not know as installed, one a line.
not_installed() {
  dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
    awk -v wanted="$*" '$2 == "installed" { have[$1] } END {
      n = split(wanted, names, " "); for (i = 1; i <= n; i++) if (!(names[i] in have)) print names[i] }'
}

# The headers of a Boost that is new enough, with both libraries; of which version is the archive's choice.
boost_is_installed() {
  for version in $(dpkg-query -W -f '${db:Status-Status} ${Version}\n' 'libboost-url1.*-dev' 2>/dev/null |
    sed -n 's/^installed \([0-9]*\.[0-9]*\).*/\1/p'); do
    # shellcheck disable=SC2046,SC2059
    at_least "$version" $boost_at_least && [ -z "$(not_installed $(printf "$boost_parts" "$version" "$version" "$version"))" ] &&
      return
  done
  return 1
}

# llhttp's C: sources in one package, or a library in another.
llhttp_is_installed() {
  [ -z "$(not_installed libllhttp-dev)" ] || { [ -z "$(not_installed node-llhttp)" ] && [ -f "$llhttp_source" ]; }
}
llhttp_package() { if has_candidate libllhttp-dev; then echo libllhttp-dev; else echo node-llhttp; fi; }

has_candidate() { apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [0-9]'; }

# Asked after apt-get update: the default Boost where it is new enough, else the newest that stands beside it.
boost_packages() {
  suffix=
  default=$(apt-cache policy libboost-url-dev 2>/dev/null | sed -n 's/^ *Candidate: \([0-9]*\.[0-9]*\).*/\1/p')
  if [ -z "$default" ] || ! at_least "$default" $boost_at_least; then
    suffix=$(apt-cache pkgnames libboost-url1. 2>/dev/null | sed -n 's/^libboost-url\(1\.[0-9]*\)-dev$/\1/p' | sort -V | tail -n 1)
    at_least "${suffix:-0}" $boost_at_least ||
      fail "the archive of $this_system has no Boost $boost_at_least or newer. $newer_system"
  fi
  # shellcheck disable=SC2059
  printf "$boost_parts" "$suffix" "$suffix" "$suffix"
}

# What apt-get is to install; `boost`, `llhttp` and `browser` stand for what is chosen once its lists are fresh.
missing_for() {
  # shellcheck disable=SC2046,SC2086
  case $1 in
    run) not_installed $build_packages ;;
    test) not_installed $build_packages $test_packages ;;
    lint) not_installed $build_packages $test_packages $lint_packages ;;
  esac
  boost_is_installed || echo boost
  llhttp_is_installed || echo llhttp
  # Node may have come from elsewhere, with its own npm: the commands count, not the packages.
  have node || echo nodejs
  have npm || echo npm
  [ "$1" != test ] || has_browser || echo browser
  [ "$1" != test ] || have promtool || [ -x $promtool ] || echo promtool
}

# Where tests/e2e looks for it when there is none on PATH.
unpack_promtool() {
  mkdir -p "${promtool%/*}"
  folder=$(mktemp -d)
  (cd "$folder" && apt-get -q -o Acquire::Retries=3 download prometheus </dev/null) >>"$log" 2>&1
  dpkg-deb --fsys-tarfile "$folder"/prometheus_*.deb | tar -xO ./usr/bin/promtool >$promtool
  chmod 755 $promtool
  rm -rf "$folder"
}

has_browser() { for file in $browsers; do [ ! -x "$file" ] || return 0; done; return 1; }
browser_package() {
  # What Ubuntu calls Chromium installs a snap, which needs a running snapd.
  [ "$(os ID)" != ubuntu ] ||
    fail "./test drives a browser, and Ubuntu has Chromium as a snap only: install it (sudo snap install chromium && sudo ln -s /snap/bin/chromium /usr/bin/chromium) or Google Chrome, then start ./test again; ./run needs none"
  echo chromium
}

as_root() {
  if [ "$(id -u)" = 0 ]; then env DEBIAN_FRONTEND=noninteractive "$@"
  else sudo env DEBIAN_FRONTEND=noninteractive "$@"; fi
}

# Its output is kept for the case that it fails; a line a minute says that it is at work.
apt() {
  as_root apt-get -q -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@" </dev/null 2>&1 |
    tee -a "$log" | tools/progress 'Installing' >&2
}

install_packages() {
  [ "$(id -u)" = 0 ] || have sudo ||
    fail "needs root to install packages, and there is no sudo; as root, in this folder: sh tools/setup.sh $task"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  say "Installing $# packages from the archive of $this_system, once (a few minutes): $*"
  apt update
  packages=
  for package in "$@"; do
    case $package in
      boost) package=$(boost_packages) || exit 1 ;;
      llhttp) package=$(llhttp_package) ;;
      browser) package=$(browser_package) || exit 1 ;;
      promtool) unpack_promtool || rm -f $promtool; continue ;;
    esac
    packages="$packages $package"
  done
  # shellcheck disable=SC2086  # a list of names
  apt install -y --no-install-recommends $packages
}

# The Node that would be used, wherever it came from.
check_node() {
  for name in node npm; do
    have $name || fail "$name is missing even though it was installed; is it on PATH? ($PATH)"
  done
  found=$(node --version 2>/dev/null) || fail "$(command -v node) does not run; remove it, or put another node first in PATH"
  major=${found#v}
  [ "${major%%.*}" -ge $node_at_least ] 2>/dev/null || fail "$(command -v node) is $found, and Node $node_at_least or newer is needed: $(node_way_out)"
}
node_way_out() {
  if [ "$(command -v node)" != /usr/bin/node ]; then
    echo "take that folder out of PATH for this start (the system's own is used, or installed, then), or upgrade it (nvm install $node_at_least)"
  else
    echo "upgrade it (apt-get install nodejs), or put a newer one first in PATH"
  fi
}

task=${1:-}
case $task in
  run | test | lint) ;;
  *) say "usage: tools/setup.sh run|test|lint"; exit 2 ;;
esac
refuse_other_package_managers
missing=$(missing_for "$task")
if [ -n "$missing" ]; then
  refuse_old_system
  # shellcheck disable=SC2086  # a list of names, divided by blanks on purpose
  install_packages $missing
  still=$(missing_for "$task")
  if [ -n "$still" ]; then
    tail -n 30 "$log" >&2
    fail "apt-get could not install:" $still
  fi
fi
check_node
