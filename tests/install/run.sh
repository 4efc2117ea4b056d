#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Install Simul into a folder, build programs against it with pkg-config and
# with CMake, move the folder, and do it again. Answers in TAP.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0

# check SENTENCE COMMAND... - one case; false if it failed
check() {
	local sentence=$1
	shift
	number=$((number + 1))
	if "$@" >"$work/said" 2>&1 </dev/null; then
		echo "ok $number - $sentence"
	else
		echo "not ok $number - $sentence"
		sed 's/^/# /' "$work/said"
		return 1
	fi
}

install_into() {
	meson setup "$work/build" "$here/../.." --prefix="$1" --libdir=lib \
		-Dtests=false -Dexamples=false &&
		meson install -C "$work/build"
}

# Nothing but the public names may be seen from outside.
exports_only_public_names() {
	local names
	names=$(nm -D --defined-only "$1/lib/libsimul.so" | awk '{ print $3 }')
	grep -q '^simul_run$' <<<"$names" && ! grep -v '^simul_' <<<"$names"
}

# Without one, whoever asks `man` for a function finds nothing.
every_function_has_a_man_page() {
	local name page
	for name in $(nm -D --defined-only "$1/lib/libsimul.so" |
		awk '$2 == "T" { print $3 }'); do
		page="$1/share/man/man3/$name.3"
		[ -s "$page" ] || { echo "$name has none" && return 1; }
		page="$1/share/man/$(sed -n 's/^\.so //p' "$page")"
		[ -e "$page" ] || { echo "$name leads to no $page" && return 1; }
	done
}

has_a_soname() {
	readelf -d "$1/lib/libsimul.so" | grep 'SONAME.*libsimul\.so\.0'
}

config() {
	PKG_CONFIG_PATH="$1/lib/pkgconfig" pkg-config "${@:2}" simul
}

with_pkg_config() {
	cc -std=c11 -o "$work/shared" "$here/program.c" \
		$(config "$1" --cflags --libs) &&
		LD_LIBRARY_PATH="$1/lib" "$work/shared"
}

with_pkg_config_statically() {
	cc -std=c11 -static -o "$work/static" "$here/program.c" \
		$(config "$1" --static --cflags --libs) && "$work/static"
}

with_cmake() {
	rm -rf "$work/cmake"
	cmake -G Ninja -S "$here" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$1" &&
		cmake --build "$work/cmake" &&
		"$work/cmake/shared" && "$work/cmake/static"
}

# The program in README.md, and what it prints according to README.md: the
# first block of C and the block after it.
readme_is_right() {
	awk -v out="$work/readme" '
		/^```/ { inside = !inside; block += inside && (block || /c$/); next }
		inside && block == 1 { print > (out ".c") }
		inside && block == 2 { print > (out ".txt") }
	' "$here/../../README.md"
	cc -std=c11 -o "$work/readme" "$work/readme.c" \
		$(config "$1" --cflags --libs) &&
		LD_LIBRARY_PATH="$1/lib" "$work/readme" |
		diff "$work/readme.txt" -
}

check_tree() {
	check "$2: a program builds with pkg-config and runs" with_pkg_config "$1"
	check "$2: so does one that is linked statically" \
		with_pkg_config_statically "$1"
	check "$2: find_package finds both libraries" with_cmake "$1"
}

echo "1..12"
check "meson installs into a folder" install_into "$work/first" || exit
check "the shared library has a SONAME" has_a_soname "$work/first"
check "it exports public names only" exports_only_public_names "$work/first"
check "every function has a man page" every_function_has_a_man_page "$work/first"
check_tree "$work/first" "installed"
check "the program in README.md prints what it says" \
	readme_is_right "$work/first"
mkdir "$work/elsewhere"
check "the folder can be moved" mv "$work/first" "$work/elsewhere/second"
check_tree "$work/elsewhere/second" "moved"
