#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
cat <<'END'
usage: ./dev COMMAND [ARGUMENT...]

  run [ARGUMENT...]   build and run the example areq: an embedded web site is
                      crawled, many pages at a time
      --urls FILE     crawl the URLs in FILE instead, one a line
      --help          all that areq knows
  test                run all tests: on both backends, under the sanitizers and
                      valgrind, on an emulated aarch64, with the portable
                      switch; install the library and build against it
  test NAME           run the tests with NAME in their names, in build/debug
  test kernel VERSION [NAME,... [CASE]]
                      run the test programs with NAME in "room/name" inside a
                      Debian kernel of that version (6.1, 6.12), in qemu
  lint [CHECK...]     format, clang-tidy, rooms, size, contracts, headers, names
  bench [--quick] [--json] [--markdown] [--plot] [NAME...]
                      measure Simul beside its peers
  install [PREFIX]    install the library (to /usr/local)
  clean               remove build/
  help                this

Each installs the Debian packages that it lacks, and says so. To have it touch
nothing but this folder, set SIMUL_NO_INSTALL=1 and install them yourself.

Environment:
  SIMUL_NO_INSTALL=1  never install packages
  SIMUL_BACKEND=NAME  io_uring or epoll, for run and test NAME
  SIMUL_KERNEL_SECONDS=N  how long test kernel may take (3600)
  CC=COMPILER         the compiler, for a build folder that is not there yet

Build folders: build/release for run, bench and install, build/debug, build/asan,
build/tsan, build/portable and build/aarch64 for test. Logs are in build/logs.
END
