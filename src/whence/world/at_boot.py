"""What has a program that was diverted put back at boot, should the power go meanwhile.

It is in the same journal as the diversion, so that it goes with it.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from whence.model import WhenceError
from whence.world import durable, systemd
from whence.world.places import VARIABLE
from whence.world.trust import account_for, this_whence
from whence.world.undo import Undo
from whence.world.undo_unit import undo_unit

UNITS = "etc/systemd/system"
WANTED_BY = f"{UNITS}/multi-user.target.wants"
CRON = "etc/cron.d"
HEAD = "# Written by `whence trap --script`; it goes when the program is put back.\n"
CRONS = ("usr/sbin/cron", "usr/sbin/crond")  # Debian's and the others'


def undo_at_boot(undo: Undo, number: str, whence: Path, *, root: Path = Path("/")) -> str:
    """Have ``whence undo --all`` run at boot, and say by what, or why it will not be.

    By a unit where systemd is the service manager, else by cron, crontab(5) @reboot. ``number``
    tells one such change from another.
    """
    try:
        if systemd.is_running(root):
            return _by_unit(undo, f"whence-undo-{number}.service", whence, root)
        if any((root / cron).exists() for cron in CRONS) and (root / CRON).is_dir():
            return _by_cron(undo, root / CRON / f"whence-undo-{number}", whence)
    except WhenceError as e:
        return f"nothing does at boot: {e}" + (f", {e.because}" if e.because else "")
    return "nothing does at boot, for there is neither systemd nor cron"


def _by_unit(undo: Undo, name: str, whence: Path, root: Path) -> str:
    text = undo_unit(whence, head=HEAD)
    durable.make_folder(root / WANTED_BY, 0o755)
    undo.write(root / UNITS / name, text.encode())
    undo.link(root / WANTED_BY / name, f"../{name}")
    return f"{name} does at boot"


def _by_cron(undo: Undo, file: Path, whence: Path) -> str:
    account_for([whence, *this_whence()], Path("/"))
    chosen = os.environ.get(VARIABLE)
    words = [f"{VARIABLE}={chosen}"] if chosen else []
    command = shlex.join(["env", *words, str(whence), "undo", "--all"]).replace("%", r"\%")
    undo.write(file, f"{HEAD}@reboot root {command}\n".encode())
    return f"{file} does at boot"
