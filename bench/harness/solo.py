# SPDX-License-Identifier: MIT
"""A program that measures itself, alone on its core."""

import subprocess

from . import process
from .failed import Failed, figures, last_words

LIMIT = 120  # seconds that one run may take


def run(contender, case, watch):
    """Run one program; returns {measure: (unit, value)}."""
    args = case.args_of.get(contender.name, case.args)
    before, start = watch.start(), process.now()
    used = process.cpu_of_children()
    try:
        program = process.start(
            [*contender.command(case.program), *args], watch.core,
            contender.env, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        out, err = process.finish(program, LIMIT)
    except (OSError, TimeoutError) as error:
        raise Failed(str(error)) from None
    watch.stop(before, process.now() - start,
               process.cpu_of_children() - used, {watch.core})
    if program.returncode != 0:
        raise Failed(f"ended with {program.returncode}: {last_words(err)}")
    lines = figures(out)
    if case.rows[0].measure not in lines:
        raise Failed("printed no figure")
    return lines
