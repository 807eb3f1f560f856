"""One program, marked so that we are asked before each run, whatever file is in its place."""

from __future__ import annotations

import os
import select
import signal
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from whence.model import BadInput, CannotAsk, Execution
from whence.world.asked_execution import AskedExecution, asked_execution
from whence.world.deadline import end_with_parent
from whence.world.execution_gate import Asked, ExecutionGate
from whence.world.replaced_files import FolderWatch

A_PATH = "give the path of a program"

_Inode = tuple[int, int]


class MarksBeside:
    """Marks what may become a program as soon as it appears in its folder, in a process of its own.

    From when a file appears to its first run it may take less than a millisecond, and whoever
    answers is busy for longer than that when it tells of one run. The process ends with the one
    that started it, so that nobody waits for an answer that does not come.
    """

    def __init__(self, gate: ExecutionGate, path: Path) -> None:
        """Begin to mark.

        Raises
        ------
        CannotAsk
            If the folder cannot be watched.

        """
        folder = FolderWatch(str(path.parent))
        parent = os.getpid()
        self._pid = os.fork()
        if not self._pid:
            try:
                end_with_parent(parent)
                _mark_what_appears(gate, path, folder)
            finally:
                os._exit(0)
        folder.close()

    @property
    def ended(self) -> bool:
        """Say whether nothing is marked any more, as when the folder itself was removed."""
        if self._pid and os.waitpid(self._pid, os.WNOHANG)[0]:
            self._pid = 0
        return not self._pid

    def close(self) -> None:
        """Mark no more."""
        if not self.ended:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0


class ProgramMark:
    """Keeps a program marked: dpkg(1) and others put a new file in its place by renaming.

    The new file mostly lies beside the program before, under a name that has the program's in it,
    such as NAME.dpkg-new. It is marked there already, so that not even its first run is missed;
    whether it becomes the program is seen when it is executed.
    """

    def __init__(self, gate: ExecutionGate, path: str) -> None:
        self.replaced = 0
        self.missed = 0  # runs that we know of, and of nothing more
        self.problem = ""
        self._gate = gate
        self._path = Path(path)
        self._inode: _Inode = (0, 0)
        self._before: set[_Inode] = set()  # of the files that were the program
        self._interpreter = ""
        self._beside: MarksBeside | None = None
        self._mark()
        self._watch()
        self.look()
        self.replaced = 0

    def look(self) -> None:
        """See whether the program is still the file that is marked; mark it if it is not."""
        try:
            inode = _inode(self._path.stat())
        except OSError as e:
            self.problem = f"{self._path}: {e.strerror}; it is watched again when it is back"
            return
        self.problem = ""
        if inode != self._inode:
            try:
                self._before.add(self._inode)
                self._mark()
                self.replaced += 1
            except CannotAsk as reason:
                self.problem = f"{reason}: {reason.because}"
        if self._beside is None or self._beside.ended:
            self._watch()

    def concerns(self, asked: Asked) -> bool:
        """Say whether it is the program that somebody is about to execute.

        Also the file that was the program a moment ago, and has no name any more; its number
        may by now be that of another file, which has one.
        """
        status = os.fstat(asked.file)
        if _inode(status) != self._inode:
            self.look()
        return _inode(status) == self._inode or (
            not status.st_nlink and _inode(status) in self._before
        )

    def asked(self, thread: int) -> AskedExecution | None:
        """Say what a thread gives the program; NotAsleep if that cannot be told yet."""
        return asked_execution(thread)

    def execution(self, asked: AskedExecution | None, folder: str, at: datetime) -> Execution:
        """Say what is about to be executed; a script is run by its interpreter."""
        return Execution(
            at,
            self._interpreter or str(self._path),
            asked.file if asked and not asked.file.startswith("/dev/fd/") else str(self._path),
            asked.args if asked else (),
            asked.args_bytes if asked else 0,
            folder,
        )

    def close(self) -> None:
        """Watch no longer."""
        if self._beside:
            self._beside.close()

    def _mark(self) -> None:
        self._gate.mark(self._path)
        self._inode = _inode(self._path.stat())
        self._interpreter = _interpreter(self._path)

    def _watch(self) -> None:
        if self._beside:
            self._beside.close()
        try:
            self._beside = MarksBeside(self._gate, self._path)
        except CannotAsk as reason:
            self._beside = None
            self.problem = f"{reason}: {reason.because}; an upgrade is noticed within a second"


def _mark_what_appears(gate: ExecutionGate, path: Path, folder: FolderWatch) -> None:
    """Mark files whose names have the program's in them, until the folder is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    poll = select.poll()
    poll.register(folder, select.POLLIN)
    nothing = path.with_name(f"{path.name}.{os.getpid()}")
    for _ in range(2):  # the first time takes longest: what is shared with the parent is copied
        poll.poll(0)
        _mark(gate, path, [*folder.appeared(), nothing.name])
    while not folder.gone:
        poll.poll()
        _mark(gate, path, folder.appeared())


def _mark(gate: ExecutionGate, path: Path, appeared: list[str]) -> None:
    for name in appeared:
        if path.name not in name:
            continue
        try:
            gate.mark(path.with_name(name))
        except CannotAsk:  # a folder; or gone again: perhaps it is the program by now
            with suppress(CannotAsk):
                gate.mark(path)


def program_at(path: Path) -> Path:
    """Give the file that would be run, all links followed.

    Raises
    ------
    BadInput
        If there is none, or it is no program.

    """
    try:
        real = path.resolve(strict=True)
    except (OSError, RuntimeError) as e:
        because = getattr(e, "strerror", "") or "its links go in circles"
        raise BadInput(
            f"there is no program {path}", because=because, try_="give the path of a program"
        ) from e
    if not real.is_file():
        because = "it is a folder" if real.is_dir() else "it is not a file"
        raise BadInput(f"{real} is no program", because=because, try_=A_PATH)
    if not real.stat().st_mode & 0o111:
        raise BadInput(
            f"{real} cannot be executed",
            because="its mode has no x, so it is run by an interpreter, which opens it to read",
            try_=f"chmod +x {real}, or trap the program that reads it",
        )
    return real


def _inode(status: os.stat_result) -> _Inode:
    return status.st_dev, status.st_ino


def _interpreter(path: Path) -> str:
    """Give the interpreter of a script, as its first line has it; nothing for other programs."""
    try:
        with path.open("rb") as file:
            line = file.read(256).partition(b"\n")[0]
    except OSError:
        return ""
    words = line[2:].split() if line.startswith(b"#!") else []
    return os.fsdecode(words[0]) if words else ""
