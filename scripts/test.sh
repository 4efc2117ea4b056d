#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ./dev test [NAME] - all tests, or those with NAME in their names
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/packages.sh"
. "$root/scripts/build.sh"

passed=0
failed=0
skipped=0

# ---- What is said: a line for each stage, and in full what failed

begin() {
	began=$SECONDS
	printf '%-44s ' "$1 ..."
}

finish() {
	printf '%s, %d s\n' "$1" $((SECONDS - began))
}

# Count the results of a stage, from meson's logs or TAP.
count() {
	local report p f s
	report=$("$root/scripts/results.py" "$@")
	read -r p f s <<<"${report##*$'\n'}"
	passed=$((passed + p))
	failed=$((failed + f))
	skipped=$((skipped + s))
	finish "$p passed$( ((f == 0)) || echo ", $f failed")$(
		((s == 0)) || echo ", $s skipped")"
	[ "$f" -eq 0 ] || sed '$d' <<<"$report"
}

# A stage that could not be done at all.
broken() {
	failed=$((failed + 1))
	finish "FAILED"
	cat "$1"
}

# stage TITLE NAME [MESON OPTION...] - build build/NAME
stage() {
	local title=$1 name=$2
	shift 2
	begin "build: $title"
	mkdir -p "$root/build/logs"
	if build "$name" "$@" 2>"$root/build/logs/stage.log"; then
		finish "done"
	else
		broken "$root/build/logs/stage.log"
		return 1
	fi
}

# suite TITLE NAME SETUP [MESON TEST ARGUMENT...] - run tests of build/NAME
suite() {
	local title=$1 dir="$root/build/$2" setup=$3
	local log="$dir/meson-logs/testlog-$setup.json"
	local said="$root/build/logs/test-$2-$setup.log"
	shift 3
	case $setup in
	*io_uring)
		if ! io_uring_is_allowed; then
			echo "$title: not run, this kernel denies io_uring"
			return 0
		fi
		;;
	esac
	begin "$title"
	rm -f "$log"
	if $fixed_addresses meson test -C "$dir" --no-rebuild --setup "$setup" "$@" \
		>"$said" 2>&1 </dev/null || [ -s "$log" ]; then
		count $([ ! -s "$log" ] || echo "$log")
	else
		broken "$said"
	fi
}

