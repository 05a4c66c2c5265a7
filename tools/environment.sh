# Sourced by the tools that configure and build. What is built follows from the tree and from the system's packages, never
# from what a shell happens to have set: compilers and flags for other projects, another prefix first in PATH. To build
# with another compiler on purpose: CONTRIBUTING.md, "Another compiler".
# shellcheck shell=sh

system_path=/usr/sbin:/usr/bin:/sbin:/bin
meminfo=/proc/meminfo
cgroup=/sys/fs/cgroup

# The variables that a build may see: who and where we are, how the registries are reached, and where caches lie.
is_kept() {
  case $1 in
    HOME | USER | LOGNAME | SHELL | PATH | PWD | TERM | TMPDIR | TZ | LANG | LANGUAGE | LC_* | CI | XDG_CACHE_HOME | XDG_CONFIG_HOME) ;;
    NO_COLOR | CLICOLOR* | COLUMNS | NINJA_STATUS | CALLERS_PATH) ;;
    CCACHE_DIR | CCACHE_MAXSIZE | CCACHE_CONFIGPATH | CCACHE_DISABLE | CCACHE_LOGFILE | CCACHE_REMOTE_* | CCACHE_TEMPDIR) ;;
    http_proxy | https_proxy | no_proxy | all_proxy | HTTP_PROXY | HTTPS_PROXY | NO_PROXY | ALL_PROXY) ;;
    SSL_CERT_* | npm_* | NPM_* | NODE_* | NVM_* | VOLTA_* | ASDF_* | FNM_* | MISE_*) ;;
    *) return 1 ;;
  esac
}

# From here on this shell has the system's programs and the variables above. Node alone may come from elsewhere
# (tools/npm-ci looks where the caller would).
use_system_environment() {
  CALLERS_PATH=$PATH
  for name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
    is_kept "$name" || unset "$name"
  done
  PATH=$system_path
  export PATH CALLERS_PATH
  # pkg-config looks below /usr/local first, too.
  if command -v pkg-config >/dev/null 2>&1; then
    PKG_CONFIG_LIBDIR=$(pkg-config --variable pc_path pkg-config | tr ':' '\n' | grep -v '^/usr/local' | tr '\n' ':')
    export PKG_CONFIG_LIBDIR
  fi
}

# Whether files can be made in folder $1, which is created when it is not there.
usable() {
  mkdir -p "$1" 2>/dev/null && probe=$(mktemp "$1/.usable.XXXXXX" 2>/dev/null) && rm -f "$probe"
}

# Caches and temporary files lie where they do for every program, and below $1 where those places cannot be written:
# no home, a home that is read-only, a container with a user that nobody made.
use_writable_caches() {
  [ -d "${HOME:-}" ] && usable "$HOME" || unset HOME
  if [ -z "${HOME:-}" ]; then
    HOME=$1/home
    mkdir -p "$HOME"
    export HOME
  fi
  if command -v ccache >/dev/null 2>&1; then
    usable "$(ccache --get-config cache_dir 2>/dev/null)" || export CCACHE_DIR="$1/ccache"
  fi
  usable "${TMPDIR:-/tmp}" || { mkdir -p "$1/tmp" && export TMPDIR="$1/tmp"; }
}

# How many compilations fit: one a core, and a gibibyte of free memory for each.
kib_per_job=1048576
jobs_that_fit() {
  free=$(awk '/^MemAvailable:/ { print $2 }' "$meminfo" 2>/dev/null)
  limit=$(cat "$cgroup/memory.max" 2>/dev/null) || limit=max
  case $limit in
    '' | max) ;;
    *) limit=$(((limit - $(cat "$cgroup/memory.current" 2>/dev/null || echo 0)) / 1024))
       [ "$limit" -ge "${free:-$limit}" ] || free=$limit ;;
  esac
  cores=$(nproc)
  fit=$((${free:-$((cores * kib_per_job))} / kib_per_job))
  [ "$fit" -ge 1 ] || fit=1
  [ "$fit" -le "$cores" ] || fit=$cores
  echo "$fit"
}

# The system's GCC for $1 (g++ or gcc): the name itself, or a numbered one where the name stands for something older or
# for another compiler. The error is one sentence.
gcc_at_least=12
system_compiler() {
  for name in "$1" "$1-12" "$1-13" "$1-14" "$1-15"; do
    found=$(command -v "$name") || continue
    # GCC says its version; clang, which claims to be an old GCC, also defines __clang__.
    version=$(echo '__GNUC__ __clang__' | "$found" -E -P -x c - 2>/dev/null) || continue
    case $version in
      *__clang__) [ "${version%% *}" -lt $gcc_at_least ] || { echo "$found"; return; } ;;
    esac
  done
  echo "build: needs GCC $gcc_at_least or newer, and neither $1 nor a numbered $1-$gcc_at_least in $PATH is one: apt-get install $1" >&2
  return 1
}

# In front of programs with sanitizers: GCC 12's die at start, at random, where the kernel spreads addresses over more than
# 28 bits. Nothing where it does not, or where a container forbids to change that.
steady_addresses() {
  [ "$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 0)" -le 28 ] || ! setarch -R true 2>/dev/null || echo setarch -R
}
