"""The runs that traps saw: a file of JSON lines for each program, for its user alone.

A line is written when a run has ended, and is on disk within a second.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Hashable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from whence.model import BadInput, CannotStore, ProcessRecord
from whence.model.trapped import Run
from whence.store.refusals import in_words
from whence.store.turn import take_turn

SUFFIX = ".jsonl"
LARGEST = 64 << 20  # bytes; runs beyond it are counted only
WITH_OUTPUT = LARGEST // 2  # bytes; beyond them, it is only kept how much a run wrote
CHAINS = 4096  # that are remembered as written
_NAME = re.compile(r"[^\w.+-]+")


class TrapSet(msgspec.Struct, frozen=True, tag="set"):
    """A trap was set."""

    at: datetime
    program: str
    host: str


class TrapEnded(msgspec.Struct, frozen=True, tag="ended"):
    """It ended, having seen so many runs."""

    at: datetime
    runs: int
    unkept: int = 0  # runs that were only counted, because the file was full
    unseen: int = 0  # times that runs may have gone by unseen


class ChainKept(msgspec.Struct, frozen=True, tag="chain"):
    """The parents that runs have in common, written once, with a number for the lines below."""

    number: int
    parents: tuple[ProcessRecord, ...]


class RunKept(msgspec.Struct, frozen=True, tag="run"):
    """A run that ended; its lineage is its own process, and then the parents of a chain."""

    run: Run
    chain: int = 0


Line = TrapSet | TrapEnded | ChainKept | RunKept
_LINE = msgspec.json.Decoder(Line)


@dataclass(frozen=True, slots=True)
class KeptRuns:
    """What is kept of a program's runs."""

    name: str
    program: str
    host: str
    began: datetime  # the first trap
    ended: datetime  # the last that is known
    watched: timedelta  # for how long there was a trap, all together
    runs: tuple[Run, ...]
    unkept: int = 0
    unseen: int = 0
    damaged: int = 0  # lines that cannot be read


class TrapFolder:
    """The files of one user's traps."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, program: str, host: str, at: datetime) -> RunKeeper:
        """Begin to keep the runs of a program.

        Raises
        ------
        CannotStore
            If another whence keeps those of the same program, or nothing can be written here.

        """
        name = self._name_for(program)
        turn = take_turn(
            self._folder / name,
            0o700,
            because="another whence has set a trap for it",
            try_=f"whence trap show {name}",
        )
        return RunKeeper(name, self._folder / name / f"runs{SUFFIX}", turn, program, host, at)

    def names(self) -> list[str]:
        """Name the traps that there were."""
        with in_words(self._folder), suppress(FileNotFoundError):  # no trap was set yet
            folders = [*self._folder.iterdir()]
            return sorted(path.name for path in folders if _is_begun(path / f"runs{SUFFIX}"))
        return []

    def read(self, name: str) -> KeptRuns:
        """Read what is kept of a trap.

        Raises
        ------
        BadInput
            If there is no trap of this name.

        """
        path = self._path(name)
        with in_words(path):
            lines = path.read_bytes().split(b"\n")[:-1]  # the last was never finished
        return _summed_up(name, lines)

    def remove(self, name: str) -> None:
        """Forget a trap and its runs.

        Raises
        ------
        BadInput
            If there is no trap of this name.
        CannotStore
            If it is set just now.

        """
        path = self._path(name)
        turn = take_turn(path.parent, 0o700, because="it is set just now", try_="end it with ^C")
        with in_words(path):
            path.unlink()
            path.parent.rmdir()
        os.close(turn)

    def _path(self, name: str) -> Path:
        path = self._folder / name / f"runs{SUFFIX}"
        if "/" in name or name in ("", ".", "..") or not _is_begun(path):
            known = ", ".join(self.names())
            raise BadInput(
                f"there is no trap “{name}”",
                because=f"there are: {known}" if known else "no trap was set yet",
                try_="whence trap ls" if known else "whence trap PROGRAM sets one",
            )
        return path

    def _name_for(self, program: str) -> str:
        """Call it as the program's file; another program of that name gets a number."""
        base = _NAME.sub("-", Path(program).name).strip(".") or "program"
        for number in range(1, 1000):
            name = base if number == 1 else f"{base}-{number}"
            path = self._folder / name / f"runs{SUFFIX}"
            if not _is_begun(path) or self.read(name).program == program:
                return name
        raise BadInput(f"there are a thousand traps for programs called {base}",
                       try_="whence trap rm NAME")  # fmt: skip