# in_kernel VERSION BACKEND NAME... - run these test programs inside a Debian
# kernel
in_kernel() {
	local version=$1 backend=$2 names
	local said="$root/build/logs/kernel-tests-$1.log"
	local out="$root/build/kernel/$1/out"
	if [ "$(uname -m)" != x86_64 ]; then
		echo "Linux $1, $2: not run, it takes an x86-64 machine"
		return 0
	fi
	begin "Linux $version, $backend"
	shift 2
	names=$(IFS=, && echo "$*")
	rm -rf "$out"
	if SIMUL_BACKEND=$backend SIMUL_KERNEL_SECONDS=900 \
		"$root/scripts/kernel.sh" "$version" "$names" \
		>"$said" 2>&1 </dev/null || [ -d "$out" ]; then
		count "$out"/*.tap
	else
		broken "$said"
	fi
}

# Sanitizers of this age don't start where the kernel spreads addresses over 32
# bits. It need not: where that may be asked for, it is.
fixed_addresses=
! setarch -R true 2>/dev/null || fixed_addresses="setarch -R"

# io_uring_setup(2) with nothing to set up: does it say that this is wrong, or
# that it is not there?
io_uring_is_allowed() {
	python3 - <<-'END'
		import ctypes, errno, sys
		libc = ctypes.CDLL(None, use_errno=True)
		libc.syscall(425, 0, None)
		sys.exit(ctypes.get_errno() in (errno.ENOSYS, errno.EPERM))
	END
}

# ---- Everything

test_all() {
	need "run all tests" $building python3 valgrind libc6-dbg cmake \
		gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user \
		qemu-system-x86 busybox-static e2fsprogs \
		curl nginx-light openssl socat sslscan netcat-openbsd \
		postgresql libpq-dev redis-server libhiredis-dev

	# Where this fails, all others would say the same.
	stage "debug" debug $debug_options || close
	suite "io_uring" debug io_uring
	suite "epoll" debug epoll
	suite "examples under valgrind" debug valgrind \
		--suite examples --no-suite real
	if stage "AddressSanitizer, UBSan" asan -Dwerror=true \
		-Db_sanitize=address,undefined; then
		suite "sanitizers on io_uring" asan sanitized_io_uring --no-suite real
		suite "sanitizers on epoll" asan sanitized_epoll --no-suite real
	fi
	if stage "ThreadSanitizer" tsan -Dwerror=true -Dexamples=false \
		-Db_sanitize=thread; then
		suite "threads on io_uring" tsan sanitized_io_uring --suite threads
		suite "threads on epoll" tsan sanitized_epoll --suite threads
	fi
	if stage "portable switch, no liburing, no OpenSSL" portable \
		-Dwerror=true -Dexamples=false -Dportable_switch=true \
		-Dio_uring=disabled -Dtls=disabled; then
		suite "portable switch" portable epoll --suite harness \
			--suite arch --suite loop --suite task --suite tls
	fi
	if stage "aarch64" aarch64 -Dwerror=true -Dexamples=false \
		-Dio_uring=disabled -Dtls=disabled \
		--cross-file "$root/scripts/aarch64.ini"; then
		suite "aarch64, emulated" aarch64 slow --suite harness \
			--suite base --suite arch --suite loop --suite task \
			--suite sync
	fi
	# The oldest kernel that Debian has, and what depends on it most.
	in_kernel 6.1 io_uring loop/ io/ net/connect net/receive net/tcp \
		net/udp net/unix tls/tls_kernel
	if stage "release" release $release_options; then
		begin "instructions of the hot paths"
		"$root/bench/instructions/count" \
			>"$root/build/logs/instructions.tap" 2>&1 || true
		count "$root/build/logs/instructions.tap"
	fi
	begin "install, and build a program against it"
	"$root/tests/install/run.sh" >"$root/build/logs/install.tap" 2>&1 || true
	count "$root/build/logs/install.tap"
	close
}

close() {
	[ "$skipped" -eq 0 ] || echo "$skipped skipped"
	echo "test: $passed passed, $failed failed"
	[ "$failed" -eq 0 ]
	exit
}

# ---- By name

test_matching() {
	local name=$1 program test found=
	need "run tests" $building
	build debug $debug_options
	for program in "$root"/build/debug/tests/test_*; do
		[ -f "$program" ] && [ -x "$program" ] || continue
		case $(basename "$program") in
		test_"$name") set -- "$program" ;;
		*) set -- "$program" "$name" ;;
		esac
		[ -n "$("$program" --list "${2:-}")" ] || continue
		found=1
		echo "== $(basename "$program")"
		"$@" || failed=1
	done
	for test in $(other_tests | grep -F -- "$name"); do
		found=1
		meson test -C "$root/build/debug" --no-rebuild --print-errorlogs \
			"$test" || failed=1
	done
	if [ -z "$found" ]; then
		echo "no test has '$name' in its name" >&2
		exit 1
	fi
	[ "$failed" -eq 0 ]
}

# Tests that are no programs of ours, such as the examples.
other_tests() {
	meson test -C "$root/build/debug" --no-rebuild --list 2>/dev/null |
		sed -n 's|.* / ||p' | while read -r test; do
		[ -x "$root/build/debug/tests/test_$test" ] || echo "$test"
	done
}

if [ "${1:-}" = kernel ]; then
	shift
	exec "$root/scripts/kernel.sh" "$@"
fi
case $# in
0) test_all ;;
1) test_matching "$1" ;;
*)
	echo "usage: ./dev test [NAME]" >&2
	exit 2
	;;
esac
