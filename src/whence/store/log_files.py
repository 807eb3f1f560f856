"""Files of the lake of log lines: written whole or not at all, read as they were at one moment."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import duckdb

from whence.model import BadInput, CannotStore, WhenceError
from whence.model.plural import many
from whence.model.whole_files import sync_folder
from whence.store.flow_tables import NOTHING_FROM_OUTSIDE
from whence.store.log_ranges import Kind, Range, Segment, segment, that_count
from whence.store.refusals import damaged, in_words

MODE, FOLDER_MODE = 0o600, 0o700
_MAGIC = b"PAR1"  # at both ends: https://parquet.apache.org/docs/file-format/
_SMALLEST = 12
_SPARE_DESCRIPTORS = 256
_ATTEMPTS = 100
_MEMORY, _ROOMY = "256MB", "512MB"
_SPILL = ".spill"
# Of the second version: numbers as differences are smaller, and quicker to read.
_AS_PARQUET = "COPY rows TO '{file}' (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION V2)"
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def engine(spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """Begin an engine in memory that reaches for nothing outside, and takes little.

    What it cannot hold goes to a folder below ``spill``, if one is given.
    """
    connection = duckdb.connect(config=NOTHING_FROM_OUTSIDE)
    connection.execute(f"SET memory_limit = '{_MEMORY}'")
    connection.execute("SET threads = 1")
    connection.execute("SET temp_directory = $1", ["" if spill is None else str(spill / _SPILL)])
    read_afresh(connection)
    return connection


@contextmanager
def roomy_engine() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give an engine that holds a row for each line of a file; what is too much goes to disk."""
    with tempfile.TemporaryDirectory(prefix="whence-") as folder, closing(engine()) as tables:
        tables.execute(f"SET memory_limit = '{_ROOMY}'")
        tables.execute("SET temp_directory = $1", [folder])
        tables.execute("SET enable_progress_bar = false")
        tables.execute("SET preserve_insertion_order = false")
        yield tables


def read_afresh(connection: duckdb.DuckDBPyConnection) -> None:
    """Let it keep no blocks of files: a descriptor's path may stand for another file later."""
    with contextlib.suppress(duckdb.CatalogException):  # before 1.3 there was no such cache
        connection.execute("SET enable_external_file_cache = false")


class Rows(Protocol):
    """Rows that go into a file."""

    def write_parquet(self, file_name: str, /) -> object:
        """Write them all."""


@dataclass(frozen=True, slots=True)
class Selected:
    """Rows that the engine reckons out."""

    relation: duckdb.DuckDBPyRelation

    def write_parquet(self, file_name: str, /) -> None:
        """Write them all."""
        self.relation.query("rows", _AS_PARQUET.format(file=file_name.replace("'", "''")))


@dataclass(frozen=True, slots=True)
class Written:
    """A segment that was written."""

    segment: Segment
    rows: int
    bytes: int


def write(
    folder: Path,
    span: Range,
    kind: Kind,
    rows: Rows,
    reader: duckdb.DuckDBPyConnection,
    reached: Callable[[], int] | None = None,
) -> Written | None:
    """Write a segment: a hidden draft, which gets its name when it is on the disk.

    ``reader`` reads the draft again before, so that what cannot be read gets no name. ``reached``
    says, when the rows were read, which position is behind the last, where that is known only
    then; if that is where the range begins, there is nothing to write.

    Raises
    ------
    CannotStore
        If there is no room, or a file of this name; then nothing was changed.
    BadInput
        If it holds rows of lines with positions outside the range.

    """
    draft = folder / f".{kind}-{span[0]:020}-{span[1]:020}.draft"
    try:
        with in_words(folder), _in_words(folder):
            rows.write_parquet(str(draft))
            draft.chmod(MODE)
            if reached is not None:
                span = span[0], min(span[1], reached())
            if span[0] >= span[1]:
                return None
            count, outside, first, last = _content(draft, span, kind, reader)
            if outside:
                raise BadInput(
                    f"{many(outside, 'row')} could not be kept",
                    because=f"their positions are not from {span[0]} to {span[1]}",
                )
            made = segment(span, first, last, kind)
            size = _settle(draft)
            if (folder / str(made)).exists():  # only the one writer makes files here
                raise CannotStore(f"could not write {made}", because="its name is taken")
            draft.rename(folder / str(made))
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    with in_words(folder):
        sync_folder(folder)
    return Written(made, count, size)


def remove(folder: Path, segments: Iterable[Segment]) -> None:
    """Remove segments, also those that are gone."""
    with in_words(folder):
        for one in segments:
            (folder / str(one)).unlink(missing_ok=True)
        sync_folder(folder)


def sweep(folder: Path) -> None:
    """Remove what a writer left behind that was killed."""
    with in_words(folder):
        for pattern in (".*.draft", "tmp_.*.draft"):
            for draft in folder.glob(pattern):
                draft.unlink(missing_ok=True)
        shutil.rmtree(folder / _SPILL, ignore_errors=True)


def named(folder: Path) -> list[Segment]:
    """List the segments.

    A folder that changes is not listed at one moment: of a file that takes the place of others,
    and these, neither may show. So it is listed until it says the same twice.
    """
    with in_words(folder):
        if not folder.is_dir():
            return []
        before: set[str] = set()
        for _ in range(_ATTEMPTS):
            now = {path.name for path in folder.iterdir()}
            if now == before:
                break
            before = now
    return sorted(one for name in before if (one := Segment.of(name)))