def _is_begun(path: Path) -> bool:
    """Say whether it holds a whole line: a full disk, or a kill, may have left an empty file."""
    with in_words(path):
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.readline(LARGEST).endswith(b"\n")


class RunKeeper:
    """Writes the runs of one program."""

    def __init__(
        self, name: str, path: Path, turn: int, program: str, host: str, at: datetime
    ) -> None:
        self.name = name
        self._runs = self._unkept = self._chains = 0
        self._known: dict[Hashable, int] = {}  # chains, by what tells them apart
        self._path = path
        self._turn = turn
        with in_words(path):
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_APPEND
            self._file = os.open(path, flags, 0o600)
            self._size = os.fstat(self._file).st_size
            self._size = _whole(os.pread(self._file, self._size, 0))
            os.ftruncate(self._file, self._size)  # a line that was never finished
        self._write(TrapSet(at, program, host))
        self.sync()

    def keep(self, run: Run) -> None:
        """Write a run down.

        Raises
        ------
        CannotStore
            If the disk or the file is full; what was written before is whole.

        """
        self._runs += 1
        self._unkept += 1
        if self._size >= LARGEST:
            raise CannotStore(f"{self._path} is full", try_=f"whence trap rm {self.name}")
        if run.output and self._size >= WITH_OUTPUT:
            run = replace(run, output=run.output.counted())
        own, *parents = run.lineage or (None,)
        chain = self._chain(tuple(parents))
        self._write(RunKept(replace(run, lineage=(own,) if own else ()), chain))
        self._unkept -= 1

    def _chain(self, parents: tuple[ProcessRecord, ...]) -> int:
        key = tuple(map(_likeness, parents))
        if parents and key not in self._known:
            if len(self._known) >= CHAINS:
                self._known.clear()
            self._chains += 1
            self._write(ChainKept(self._chains, parents))
            self._known[key] = self._chains
        return self._known[key] if parents else 0

    def sync(self) -> None:
        """See that all is on disk."""
        with in_words(self._path):
            os.fsync(self._file)

    def end(self, at: datetime, unseen: int) -> None:
        """Note that the trap ended."""
        self._write(TrapEnded(at, self._runs, self._unkept, unseen))
        self.sync()

    def close(self) -> None:
        """Close the file; to close it twice is no mistake."""
        if self._file >= 0:
            os.close(self._file)
            os.close(self._turn)
            self._file = -1

    def _write(self, line: Line) -> None:
        text = msgspec.json.encode(line) + b"\n"
        with in_words(self._path):
            written = os.write(self._file, text)
            if written < len(text):
                os.ftruncate(self._file, self._size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._size += len(text)


def _likeness(record: ProcessRecord) -> Hashable:
    """Give what a process is told apart by; when it was looked at does not matter."""
    runs = tuple((run.executable, run.file, run.args) for run in record.executions)
    return record.process, runs, record.user_id, record.cgroup


def _whole(lines: bytes) -> int:
    """Say how long the finished lines are."""
    return lines.rfind(b"\n") + 1


def _summed_up(name: str, lines: list[bytes]) -> KeptRuns:
    program, host = name, ""
    began = ended = set_at = None
    watched = timedelta()
    runs: list[Run] = []
    chains: dict[int, tuple[ProcessRecord, ...]] = {}
    unkept = unseen = damaged = 0
    for told in _decoded(lines):
        if told is None:
            damaged += 1
            continue
        if isinstance(told, ChainKept):
            chains[told.number] = told.parents
            continue
        at = told.run.ended or told.run.at if isinstance(told, RunKept) else told.at
        began = began or at
        if isinstance(told, TrapSet):
            watched += ended - set_at if ended and set_at else timedelta()  # it was killed
            program, host, set_at = told.program, told.host, at
        elif isinstance(told, TrapEnded):
            watched += at - (set_at or at)
            unkept, unseen, set_at = unkept + told.unkept, unseen + told.unseen, None
        else:
            parents = chains.get(told.chain, ())
            runs.append(replace(told.run, lineage=(*told.run.lineage, *parents)))
        ended = at
    if began is None or ended is None:
        raise BadInput(f"the file of the trap {name} holds nothing that can be read",
                       try_=f"whence trap rm {name}")  # fmt: skip
    watched += ended - set_at if set_at else timedelta()
    return KeptRuns(name, program, host, began, ended, watched, tuple(runs), unkept, unseen,
                    damaged)  # fmt: skip


def _decoded(lines: list[bytes]) -> Iterator[Line | None]:
    for line in lines:
        try:
            yield _LINE.decode(line)
        except msgspec.DecodeError:
            yield None
