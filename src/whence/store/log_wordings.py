"""Which wordings a lake's lines have, so that each has the same id in every file and every run.

An id is made from the first line of its wording that was met. Whoever began anew with each file
would give the same wording another id in the next, and what is usual would look new.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import msgspec

from whence.model import CannotStore
from whence.store.creation import replacing

NAME = "wordings.json"
MOST = 12_000  # that are known again, those seen last: the native part tells 16,384 apart


class Wording(msgspec.Struct, frozen=True, array_like=True):
    """A wording, and the last day on which there were lines of it."""

    id: str
    text: str
    seen: date


class Wordings:
    """The wordings of a lake. Only the lake's writer changes them."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._kept = self._read()
        self._counts: dict[str, int] = {}

    @property
    def known(self) -> list[tuple[str, str]]:
        """Give id and text of each, the one seen last first."""
        latest = sorted(self._kept.values(), key=lambda one: one.seen, reverse=True)
        return [(one.id, one.text) for one in latest[:MOST]]

    def keep(self, met: Iterable[tuple[str, str, int]], today: date) -> None:
        """Note what a reading knows now: id, text, events up to now.

        A vendor's id (``cisco_asa:419002``) is the same anyway.

        Raises
        ------
        CannotStore
            If there is no room, or what is there is damaged.

        """
        now = dict(self._kept)
        for id_, text, count in met:
            if count not in (0, self._counts.get(id_)) and ":" not in id_:
                now[id_] = Wording(id_, text, today)
            self._counts[id_] = count
        if now == self._kept:
            return
        now = self._read() | now  # another may have loaded files meanwhile
        with replacing(self._path) as file:
            file.write(msgspec.json.encode([*now.values()]))
        self._kept = now

    def _read(self) -> dict[str, Wording]:
        try:
            read = msgspec.json.decode(self._path.read_bytes(), type=list[Wording])
        except FileNotFoundError:
            return {}
        except msgspec.MsgspecError as e:
            raise CannotStore(
                f"{self._path} is damaged",
                because=str(e),
                try_="remove it: no line is lost; wordings that are met anew may get another id",
            ) from e
        return {one.id: one for one in read}
