"""Files of log lines, read by the native part into rows; and pieces of them as they are."""

from __future__ import annotations

import gzip
import os
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import IO, TypeVar, cast

from whence import _native
from whence.model import BadInput, CannotAsk, NotPermitted
from whence.model.plural import many
from whence.world.local_time import zone_offsets
from whence.world.reading_apart import read_apart
from whence.world.rights import more_rights

T = TypeVar("T")
SHRUNK = 10  # times smaller are log lines that are packed, or about that
_BLOCK = 1 << 16
_GZIP = b"\x1f\x8b"
_OTHERS = {b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file of log lines, of which more may still be written."""

    path: Path
    size: int  # bytes, unpacked, of its whole lines; of a packed file, as far as was looked

    @classmethod
    def of(cls, path: Path, settled: bool = True) -> LogFile:
        """Look at a file.

        Of one that is not ``settled``, a last line without an end is not looked at: it is being
        written.
        """
        with _in_words(path):
            size = path.stat().st_size
            _must_be_file(path)
            if _is_packed(path):
                return cls(path, _unpacked_size(path))
            with path.open("rb") as file:
                return cls(path, size if settled else _end_of_lines(file, size))

    def piece(self, begin: int, size: int) -> bytes:
        """Read some bytes, unpacked; fewer if it is not so long."""
        with _in_words(self.path), _opened(self.path) as file:
            file.seek(begin)
            return file.read(size)

    def changed(self) -> float:
        """Say when something was written to it last, in seconds since 1970."""
        with _in_words(self.path):
            return self.path.stat().st_mtime


@contextmanager
def end_of_file(path: Path, size: int) -> Iterator[Path]:
    """Give a file with the last whole lines of another, for a ``with`` block; only ours to read."""
    file = LogFile.of(path, settled=False)
    data = file.piece(max(0, file.size - size), size)
    if file.size > size:
        data = data.partition(b"\n")[2]
    with tempfile.NamedTemporaryFile(prefix="whence-") as end:
        end.write(data)
        end.flush()
        yield Path(end.name)


def check_readable(path: Path) -> None:
    """See that a file can be read as log lines.

    Raises
    ------
    BadInput
        If it is no file, or packed by what the native part cannot unpack.

    """
    with _in_words(path):
        path.stat()
        _must_be_file(path)
        with path.open("rb") as file:
            begin = file.read(8)
    for magic, name in _OTHERS.items():
        if begin.startswith(magic) and name != "zstd":
            raise BadInput(
                f"{path} cannot be read",
                because=f"it is packed by {name}",
                try_=f"{name} -d -k {path}, then read what comes of it",
            )


def about_size(path: Path) -> int:
    """Say about how many bytes of lines a file has, unpacked."""
    return path.stat().st_size * (SHRUNK if is_packed(path) else 1)


def is_packed(path: Path) -> bool:
    """Say whether a file is packed, by what is known here."""
    with _in_words(path), path.open("rb") as file:
        return file.read(8).startswith((_GZIP, *_OTHERS))


def written_last(files: Sequence[Path]) -> datetime:
    """Say when the last of some files was written: later than that, no line of them is."""
    latest = max((file.stat().st_mtime for file in files), default=0.0)
    return datetime.fromtimestamp(latest, UTC)


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
    ) -> None:
        """Open files; ``zones`` are as those of `LogLines`."""
        known: dict[str, tzinfo | None] = {**(zones or {})}
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
        )

    def read(self, work: Callable[[], T], progress: Callable[[int, int], None]) -> T:
        """Do what reads the rows, and tell ``progress`` the lines and bytes up to now.

        Whatever interrupts it, as ^C does, ends the reading soon.
        """

        def hear() -> None:
            progress(self._reading.lines_read, self._reading.bytes_read)

        result = read_apart(work, self._reading.stop, hear, endless=False)
        hear()
        return result

    def reached(self) -> int:
        """Give the position behind the last row, when they were read."""
        return self._reading.summary()["next"]

    def lines(self) -> int:
        """Give how many lines were read."""
        return self._reading.summary()["rows"]

    def without_time(self) -> int:
        """Give how many lines say no time, and have none before them that does."""
        return self._reading.summary()["without_time"]

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
        yield
    except FileNotFoundError as e:
        raise BadInput(f"there is no file {path}", try_="look at its name") from e
    except PermissionError as e:
        raise NotPermitted(f"may not read {path}", try_=more_rights()) from e
    except (gzip.BadGzipFile, EOFError, zlib.error) as e:
        raise BadInput(f"{path} is damaged", because=str(e)) from e
    except OSError as e:
        raise CannotAsk(f"{path} cannot be read", because=e.strerror or str(e)) from e


def _must_be_file(path: Path) -> None:
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is no file"
        raise BadInput(f"{path} {what}", try_="give the path of a file of log lines")


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        begin = file.read(8)
    for magic, name in _OTHERS.items():
        if begin.startswith(magic):
            raise BadInput(
                f"{path} cannot be compared with what was loaded",
                because=f"it is packed by {name}, and only gzip can be looked into",
                try_=f"{name} -d -k {path}, then load what comes of it",
            )
    return begin.startswith(_GZIP)


def _opened(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path, "rb")) if _is_packed(path) else path.open("rb")


def _unpacked_size(path: Path) -> int:
    with _opened(path) as file:
        return file.seek(0, os.SEEK_END)


def _end_of_lines(file: IO[bytes], size: int) -> int:
    """Give the place behind the last end of a line."""
    end = size
    while end > 0:
        begin = max(0, end - _BLOCK)
        file.seek(begin)
        found = file.read(end - begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0
