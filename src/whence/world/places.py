"""Where whence keeps things on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from whence.model.errors import BadSettings

SYSTEM = Path("/var/lib/whence")  # file-hierarchy(7): state of a system service
VARIABLE = "WHENCE_STATE"  # an environment variable that names another folder
# Of a search for a port, and in it what has to be put back: each start looks for that, and is to
# import no more than this module for it.
BISECT, UNDO = "bisect", "undo.json"


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one user; root's are the system's."""

    state: Path

    @classmethod
    def of_this_user(cls) -> Places:
        """Find them: $WHENCE_STATE, for root the system's, else below $XDG_DATA_HOME."""
        if chosen := os.environ.get(VARIABLE):
            return cls(Path(chosen).absolute())
        if os.geteuid() == 0:
            return cls(SYSTEM)
        home = os.environ.get("XDG_DATA_HOME")
        try:
            return cls(Path(home or "~/.local/share").expanduser() / "whence")
        except RuntimeError as e:
            raise BadSettings(
                "there is no folder to keep cases in",
                because=f"HOME is not set, and user {os.geteuid()} has no home",
                try_=f"name one: {VARIABLE}=/some/folder whence …",
            ) from e

    @property
    def cases(self) -> Path:
        """The folder of the cases, for this user alone."""
        return self.state / "cases"

    def can_keep_cases(self) -> bool:
        """Say whether this user may write there, or make the folder; nothing is tried."""
        try:
            there = next(place for place in (self.cases, *self.cases.parents) if place.exists())
        except PermissionError:
            return False
        return there.is_dir() and os.access(there, os.W_OK | os.X_OK)

    @property
    def tables(self) -> Path:
        """The folder of tables of addresses that the user brought: see world/data_tables.py."""
        return self.state / "tables"

    @property
    def captures(self) -> Path:
        """The folder of the captures, for this user alone."""
        return self.state / "captures"

    @property
    def passing(self) -> Path:
        """The folder of the journals of what is changed only for a while: world/undo_folder.py."""
        return self.state / "undo" / "passing"

    @property
    def run(self) -> Path:
        """The folder of sockets that others may call."""
        return Path("/run/whence-trap") if self.state == SYSTEM else self.state / "run"

    @property
    def traps(self) -> Path:
        """The folder of the runs that traps saw, for this user alone."""
        return self.state / "traps"

    @property
    def cables(self) -> Path:
        """The file of the plan of cables, if the user gave one."""
        return self.state / "cables.csv"

    @property
    def logs(self) -> Path:
        """The folder of the log lines that were received: the spool, and what became of it."""
        return self.state / "logs"

    @property
    def imports(self) -> Path:
        """The folder of what was imported from files of other tools, for this user alone."""
        return self.state / "imports"

    @property
    def history(self) -> Path:
        """The recorder's folder: this user's if there is one, else the system's."""
        own = self.state / "history"
        return own if own.is_dir() or self.state == SYSTEM else SYSTEM / "history"

    @property
    def own_history(self) -> Path:
        """The folder that a recorder of this user writes to."""
        return self.state / "history"
