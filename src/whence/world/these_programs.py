"""Looks into the files of programs on the machine whence runs on: a ``world.Programs``."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from whence.model import CannotAsk, Reading
from whence.model.program_contents import encode_said
from whence.world.contracts import Clock
from whence.world.program_file import contents, names, sums


@dataclass(frozen=True, slots=True)
class Allowed:
    """What the user allows, or brings, beyond looking at a program."""

    run_help: bool = False
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

    def sums(self, path: str) -> Reading:
        """Give the sums of a file, its size and capabilities."""
        return self._reading(f"sums {path}", path, lambda file: sums(file) + "\n")

    def names_in(self, path: str) -> Reading:
        """Give what a file names, as far as that takes no time."""
        return self._reading(f"names in {path}", path, lambda file: encode_said(names(file)))

    def contents_of(self, path: str) -> Reading:
        """Give what a file is and names."""
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

    def help(self, path: str) -> Reading:
        """Run it for its help, where the user allowed that."""
        from whence.world.run_help import help_of

        if not self._allowed.run_help:
            raise CannotAsk("it was not run", try_="--run-help")
        return self._reading(f"{path} --help", path, help_of)

    def _reading(self, source: str, path: str, look: Callable[[str], str]) -> Reading:
        return Reading(source, look(self._root + path), self._clock(), self._observer)
