"""The lake of log lines: filled from files, kept in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from whence.model import BadInput, WhenceError
from whence.model.log_zones import AssumedZone, words_of, words_of_loaded
from whence.store.log_lake import LogLake, in_file
from whence.store.log_sources import Source, Sources
from whence.store.log_upkeep import Kept, Upkeep
from whence.store.log_wordings import Wordings
from whence.world.log_file_rows import LogFile, LogRows
from whence.world.places import Places
from whence.world.this_host import utc_now

STILL_WRITTEN = 60.0  # seconds since a file was changed; then its last line may be a part of one

Hear = Callable[[Path, int, int], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file."""

    path: Path
    lines: int
    bytes: int  # of the file, that were read
    before: int  # bytes that the lake had already
    left_out: tuple[str, ...] = ()
    refused: WhenceError | None = None


def lake_folder(folder: Path | None = None) -> Path:
    """Give the folder of the lake: this user's, unless another is named."""
    return folder or Places.of_this_user().logs / "lake"


@contextmanager
def open_lake(folder: Path | None = None) -> Iterator[LogLake]:
    """Open the lake, for a ``with`` block.

    Raises
    ------
    BadInput
        If there is nothing in it.

    """
    place = lake_folder(folder)
    with LogLake(place) as lake:
        if not lake.size():
            raise BadInput(
                f"there are no log lines in {place}",
                try_="whence logs load FILE, whence logs receive, or name files",
            )
        yield lake


def load_logs(
    files: Iterable[Path],
    folder: Path | None = None,
    hear: Hear = lambda path, lines, size: None,
    *,
    zones: Mapping[str, tzinfo] | None = None,
) -> Iterator[Loaded]:
    """Put files of log lines into the lake, and say of each what became of it.

    A file that was loaded before is known again, also by another name or packed: only what was
    added to it is read. ``zones`` are as those of `read_log_lines`.
    """
    with LogLake(lake_folder(folder)) as lake:
        lake.take_turn()
        sources, wordings = Sources(lake.folder), Wordings(lake.folder)
        lines = 0
        for path in files:
            try:
                done = _load(lake, sources, wordings, path, hear, zones)
            except BadInput as reason:
                done = Loaded(path, 0, 0, 0, refused=reason)
            lines += done.lines
            yield done
        if lines:
            lake.sum_up()  # so that rates are told at once


def tidy_logs(upkeep: Upkeep, folder: Path | None = None) -> tuple[Kept, dict[Path, WhenceError]]:
    """Join small files of the lake, sum up, and drop what is not to be kept any longer.

    Gives what was done, and which files could not be read.
    """
    with open_lake(folder) as lake:
        return lake.tidy(upkeep, utc_now()), lake.unreadable


def _load(
    lake: LogLake,
    sources: Sources,
    wordings: Wordings,
    path: Path,
    hear: Hear,
    zones: Mapping[str, tzinfo] | None,
) -> Loaded:
    now = utc_now()
    file = LogFile.of(path)
    if now.timestamp() - file.changed() < STILL_WRITTEN:
        file = LogFile.of(path, settled=False)
    if not file.size:
        return Loaded(path, 0, 0, 0)
    source = sources.of(path, file.size, file.piece)
    low, high = in_file(source.number), in_file(source.number + 1)
    before = lake.reached(low, high) - low
    if before >= file.size:
        _note(sources, source, file, before)
        return Loaded(path, 0, 0, before)
    rows = LogRows([path], now, start=before, zones=zones, wordings=wordings.known)

    def append() -> None:
        lake.append_file(rows.rows, source.number, before, rows.reached, file.size)

    rows.read(append, lambda lines, size: hear(path, lines, size))
    wordings.keep(rows.wordings(), now.date())
    reached = lake.reached(low, high) - low
    assumed = rows.assumed_zone()
    _note(sources, source, file, reached, assumed)
    left_out = (*rows.left_out(), *words_of(assumed))
    return Loaded(path, rows.lines(), reached - before, before, left_out)


def _note(
    sources: Sources,
    source: Source,
    file: LogFile,
    reached: int,
    assumed: AssumedZone | None = None,
) -> None:
    if reached > source.checked or source.path != str(file.path):
        zone = assumed.zone if assumed else None
        sources.loaded(source, file.path, max(reached, source.checked), file.piece, zone)


def assumed_when_loaded(lake: LogLake) -> tuple[str, ...]:
    """Say of which files in a lake the times say no zone, so that this machine's was taken."""
    try:
        known = Sources(lake.folder).known
    except WhenceError:  # whoever loads files is told
        return ()
    return words_of_loaded([one.assumed for one in known if one.assumed])
