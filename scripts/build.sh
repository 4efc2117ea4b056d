# SPDX-License-Identifier: MIT
# Build folders. Sourced by the commands.

# quietly LOG COMMAND... - show what it says only if it fails
quietly() {
	local log=$1
	shift
	mkdir -p "$(dirname "$log")"
	if ! "$@" >"$log" 2>&1 </dev/null; then
		cat "$log" >&2
		return 1
	fi
}

# configure NAME [MESON OPTION...] - have build/NAME and its build.ninja
configure() {
	local dir="$root/build/$1" log="$root/build/logs/configure-$1.log"
	shift
	if [ -f "$dir/build.ninja" ]; then
		quietly "$log" ninja -C "$dir" build.ninja
	else
		rm -rf "$dir"
		quietly "$log" meson setup "$dir" "$root" "$@"
	fi
}

# build NAME [MESON OPTION...] - bring build/NAME up to date
build() {
	configure "$@" &&
		quietly "$root/build/logs/build-$1.log" \
			ninja --quiet -C "$root/build/$1"
}

# What users get: optimised, with line numbers for debuggers.
release_options="--buildtype=release -Ddebug=true -Dtests=false -Dbench=true"

build_release() {
	build release $release_options
}

# What is tested first, and what the checks look at.
debug_options="-Dwerror=true -Dbench=true"
