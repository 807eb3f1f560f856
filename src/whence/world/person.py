"""The person at the terminal, asked to do something with their hands."""

from __future__ import annotations

import sys
from collections.abc import Callable

from whence.model import CannotAsk

Ask = Callable[[str], None]


def ask_to(do: str) -> None:
    """Say what is to be done, and wait until it is: until Enter.

    Raises
    ------
    CannotAsk
        If nobody is there.

    """
    sys.stderr.write(f"{do}\nthen press Enter: ")
    sys.stderr.flush()
    if not sys.stdin.readline():
        raise CannotAsk(
            "nobody is there to do it", because="the input ended", try_="run it in a terminal"
        )
