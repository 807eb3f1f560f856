"""Looks into the files of programs on the machine whence runs on: a ``world.Programs``."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from whence.model import CannotAsk, Reading
from whence.world.contracts import Clock
from whence.world.program_file import sums
from whence.world.this_host import asking_for


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the user allows, or brings, beyond looking at a program."""

    run_help: bool = False
    any_owner: bool = False  # also of what is not as a package brought it
    rules: Path | None = None  # of YARA


class ThesePrograms:
    """Looks into files; with ``root``, into those below a folder as if they were all."""

    def __init__(
        self, observer: str, clock: Clock, allowed: Allowed | None = None, root: str = ""
    ) -> None:
        self._observer = observer
        self._clock = clock
        self._allowed = allowed or Allowed()
        self._root = root.rstrip("/")
        self._known: dict[tuple[str, int, int, int, int], str] = {}

    def sums(self, path: str) -> Reading:
        """Give the sums of a file, its size and capabilities; read again only if it changed."""
        return self._reading(f"sums {path}", path, self._sums)

    def _sums(self, file: str) -> str:
        with asking_for(file):
            found = Path(file).stat()
        key = (file, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        if key not in self._known:
            self._known[key] = sums(file) + "\n"
        return self._known[key]

    def names_in(self, path: str) -> Reading:
        """Give what a file names, as far as that takes no time."""
        from whence.model.program_contents import encode_said
        from whence.world.program_reading import names

        return self._reading(f"names in {path}", path, lambda file: encode_said(names(file)))

    def contents_of(self, path: str) -> Reading:
        """Give what a file is and names."""
        from whence.model.program_contents import encode_said
        from whence.world.program_reading import contents

        source = f"contents of {path}"
        return self._reading(source, path, lambda file: encode_said(contents(file)))

    def scanned(self, path: str) -> Reading:
        """Ask clamd of ClamAV."""
        from whence.world.clamd import clamd_said

        source = f"scan of {path}"
        return self._reading(source, path, lambda file: clamd_said(file, os.environ))

    def matched(self, path: str) -> Reading:
        """Match it with the user's rules."""
        from whence.world.yara_rules import rules_matched

        rules = self._allowed.rules
        if rules is None:
            raise CannotAsk("no rules were given", try_="--rules FILE")
        source = f"rules on {path}"
        return self._reading(source, path, lambda file: rules_matched(file, rules))

    def help(self, path: str, *, is_sound: bool) -> Reading:
        """Run it for its help, where the user allowed that."""
        from whence.world.run_help import help_of

        if not self._allowed.run_help:
            raise CannotAsk("it was not run", try_="--run-help")
        if not is_sound and not self._allowed.any_owner:
            raise CannotAsk(
                "it was not run", because="nothing says that it is as a package brought it",
                try_="--run-help --any-owner",
            )  # fmt: skip
        return self._reading(f"{path} --help", path, help_of)

    def _reading(self, source: str, path: str, look: Callable[[str], str]) -> Reading:
        return Reading(source, look(self._root + path), self._clock(), self._observer)
