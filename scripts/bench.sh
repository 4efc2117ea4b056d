#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ./dev bench [--quick] [NAME...] - measure
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/packages.sh"
. "$root/scripts/build.sh"

need "measure" $building python3
build_release
exec "$root/bench/run" "$@"
