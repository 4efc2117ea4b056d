# SPDX-License-Identifier: MIT
"""A program that measures itself, alone on its core or on both."""

import subprocess

from . import process
from .failed import Failed, figures, last_words

LIMIT = 120  # seconds that one run may take


def run_program(command, env, cores, limit):
    """Run one program; returns {measure: (unit, value)}."""
    try:
        program = process.start(command, cores, env, text=True,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)
        out, err = process.finish(program, limit)
    except (OSError, TimeoutError) as error:
        raise Failed(str(error)) from None
    if program.returncode < 0:
        raise Failed(f"ended by signal {-program.returncode}")
    if program.returncode > 0:
        raise Failed(f"ended with {program.returncode}: {last_words(err)}")
    return figures(out)


def run(contender, case, watch):
    """Run a program that measures itself."""
    args = case.args_of.get(contender.name, case.args)
    cores = {watch.core, watch.server_core} if case.both else {watch.core}
    before, start = watch.start(), process.now()
    used = process.cpu_of_children()
    lines = run_program([*contender.command(case.program), *args],
                        contender.env, cores, LIMIT)
    watch.stop(before, process.now() - start,
               process.cpu_of_children() - used, cores)
    if case.rows[0].measure not in lines:
        raise Failed("printed no figure")
    return lines
