"""How the lab runs the tools that it is built with."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from whence.model import WhenceError

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PLAIN = {"PATH": SYSTEM_PATH, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
PATIENCE = 300.0  # seconds; only an installation of packages takes more than one


class CannotBuild(WhenceError):
    """The lab could not be built, taken down or used."""

    exit_code = 69


def tool(name: str) -> str:
    """Find a program, also where only root looks.

    Raises
    ------
    CannotBuild
        If it is not installed.

    """
    found = shutil.which(name, path=SYSTEM_PATH)
    if found is None:
        raise CannotBuild(f"the lab needs {name}", because="it is not installed")
    return found


def write_door(door: Path, prefix: Sequence[str]) -> None:
    """Write a script that runs a command behind a prefix, whence also where it is in no path."""
    programs = shlex.quote(sysconfig.get_path("scripts"))
    door.write_text(
        f'#!/bin/sh\nPATH="$PATH":{programs}\nexport PATH\nexec {shlex.join(prefix)} "$@"\n'
    )
    door.chmod(0o700)


def run(argv: Sequence[str], text: str = "") -> str:
    """Run a tool, with ``text`` as its input, and give what it printed.

    Raises
    ------
    CannotBuild
        With the tool's own last words, if it fails.

    """
    command = (tool(argv[0]), *argv[1:])
    try:
        return subprocess.run(
            command,
            input=text,
            capture_output=True,
            check=True,
            text=True,
            timeout=PATIENCE,
            env=os.environ | PLAIN,
        ).stdout
    except subprocess.CalledProcessError as e:
        words = (e.stderr.strip() or e.stdout.strip()).splitlines()
        because = words[-1] if words else f"exit status {e.returncode}"
        raise CannotBuild(f"{argv[0]} failed: {' '.join(argv)}", because=because) from e
    except subprocess.TimeoutExpired as e:
        raise CannotBuild(f"{argv[0]} did not end: {' '.join(argv)}") from e
