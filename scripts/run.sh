#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ./dev run [ARGUMENT...] - build and run the example areq
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/packages.sh"
. "$root/scripts/build.sh"

need "build and run areq" $building
[ -d "$root/build/release" ] || echo "building Simul in build/release ..." >&2
build_release
exec "$root/build/release/examples/areq" "$@"
