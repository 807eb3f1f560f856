"""Files of log lines, read by the native part into rows; and pieces of them as they are."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import takewhile
from pathlib import Path
from typing import TypeVar

from whence import _native
from whence.model import BadInput
from whence.model.file_beginnings import LONGEST, by_beginning
from whence.model.given_file import reading
from whence.model.log_zones import AssumedZone
from whence.model.plural import many
from whence.world.local_time import local_zone, zone_name, zone_offsets
from whence.world.reading_apart import read_apart

T = TypeVar("T")
SHRUNK = 10  # times smaller are log lines that are packed, or about that
_HEAD = 4 << 10  # bytes that the lines have at most which name the columns of a log
_OTHERS = {
    b"PK\x03\x04": ("zip", "unzip"),
    b"7z\xbc\xaf\x27\x1c": ("7-Zip", "7z x"),
    b"\x04\x22\x4d\x18": ("lz4", "lz4 -d -k"),
    b"\x1f\x9d": ("compress", "uncompress -k"),
}


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file of log lines, of which more may still be written."""

    path: Path
    size: int  # bytes of its whole lines: unpacked, and in UTF-8

    @classmethod
    def of(cls, path: Path, settled: bool = True) -> LogFile:
        """Look at a file.

        Of one that is not ``settled``, a last line without an end is not looked at: it is being
        written.
        """
        check_readable(path)
        with _in_words(path):
            whole, lines = _native.log_length(path)
            return cls(path, whole if settled or is_packed(path) else lines)

    def piece(self, begin: int, size: int) -> bytes:
        """Read some bytes, unpacked and in UTF-8; fewer if it is not so long."""
        with _in_words(self.path):
            return _native.log_piece(self.path, begin, size)

    def changed(self) -> float:
        """Say when something was written to it last, in seconds since 1970."""
        with _in_words(self.path):
            return self.path.stat().st_mtime


@contextmanager
def end_of_file(path: Path, size: int) -> Iterator[Path]:
    """Give a file with the last whole lines of another, for a ``with`` block; only ours to read.

    What its head says of its columns and times stands above them.
    """
    file = LogFile.of(path, settled=False)
    data = file.piece(max(0, file.size - size), size)
    if file.size > size:
        data = _head(file) + data.partition(b"\n")[2]
    with tempfile.NamedTemporaryFile(prefix="whence-") as end:
        end.write(data)
        end.flush()
        yield Path(end.name)


def _head(file: LogFile) -> bytes:
    lines = file.piece(0, _HEAD).splitlines(keepends=True)
    directives = takewhile(lambda line: line.startswith(b"#"), lines)
    return b"".join(directives)


def check_readable(path: Path) -> None:
    """See that a file can be read as log lines.

    Raises
    ------
    BadInput
        If it is no file, packed by what the native part cannot unpack, or no text at all.

    """
    with _in_words(path):
        path.stat()
        _must_be_file(path)
        with path.open("rb") as file:
            begin = file.read(LONGEST)
    for magic, (name, unpack) in _OTHERS.items():
        if begin.startswith(magic):
            raise BadInput(
                f"{path} cannot be read",
                because=f"it is packed by {name}",
                try_=f"{unpack} {path}, then read what comes of it",
            )
    start = _unpacked(path) if is_packed(path) else begin
    told = by_beginning(start) if b"\0" in start else None
    if told:
        what, instead = told
        raise BadInput(f"{path} is {what}, and no log", try_=instead.replace("FILE", str(path)))


def _unpacked(path: Path) -> bytes:
    """Give how a packed file begins; nothing where that is damaged, which whoever reads it says."""
    try:
        with _in_words(path):
            return _native.log_piece(path, 0, LONGEST)
    except BadInput:
        return b""


def about_size(path: Path) -> int:
    """Say about how many bytes of lines a file has, unpacked."""
    return path.stat().st_size * (SHRUNK if is_packed(path) else 1)


