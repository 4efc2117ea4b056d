# SPDX-License-Identifier: MIT
"""The harness behind bench/run: see bench/README.md."""
