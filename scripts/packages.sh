# SPDX-License-Identifier: MIT
# Install what is missing. Sourced by the commands.

building="gcc libc6-dev meson ninja-build pkgconf liburing-dev libssl-dev"

# missing PACKAGE... - those of them that are not installed
missing() {
	local package
	for package in "$@"; do
		dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null |
			grep -qx installed || echo "$package"
	done
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# need WHY PACKAGE... - have these Debian packages, because of WHY
need() {
	local why=$1 wanted log
	shift
	[ -z "${SIMUL_NO_INSTALL:-}" ] || return 0
	if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
		echo "This is no Debian: I take it that what Debian calls these is here:" >&2
		echo "  $*" >&2
		return 0
	fi
	wanted=$(missing "$@")
	[ -n "$wanted" ] || return 0
	echo "To $why I install:" $wanted >&2
	if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
		echo "That takes root, and there is no sudo. As root, do:" >&2
		echo "  apt-get install" $wanted >&2
		exit 1
	fi
	log=$(mktemp)
	if ! install_packages $wanted >"$log" 2>&1 </dev/null; then
		cat "$log" >&2
		rm -f "$log"
		echo "They could not be installed (see above). Once they are, try again:" >&2
		echo "  apt-get install" $wanted >&2
		exit 1
	fi
	rm -f "$log"
}

# Package lists are fetched only if those at hand don't do.
install_packages() {
	apt_install "$@" || { as_root apt-get update && apt_install "$@"; }
}

apt_install() {
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y --no-install-recommends "$@"
}
