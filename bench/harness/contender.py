# SPDX-License-Identifier: MIT
"""What a contender is, and how programs are asked about themselves."""

import dataclasses
import pathlib
import shutil
import subprocess


class Missing(Exception):
    """A contender can't take part; says why."""


@dataclasses.dataclass
class Contender:
    """command(program) is how its program of that name is started, or None if
    it has none. A server gets the port as its first argument, unless serve is
    there: serve(program, port) is the whole command. lacks says which cases
    it can't or won't run, and why."""

    name: str
    title: str
    version: str
    command: object
    column: bool = True  # of the table of tasks; otherwise a note under it
    lacks: dict = dataclasses.field(default_factory=dict)
    env: dict = dataclasses.field(default_factory=dict)
    serve: object = None

    def server(self, program, port):
        if self.serve:
            return self.serve(program, port)
        return [*self.command(program), port]


def output(*command, **more):
    """What a command prints; Missing if it isn't there or fails."""
    if not shutil.which(str(command[0])):
        raise Missing(f"{command[0]} is not installed")
    done = subprocess.run([str(word) for word in command], text=True,
                          capture_output=True, check=False,
                          stdin=subprocess.DEVNULL, **more)
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise Missing(f"{pathlib.Path(command[0]).name} failed: "
                      + (lines[-1] if lines else "no message"))
    return done.stdout.strip()


def programs(**paths):
    """A command function for these programs: a path, or a list of words."""
    def command(program):
        path = paths.get(program)
        if path is None or isinstance(path, list):
            return path
        return [path]
    return command


def debian_version(package):
    """The version of an installed Debian package; Missing if it isn't."""
    try:
        return output("dpkg-query", "-W", "-f=${Version}", package)
    except Missing:
        raise Missing(f"{package} is not installed") from None
