#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files and functions are small. Prints how small."""

from source import C, Check, files, functions

FILE_LIMIT = 600
FUNCTION_LIMIT = 80

check = Check("size")


def spread(name, sizes):
    sizes = sorted(sizes) or [0]
    at = [sizes[min(len(sizes) - 1, len(sizes) * p // 100)] for p in (50, 95)]
    print(f"{len(sizes)} {name}, in lines: half up to {at[0]}, "
          f"95 % up to {at[1]}, all up to {sizes[-1]}")


def gives_reason(body):
    return body[0].strip().startswith(("/*", "//"))


file_sizes = []
function_sizes = []
for path in files(*C):
    lines = len(path.read_text().splitlines())
    file_sizes.append(lines)
    if lines > FILE_LIMIT:
        check.wrong(path, FILE_LIMIT, f"{lines} lines: what are its two "
                    f"concepts? (at most {FILE_LIMIT})")
    for name, line, body in functions(path):
        function_sizes.append(len(body))
        if len(body) > FUNCTION_LIMIT and not gives_reason(body):
            check.wrong(path, line, f"{name} has {len(body)} lines: split it, "
                        "or give the reason in a comment on its first line "
                        f"(at most {FUNCTION_LIMIT})")
spread("files", file_sizes)
spread("functions", function_sizes)
check.close()
