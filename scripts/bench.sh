#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ./dev bench [--quick] [NAME...] - measure
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/packages.sh"
. "$root/scripts/build.sh"

# What we are built with, and what counts instructions.
need "measure" $building python3 valgrind

# want PEER PACKAGE... - install these if that can be done: without them the
# peer is left out, by name. Where one of its commands is here already, it came
# from elsewhere and is newer than Debian's.
want() {
	local command=$1
	shift
	! command -v "$command" >/dev/null || return 0
	(need "measure $command, too," "$@") ||
		echo "$command is left out, then." >&2
}

want libuv libuv1-dev
want libevent libevent-dev
want libcurl libcurl4-openssl-dev
want go golang
want cargo cargo rustc
want node nodejs
want nginx nginx-light
want openssl openssl
want perf linux-perf
want h2o h2o
python3 -c 'import ensurepip, venv' 2>/dev/null || want venv python3-venv

build_release
cd "$root"
exec "$root/bench/run" "$@"