def is_packed(path: Path) -> bool:
    """Say whether a file is packed, in a way that the native part can unpack."""
    with _in_words(path), path.open("rb") as file:
        return _native.log_is_packed(file.read(8))


def written_last(files: Sequence[Path]) -> datetime:
    """Say when the last of some files was written: later than that, no line of them is."""
    latest = max((file.stat().st_mtime for file in files), default=0.0)
    return datetime.fromtimestamp(latest, UTC)


def assumed_zone(told: _native.LogSummary, moment: datetime) -> AssumedZone | None:
    """Say of what was read how many times say no zone, and that they are taken to be ours."""
    if not told["zone_assumed"]:
        return None
    timed = told["rows"] - told["without_time"]
    return AssumedZone(zone_name(local_zone(), moment), told["zone_assumed"], timed)


class LogRows:
    """Log lines of files, as rows that can be read once."""

    def __init__(
        self,
        files: Sequence[Path],
        now: datetime,
        *,
        start: int = 0,
        columns: Sequence[str] | None = None,
        keep_original: bool = True,
        zones: Mapping[str, tzinfo] | None = None,
        wordings: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Open files; ``zones`` are as those of `LogLines`, ``wordings`` known by id and text."""
        known: dict[str, tzinfo | None] = {**(zones or {})}
        self._is_stated, self._now = "" in known, now
        seconds, changes = zone_offsets(known.pop("", None), now)
        self.rows, self._reading = _native.parse_logs(
            files,
            start=start,
            now=round(now.timestamp() * 1e6),
            zone_seconds=seconds,
            zone_changes=changes,
            zones=[(source, *zone_offsets(zone, now)) for source, zone in known.items()],
            columns=columns,
            keep_original=keep_original,
            templates=wordings,
        )

    def read(self, work: Callable[[], T], progress: Callable[[int, int], None]) -> T:
        """Do what reads the rows, and tell ``progress`` the lines and bytes up to now.

        Whatever interrupts it, as ^C does, ends the reading soon.

        Raises
        ------
        BadInput
            If the files are damaged, and nothing could be read.

        """

        def hear() -> None:
            progress(self._reading.lines_read, self._reading.bytes_read)

        result = read_apart(work, self._reading.stop, hear)
        hear()
        if self.left_out() and not self.lines():
            raise BadInput(
                "nothing could be read",
                because="; ".join(self.left_out()),
                try_="look whether the files are whole",
            )
        return result

    def reached(self) -> int:
        """Give the position behind the last row, when they were read."""
        return self._reading.summary()["next"]

    def wordings(self) -> list[tuple[str, str, int]]:
        """Give id, text and events of each wording that is known now."""
        return self._reading.templates()

    def lines(self) -> int:
        """Give how many lines were read."""
        return self._reading.summary()["rows"]

    def without_time(self) -> int:
        """Give how many lines say no time, and have none before them that does."""
        return self._reading.summary()["without_time"]

    def zone_assumed(self) -> bool:
        """Say whether most lines with a time say no zone; about so."""
        told = self._reading.summary()
        return 2 * told["zone_assumed"] > told["rows"] - told["without_time"]

    def assumed_zone(self) -> AssumedZone | None:
        """Say which zone was taken for times that say none; None where it was stated, or none."""
        told = self._reading.summary()
        return None if self._is_stated else assumed_zone(told, self._now)

    def left_out(self) -> list[str]:
        """Say what was not read, or not as it should be."""
        told = self._reading.summary()
        damage = [f"{file}: {reason}, at byte {offset}" for file, offset, reason in told["damage"]]
        if told["cut"]:
            lines = many(told["cut"], "line was", "lines were")
            damage.append(f"{lines} longer than is kept; what came after that is left out")
        return damage


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        with reading(path):
            yield
    except ValueError as e:
        raise BadInput(f"{path} is damaged", because=str(e)) from e


def _must_be_file(path: Path) -> None:
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is no file"
        raise BadInput(f"{path} {what}", try_="give the path of a file of log lines")