@dataclass(slots=True)
class Snapshot:
    """The segments of one moment, open, so that they stay readable when they are removed."""

    folder: Path
    open: dict[Segment, int] = field(default_factory=dict)
    unreadable: dict[Path, WhenceError] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> Snapshot:
        """Open what is there now."""
        for _ in range(_ATTEMPTS):
            snapshot = cls(folder)
            try:
                snapshot._open(named(folder))
            except FileNotFoundError:  # replaced by a wider one since it was listed
                snapshot.close()
            except BaseException:
                snapshot.close()
                raise
            else:
                return snapshot
        raise CannotStore(f"could not read {folder}", because="it changes all the time")

    def that_count(self, kind: Kind) -> list[Segment]:
        """Give the sound segments of a kind that no wider one stands for."""
        return that_count(one for one in self.open if one.kind == kind)[0]

    def source(self, segments: Iterable[Segment], columns: Mapping[str, str]) -> str:
        """Write what SQL reads these segments with; with none of them, it has no rows."""
        chosen = [self.open[one] for one in segments]
        if not chosen:
            nulls = ", ".join(f'NULL::{type_} AS "{name}"' for name, type_ in columns.items())
            return f"(SELECT {nulls} WHERE FALSE)"
        paths = ", ".join(f"'/proc/self/fd/{number}'" for number in chosen)
        return f"read_parquet([{paths}], union_by_name = true)"

    def size(self, one: Segment) -> int:
        """Give the bytes of a segment."""
        return os.fstat(self.open[one]).st_size

    def close(self) -> None:
        """Let go of the files."""
        for number in self.open.values():
            os.close(number)
        self.open.clear()

    def _open(self, segments: list[Segment]) -> None:
        _allow(len(segments))
        for one in segments:
            path = self.folder / str(one)
            try:
                number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            except FileNotFoundError:
                raise
            except OSError as e:
                if e.errno in (errno.EMFILE, errno.ENFILE):
                    because = f"it has {len(segments)} files, and fewer may be open at once"
                    try_ = "ulimit -n 65536, or whence logs tidy, which joins small files"
                    raise CannotStore(
                        f"could not read {self.folder}", because=because, try_=try_
                    ) from e
                self.unreadable[path] = CannotStore(
                    f"could not read {path}", because=e.strerror or str(e)
                )
                continue
            self.open[one] = number
            if reason := _unsound(number):
                os.close(self.open.pop(one))
                self.unreadable[path] = damaged(path, reason)


@contextmanager
def in_engines_words(snapshot: Snapshot) -> Iterator[None]:
    """Turn what the engine says of damaged files into words; name the file, not a descriptor."""
    try:
        yield
    except (duckdb.IOException, duckdb.InvalidInputException, duckdb.BinderException) as e:
        text = str(e)
        for one, number in snapshot.open.items():
            if f"/proc/self/fd/{number}'" in text or f'/proc/self/fd/{number}"' in text:
                raise damaged(snapshot.folder / str(one), text.partition("\n")[0]) from e
        raise


def _unsound(number: int) -> str:
    """Say what is wrong with a file at first sight."""
    size = os.fstat(number).st_size
    if size < _SMALLEST:
        return f"it has only {size} bytes"
    if os.pread(number, 4, 0) != _MAGIC or os.pread(number, 4, size - 4) != _MAGIC:
        return "it is no Parquet file, or was cut"
    footer = int.from_bytes(os.pread(number, 4, size - 8), "little")
    return "its footer is longer than itself" if footer > size - _SMALLEST else ""


def _content(
    draft: Path, span: Range, kind: Kind, reader: duckdb.DuckDBPyConnection
) -> tuple[int, int, datetime | None, datetime | None]:
    """Count rows, and those outside of the range; say when the first and the last of them were."""
    time = "received" if kind == "rows" else "begin"
    beyond = f"position IS NULL OR position < {span[0]}::UBIGINT OR position >= {span[1]}::UBIGINT"
    [(count, outside, first, last)] = reader.execute(
        f"""SELECT count(*), count(*) FILTER ({beyond if kind == "rows" else "FALSE"}),
        min("{time}"), max("{time}") FROM read_parquet($draft)""",
        {"draft": str(draft)},
    ).fetchall()
    return count, outside, first and first.replace(tzinfo=UTC), last and last.replace(tzinfo=UTC)


def _settle(draft: Path) -> int:
    """Put a file on the disk; give its size."""
    number = os.open(draft, os.O_RDONLY)
    try:
        os.fsync(number)
        return os.fstat(number).st_size
    finally:
        os.close(number)


def _allow(files: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = files + _SPARE_DESCRIPTORS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


@contextmanager
def _in_words(folder: Path) -> Iterator[None]:
    """Turn what the engine says when it cannot write into words."""
    try:
        yield
    except duckdb.OutOfMemoryException as e:
        raise CannotStore(
            f"could not write to {folder}", because="there was not enough memory",
            try_="nothing was changed; append fewer lines at once",
        ) from e  # fmt: skip
    except OSError as e:
        if e.errno not in _FULL:
            raise
        raise _no_room(folder, "the disk is full") from e
    except (duckdb.IOException, duckdb.FatalException, duckdb.HTTPException) as e:
        text = str(e)
        full = any(os.strerror(number) in text for number in _FULL)
        raise _no_room(folder, "the disk is full" if full else text.partition("\n")[0]) from e


def _no_room(folder: Path, because: str) -> CannotStore:
    return CannotStore(
        f"could not write to {folder}",
        because=because,
        try_="free some space; what was written before is safe",
    )
