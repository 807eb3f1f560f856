"""Where whence keeps things on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

SYSTEM = Path("/var/lib/whence")  # file-hierarchy(7): state of a system service
VARIABLE = "WHENCE_STATE"  # an environment variable that names another folder


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
        home = os.environ.get("XDG_DATA_HOME") or str(Path("~/.local/share").expanduser())
        return cls(Path(home) / "whence")

    @property
    def cases(self) -> Path:
        """The folder of the cases, for this user alone."""
        return self.state / "cases"

    @property
    def captures(self) -> Path:
        """The folder of the captures, for this user alone."""
        return self.state / "captures"

    @property
    def history(self) -> Path:
        """The recorder's folder: this user's if there is one, else the system's."""
        own = self.state / "history"
        return own if own.is_dir() or self.state == SYSTEM else SYSTEM / "history"

    @property
    def own_history(self) -> Path:
        """The folder that a recorder of this user writes to."""
        return self.state / "history"
