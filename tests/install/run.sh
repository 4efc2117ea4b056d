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

# names LIBRARY - what can be seen of it from outside
names() {
	nm -D --defined-only --without-symbol-versions "$1" |
		awk '$2 != "A" { print $3 }'
}

# Nothing but the public names, and what is marked SMI_SHARED.
exports_only_public_names() {
	local seen shared
	seen=$(names "$1/lib/libsimul.so")
	shared=$(grep -rhoP '^SMI_SHARED .*?\K\bsmi_\w+(?=[(;])' "$here/../../src" |
		sort -u)
	grep -q '^simul_run$' <<<"$seen" &&
		! grep -v '^simul_' <<<"$seen" | grep -vxF "$shared" &&
		! names "$1/lib/libsimul-tls.so" | grep -v '^simul_'
}

# Who has no use for TLS doesn't load OpenSSL.
needs_no_openssl() {
	readelf -d "$1/lib/libsimul.so" | grep NEEDED >"$work/needed" &&
		! grep -E 'ssl|crypto' "$work/needed"
}

# Without one, whoever asks `man` for a function finds nothing.
every_function_has_a_man_page() {
	local name page
	for name in $(nm -D --defined-only --without-symbol-versions "$1"/lib/libsimul{,-tls}.so |
		awk '$2 == "T" && $3 ~ /^simul_/ { print $3 }'); do
		page="$1/share/man/man3/$name.3"
		[ -s "$page" ] || { echo "$name has none" && return 1; }
		page="$1/share/man/$(sed -n 's/^\.so //p' "$page")"
		[ -e "$page" ] || { echo "$name leads to no $page" && return 1; }
	done
}

has_a_soname() {
	readelf -d "$1/lib/libsimul.so" | grep 'SONAME.*libsimul\.so\.0\.1\]' &&
		readelf -d "$1/lib/libsimul-tls.so" |
		grep 'SONAME.*libsimul-tls\.so\.0\.1\]'
}

# The interface by its series, what the two libraries share by the version.
has_versions() {
	local version
	version=$(PKG_CONFIG_PATH="$1/lib/pkgconfig" pkg-config --modversion simul)
	objdump -T "$1/lib/libsimul.so" >"$work/symbols"
	grep -q "SIMUL_${version%.*} *simul_run$" "$work/symbols" &&
		grep -q "SIMUL_PRIVATE_$version *smi_current$" "$work/symbols" &&
		! grep -E ' (simul|smi)_' "$work/symbols" | grep -vE 'SIMUL_[0-9P]'
}

config() {
	PKG_CONFIG_PATH="$1/lib/pkgconfig" pkg-config "${@:2}" simul
}

with_pkg_config() {
	cc -std=c11 -o "$work/shared" "$here/program.c" \
		$(config "$1" --cflags --libs) &&
		LD_LIBRARY_PATH="$1/lib" "$work/shared"
}

with_pkg_config_and_tls() {
	cc -std=c11 -o "$work/tls" "$here/program_tls.c" \
		$(PKG_CONFIG_PATH="$1/lib/pkgconfig" pkg-config --cflags \
			--libs simul-tls) &&
		LD_LIBRARY_PATH="$1/lib" "$work/tls"
}

with_pkg_config_statically() {
	cc -std=c11 -static -o "$work/static" "$here/program.c" \
		$(config "$1" --static --cflags --libs) && "$work/static"
}

with_cmake() {
	rm -rf "$work/cmake"
	cmake -G Ninja -S "$here" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$1" &&
		cmake --build "$work/cmake" &&
		"$work/cmake/shared" && "$work/cmake/static" &&
		"$work/cmake/tls" && "$work/cmake/tls_static"
}

# The programs in a page, and what they print according to it.
page_is_right() {
	LD_LIBRARY_PATH="$1/lib" "$here/page.py" "$here/../../$2" \
		$(config "$1" --cflags --libs)
}

# A translation has the same programs.
is_translated() {
	diff <(sed -n '/^```/,/^```/p' "$here/../../$1") \
		<(sed -n '/^```/,/^```/p' "$here/../../$2")
}

check_tree() {
	check "$2: a program builds with pkg-config and runs" with_pkg_config "$1"
	check "$2: so does one that is linked statically" \
		with_pkg_config_statically "$1"
	check "$2: so does one that uses TLS" with_pkg_config_and_tls "$1"
	check "$2: find_package finds all libraries" with_cmake "$1"
}

echo "1..18"
check "meson installs into a folder" install_into "$work/first" || exit
check "the shared libraries are named for their series" has_a_soname "$work/first"
check "what it exports has versions" has_versions "$work/first"
check "it exports public names only" exports_only_public_names "$work/first"
check "every function has a man page" every_function_has_a_man_page "$work/first"
check "it needs no OpenSSL" needs_no_openssl "$work/first"
check_tree "$work/first" "installed"
for page in README.md docs/guide.md; do
	check "each program in $page prints what it says" \
		page_is_right "$work/first" "$page"
done
check "docs/guide.ko.md has the same programs" \
	is_translated docs/guide.md docs/guide.ko.md
mkdir "$work/elsewhere"
check "the folder can be moved" mv "$work/first" "$work/elsewhere/second"
check_tree "$work/elsewhere/second" "moved"
