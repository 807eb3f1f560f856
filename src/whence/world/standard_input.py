"""Standard input: nobody may have anything to say there."""

from __future__ import annotations

import select
from collections.abc import Iterable
from pathlib import Path

STANDARD_INPUT = Path("-")
_NUMBER = 0


def await_standard_input(files: Iterable[Path]) -> None:
    """Wait until standard input says something or ends, if it is one of these files.

    The native part does not look at signals while it waits: ^C at a terminal where nothing was
    typed yet would end nothing.
    """
    if STANDARD_INPUT in files:
        select.select([_NUMBER], [], [])
