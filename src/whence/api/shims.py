"""A shim in a program's place for as long as a trap is set, and what takes it away again."""

from __future__ import annotations

import hashlib
import sys
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from whence.world import systemd
from whence.world.at_boot import undo_at_boot
from whence.world.changes import digest
from whence.world.diversion import Diverted
from whence.world.divertible import divertible
from whence.world.durable import make_folder
from whence.world.places import Places
from whence.world.trap_shim import shim_for
from whence.world.undo import Run, Undo
from whence.world.undo_folder import UndoFolder

KIND = "trap"
OPEN = 0o711  # whoever runs the program passes through, and sees nothing


class Shim:
    """One program and its shim. The journal is held meanwhile: `whence undo` leaves it alone."""

    def __init__(self, program: Path, until: datetime, run: Run = systemd.run) -> None:
        """Look whether there may be one; nothing is changed.

        Raises
        ------
        BadInput, NotPermitted, CannotAsk
            If this program, this user or this machine is not one for it.

        """
        self._run = run
        self._found = divertible(program)
        places = Places.of_this_user()
        number = hashlib.sha256(str(program).encode()).hexdigest()[:16]
        self.listener = places.run / number
        self._journals = UndoFolder(places.passing)
        original = Diverted(str(program), self._found.registered, "").original
        self._shim = shim_for(program, original, self.listener, until)
        self._diverted = Diverted(str(program), self._found.registered, digest(self._shim))
        self._number = number
        self._held = ExitStack()
        self._undo: Undo | None = None
        self.at_boot = ""  # what puts the program back then, or why nothing does
        make_folder(places.run, OPEN)

    @property
    def package(self) -> str:
        """Whose program it is; empty if it is in no package."""
        return self._found.package

    def put_in_place(self) -> None:
        """Divert the program and put the shim where it was; all of it or nothing."""
        name = self._diverted.path
        self._undo = self._held.enter_context(self._journals.hold(KIND, name))
        try:
            self.at_boot = undo_at_boot(self._undo, self._number, Path(sys.argv[0]).absolute())
            self._undo.divert(self._diverted, self._shim, self._run)
        except BaseException:
            self.put_back()
            raise

    def put_back(self) -> list[str]:
        """Put the program back, and say so; nothing if that is done already."""
        if self._undo is None:
            return []
        said = [*self._undo.undo_all(self._run)]
        if not self._undo.pending():
            self.listener.unlink(missing_ok=True)
        self._undo = None
        self._held.close()
        return said
