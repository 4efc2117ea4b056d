#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ./dev install [PREFIX] - install the library
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/packages.sh"
. "$root/scripts/build.sh"

prefix=$(realpath -m "${1:-/usr/local}")
need "build the library" $building
build_release
quietly "$root/build/logs/install.log" \
	meson configure "$root/build/release" --prefix="$prefix" --libdir=lib
build_release

# As root only where it takes root.
there=$prefix
while [ ! -e "$there" ]; do
	there=$(dirname "$there")
done
if [ -w "$there" ]; then
	maybe_root() { "$@"; }
else
	maybe_root() { as_root "$@"; }
fi
quietly "$root/build/logs/install.log" \
	maybe_root meson install -C "$root/build/release" --no-rebuild

# Where the system looks for libraries it must be told of a new one.
case $prefix in
/usr | /usr/local) maybe_root ldconfig ;;
esac
echo "Simul is in $prefix. To see that it can be found:"
case $prefix in
/usr | /usr/local) echo "  pkg-config --cflags --libs simul" ;;
*) echo "  PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --cflags --libs simul" ;;
esac
