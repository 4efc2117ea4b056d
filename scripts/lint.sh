#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ./dev lint [CHECK...] - all checks, or these
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/packages.sh"
. "$root/scripts/build.sh"

all="format rooms size contracts headers names parity choices tidy"
passed=0
failed=0

need "check the code" $building g++ clang-format clang-tidy python3 valgrind
# clang-tidy wants to know how files are compiled, the headers' check config.h.
configure debug $debug_options

[ $# -gt 0 ] || set -- $all
for check in "$@"; do
	if [ ! -f "$root/scripts/lint/$check.py" ]; then
		echo "./dev lint: there is no check '$check'; there are: $all" >&2
		exit 2
	fi
	if python3 -B "$root/scripts/lint/$check.py"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
done
echo "lint: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
