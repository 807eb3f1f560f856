"""Which files were loaded into the lake, so that loading one twice changes nothing.

A file is known by what it says, not by its name: rotation gives it another, and may compress it.
Its first lines must be the same, and what stands before the place up to which it was checked.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import msgspec

from whence.model import BadInput
from whence.store.creation import replacing
from whence.store.refusals import damaged

NAME = "files.json"
HEAD, TAIL = 1 << 12, 1 << 12  # bytes that are compared

Piece = Callable[[int, int], bytes]  # of a file: from which byte, how many


class Source(msgspec.Struct, frozen=True):
    """A file that was loaded."""

    number: int
    path: str  # when it was loaded last
    head_size: int
    head: str  # SHA-256
    checked: int  # bytes from its beginning; the lake may have more
    tail_size: int
    tail: str
    assumed: str | None = None  # the zone that was taken for times that say none, if noted


class Sources:
    """The files that a lake has lines of. Only the lake's writer changes them."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._sources = self._read()

    def of(self, path: Path, size: int, piece: Piece) -> Source:
        """Find the file among those that were loaded, or give it a number.

        ``size`` is that of its whole lines.

        Raises
        ------
        BadInput
            If it begins like a file that was loaded, and is shorter: a part of it, or cut.

        """
        alike = [one for one in self._sources if _digest(piece(0, one.head_size)) == one.head]
        for one in sorted(alike, key=lambda one: -one.checked):
            if size >= one.checked and _tail(one.checked, one.tail_size, piece) == one.tail:
                return one
        for one in alike:
            if size < one.checked:
                raise BadInput(
                    f"{path} was not loaded",
                    because=f"it begins like {one.path}, which was loaded, but is shorter; "
                    "its lines would count twice",
                    try_="load the whole file, or another lake with --lake FOLDER",
                )
        head_size = min(size, HEAD)
        head = _digest(piece(0, head_size))
        number = max((one.number for one in self._sources), default=-1) + 1
        made = Source(number, str(path), head_size, head, head_size, head_size, head)
        self._sources.append(made)
        self._write()
        return made

    @property
    def known(self) -> tuple[Source, ...]:
        """Give them all."""
        return tuple(self._sources)

    def loaded(
        self, source: Source, path: Path, end: int, piece: Piece, assumed: str | None = None
    ) -> None:
        """Note up to where a file was loaded, what stands there, and which zone was assumed."""
        size = min(end, TAIL)
        newer = msgspec.structs.replace(
            source, path=str(path), checked=end, tail_size=size, tail=_tail(end, size, piece),
            assumed=assumed or source.assumed,
        )  # fmt: skip
        self._sources = [newer if one.number == newer.number else one for one in self._sources]
        self._write()

    def _read(self) -> list[Source]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=list[Source])
        except FileNotFoundError:
            return []
        except msgspec.MsgspecError as e:
            raise damaged(self._path, str(e)) from e

    def _write(self) -> None:
        with replacing(self._path) as file:
            file.write(msgspec.json.encode(self._sources))


def _tail(end: int, size: int, piece: Piece) -> str:
    return _digest(piece(end - size, size))


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
