#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ./dev clean - remove what was built
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
rm -rf "$root/build"
