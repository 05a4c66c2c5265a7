# Cases of tools/run-check: ./run installs, builds, serves a call and ends in a bare system that has never seen this tree.
# shellcheck shell=sh

system_setup() { :; }

# in_system SYSTEM COMMAND: the compiler's cache is kept for the next case in the same system. UNVERIFIED=yes takes systems
# whose keys are not on this machine (tools/fresh-root).
in_system() {
  unverified=
  [ "${UNVERIFIED:-}" != yes ] || unverified=--unverified
  # shellcheck disable=SC2086
  "$tools/fresh-root" $unverified --cache "$tree/build/cache/$1" "$1" "$2"
}
serve_once='sh tools/run-check.d/serve-once.sh'

system_debian_12() {  # a bare Debian 12, twice: the second start builds nothing
  in_system debian-12 "$serve_once ./run && $serve_once ./run && ! ls build/src/*_test"
}

system_debian_12_gtest() {  # one that has GoogleTest without GoogleMock
  in_system debian-12 "apt-get update -qq && apt-get install -qq -y --no-install-recommends libgtest-dev >/dev/null 2>&1 &&
    ! test -e /usr/include/gmock && $serve_once ./run"
}

system_debian_12_environment() {  # one where a shell names another compiler, flags and prefixes, and /usr/local has another Boost
  in_system debian-12 "mkdir -p /usr/local/include/boost /usr/local/include/fmt /opt/conda/bin /usr/local/lib/pkgconfig \
      /usr/local/lib/cmake/fmt &&
    printf 'Name: libcares\nDescription: x\nVersion: 9\nLibs: -lnone\n' >/usr/local/lib/pkgconfig/libcares.pc &&
    echo 'message(FATAL_ERROR \"of another project\")' >/usr/local/lib/cmake/fmt/fmt-config.cmake &&
    echo '#error of another project' | tee /usr/local/include/boost/version.hpp /usr/local/include/boost/json.hpp \
      /usr/local/include/fmt/core.h >/usr/local/include/fmt/format.h &&
    for name in g++ c++ gcc cmake ninja ld mold ccache pkg-config; do
      printf '#!/bin/sh\nexit 66\n' >/opt/conda/bin/\$name; chmod 755 /opt/conda/bin/\$name; done &&
    PATH=/opt/conda/bin:\$PATH CC=clang CXX=clang++ CFLAGS=-mno-such CXXFLAGS=-std=c++11 LDFLAGS=-lnone CPATH=/opt/conda \
      LIBRARY_PATH=/opt/conda PKG_CONFIG_PATH=/opt/conda CMAKE_PREFIX_PATH=/opt/conda CMAKE_GENERATOR='Unix Makefiles' \
      CONDA_PREFIX=/opt/conda $serve_once ./run"
}

system_debian_12_user() {  # a user with sudo; and then sudo ./run, which is refused and changes nothing
  in_system debian-12 "apt-get update -qq && apt-get install -qq -y --no-install-recommends sudo >/dev/null 2>&1 &&
    useradd -m -s /bin/sh tester && echo 'tester ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/tester && chown -R tester /exposee /cache &&
    { cp \$HOME/.npmrc ~tester/ 2>/dev/null || true; } && su tester -c '$serve_once ./run' &&
    ! su tester -c 'sudo ./run' && ! find /exposee -user root | grep ."
}

system_debian_12_second_clone() {  # a second clone in another place is served within 90 s, from the compiler's cache
  in_system debian-12 "$serve_once ./run && clone=/srv/another/place/clone && mkdir -p \$clone && cp -r . \$clone &&
    cd \$clone && rm -rf build && find . -name node_modules -prune -exec rm -rf {} + && began=\$(date +%s) &&
    $serve_once ./run && took=\$((\$(date +%s) - began)) && echo \"a second clone: \$took s\" && [ \$took -lt 90 ]"
}

system_debian_12_suites() {  # ./test on a bare Debian 12: everything, tens of minutes
  in_system debian-12 ./test
}

system_debian_13() {  # a bare Debian 13
  in_system debian-13 "$serve_once ./run"
}

system_ubuntu_24_04() {  # a bare Ubuntu 24.04
  in_system ubuntu-24.04 "$serve_once ./run"
}
