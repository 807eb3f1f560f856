"""Processes that are alive now, as /proc tells of them; proc(5) says what each file holds."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Protocol

from whence.model import CannotAsk, Execution, NotPermitted, Process, ProcessRecord
from whence.model.secrets import redact_args
from whence.world.contracts import Clock
from whence.world.this_host import utc_now

Uptime = Callable[[], float]  # seconds since boot, time in suspend included

TICKS = 100  # USER_HZ: the unit of field 22 of /proc/PID/stat on every architecture Linux runs on
FIRST_PIDS = 0xEFFFFFFC  # PROC_PID_INIT_INO of include/linux/proc_ns.h: the first pid namespace
KTHREADD = 2  # parent of the kernel's threads, which are in the first pid namespace only
KERNEL_THREAD = 0x00200000  # PF_KTHREAD of include/linux/sched.h
NOT_SET = 0xFFFFFFFF  # how the kernel writes an audit id that nobody set
LARGEST = 64 << 10  # bytes of a command line that are read
EXECUTING = (0.0, 0.0001, 0.001, 0.01)  # seconds between looks at one that just executes a program
ELF = b"\x7fELF"
DELETED = " (deleted)"
MEMFD = "/memfd:"
OUTSIDE = "what is outside of this container's pid namespace (run it with --pid=host)"


def uptime() -> float:
    """Say how long ago this machine booted; lxcfs does not disguise it as it does /proc/uptime."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True)
class Stat:
    """What whence uses of /proc/PID/stat."""

    pid: int
    name: str
    parent: int
    flags: int
    started: int

    @classmethod
    def parse(cls, text: bytes) -> Stat:
        """Read one line; the name may hold blanks and parentheses, so the last one closes it.

        Raises
        ------
        ValueError
            If the line is not one of /proc/PID/stat.

        """
        before, opened, rest = text.partition(b" (")
        name, closed, after = rest.rpartition(b") ")
        fields = after.split()
        if not opened or not closed or len(fields) < 20:
            raise ValueError(f"not a line of /proc/PID/stat: {text[:80]!r}")
        return cls(
            int(before),
            name.decode("utf-8", "replace"),
            parent=int(fields[1]),
            flags=int(fields[6]),
            started=int(fields[19]),
        )


class ProcFiles(Protocol):
    """Where the files of /proc are read: here, or on another machine."""

    def contents(self, path: str, limit: int = 4096, *, missing_ok: bool = True) -> bytes:
        """Read a file; one that is gone or forbidden is empty unless not ``missing_ok``."""
        ...

    def command_line(self, folder: str, limit: int) -> bytes:
        """Read what the process of a folder was given, NUL after each word."""
        ...

    def link(self, path: str) -> str:
        """Say where a link points; nothing where that is not permitted."""
        ...

    def status(self, path: str) -> os.stat_result | None:
        """Give stat(2) of what a path leads to, or None."""
        ...

    def pids(self, proc: str) -> list[int]:
        """List the processes that can be seen."""
        ...


class LiveProcesses:
    """The processes of a machine. What this user may not see of one is left empty."""

    def __init__(
        self,
        now: Clock = utc_now,
        proc: str = "/proc",
        host: str | None = None,
        uptime: Uptime = uptime,
        files: ProcFiles | None = None,
        *,
        redacts: bool = True,
    ) -> None:
        self._redacts = redacts  # if not, whoever asks does, before anybody sees it
        self.host = host or os.uname().nodename
        self.proc = proc
        self.now = now
        self._uptime = uptime
        self._files: ProcFiles = files or HERE

    @classmethod
    def open(cls) -> LiveProcesses:
        """Look at this machine."""
        if not Path("/proc/self/stat").exists():
            raise CannotAsk("/proc is not mounted", try_="mount -t proc proc /proc")
        return cls()

    @cached_property
    def boot(self) -> str:
        """The id of the running boot, random(4)."""
        return (
            self._files.contents(f"{self.proc}/sys/kernel/random/boot_id")
            .decode("utf-8", "replace")
            .strip()
        )

    @cached_property
    def booted(self) -> datetime:
        """When this machine booted; btime of /proc/stat would only be good to a second."""
        return self.now() - timedelta(seconds=self._uptime())

    @cached_property
    def numbered_as_kernel(self) -> bool:
        """Whether pids here are those of the first pid namespace, as in what the kernel tells.

        In a container with a pid namespace of its own the same number is another process, unless
        the /proc of the host is mounted there.
        """
        if namespace(f"{self.proc}/self/ns/pid", self._files) == FIRST_PIDS:
            return True
        try:
            return bool(self.stat(KTHREADD).flags & KERNEL_THREAD)
        except CannotAsk:
            return False

    @property
    def unseen(self) -> tuple[str, ...]:
        """What of the machine cannot be looked at in /proc, in the words of ``cannot_see``."""
        return () if self.numbered_as_kernel else (OUTSIDE,)

    def pids(self) -> list[int]:
        """List the processes that can be seen."""
        return self._files.pids(self.proc)

    def stat(self, pid: int) -> Stat:
        """Read the stat line of a process.

        Raises
        ------
        CannotAsk
            If there is no such process, or this user may not see it.

        """
        try:
            return Stat.parse(self._files.contents(f"{self.proc}/{pid}/stat", missing_ok=False))
        except PermissionError as e:
            raise NotPermitted(f"may not look at pid {pid}", try_="run it as root") from e
        except (OSError, ValueError) as e:
            raise CannotAsk(f"pid {pid} is not there", because="it has ended, or is hidden") from e

    def leader(self, thread: int) -> int:
        """Give the pid of the process that a thread belongs to; its own where it is gone."""
        text = self._files.contents(f"{self.proc}/{thread}/status", 512)
        return _number(_after(text, b"\nTgid:")) or thread

    def identity(self, pid: int, started: int) -> Process:
        """Name a process so that the name is never used twice."""
        return Process(self.host, self.boot, pid, started)

    def at(self, ticks: float) -> datetime:
        """Say when something happened that the kernel counts in ticks since boot."""
        return self.booted + timedelta(seconds=ticks / TICKS)

    def record(self, pid: int) -> ProcessRecord:
        """Say what is known now of a process, with what it runs now as its only execution.

        Raises
        ------
        CannotAsk
            If there is no such process, or this user may not see it.

        """
        below = f"{self.proc}/{pid}"
        execution = self._execution(below)  # first: an exiting process loses its memory first
        stat = self.stat(pid)
        own_kernel = bool(stat.flags & KERNEL_THREAD)
        return ProcessRecord(
            process=self.identity(pid, stat.started),
            started_at=self.at(stat.started),
            name=stat.name,
            parent=self._parent(stat),
            executions=() if own_kernel or execution is None else (execution,),
            user_id=_number(_after(self._files.contents(f"{below}/status", 1024), b"\nUid:")),
            login_id=_audit(self._files.contents(f"{below}/loginuid")),
            audit_session=_audit(self._files.contents(f"{below}/sessionid")),
            cgroup=control_group(self._files.contents(f"{below}/cgroup")),
            network_namespace=namespace(f"{below}/ns/net", self._files),
            mount_namespace=namespace(f"{below}/ns/mnt", self._files),
            kernel_thread=own_kernel,
        )

    def lineage(
        self, pid: int, known: dict[Process, ProcessRecord] | None = None
    ) -> tuple[ProcessRecord, ...]:
        """Tell of a process, its parent, and so on to the first; fewer if some vanish meanwhile.

        What is in ``known`` is not read again, and what is read is added to it.

        Raises
        ------
        CannotAsk
            If the process itself is not there.

        """
        known = {} if known is None else known
        process = self.identity(pid, self.stat(pid).started)
        return tuple(self._ancestry(known.get(process) or self.record(pid), known))

    def _ancestry(
        self, record: ProcessRecord, known: dict[Process, ProcessRecord]
    ) -> Iterator[ProcessRecord]:
        while True:
            known[record.process] = record
            yield record
            expected = record.parent
            if expected is None:
                return
            try:
                record = known.get(expected) or self.record(expected.pid)
            except CannotAsk:
                return
            if record.process != expected:
                return

    def _parent(self, stat: Stat) -> Process | None:
        if not stat.parent:
            return None
        try:
            parent = self.stat(stat.parent)
        except CannotAsk:
            return None
        if parent.started > stat.started:  # the parent died and its pid was given to another
            return None
        return self.identity(parent.pid, parent.started)

    def _execution(self, below: str) -> Execution | None:
        executable, links = mapped_file(f"{below}/exe", self._files)
        command_line = self._files.command_line(below, LARGEST + 1)
        if not executable and not command_line:
            return None
        split = arguments if self._redacts else words
        args = split(command_line[:LARGEST])
        shown = sum(len(a.encode("utf-8", "surrogateescape")) + 1 for a in args)
        file = self._files.status(f"{below}/exe")
        return Execution(
            at=self.now(),
            executable=executable,
            args=args,
            args_bytes=shown + max(0, len(command_line) - LARGEST),
            working_directory=self._files.link(f"{below}/cwd"),
            inode=file.st_ino if file else 0,
            device=file.st_dev if file else 0,
            links=links if not file or not links else file.st_nlink,
        )


class TheseProcFiles:
    """The files of /proc of this machine."""

    def contents(self, path: str, limit: int = 4096, *, missing_ok: bool = True) -> bytes:
        """Read a file."""
        return contents(path, limit, missing_ok=missing_ok)

    def command_line(self, folder: str, limit: int) -> bytes:
        """Read what a process was given."""
        return command_line(folder, limit)

    def link(self, path: str) -> str:
        """Say where a link points."""
        return link(path)

    def status(self, path: str) -> os.stat_result | None:
        """Give stat(2) of what a path leads to."""
        return _status(path)

    def pids(self, proc: str) -> list[int]:
        """List the processes that can be seen."""
        with os.scandir(proc) as entries:
            return [int(entry.name) for entry in entries if entry.name.isdecimal()]


HERE = TheseProcFiles()


def contents(path: str, limit: int = 4096, *, missing_ok: bool = True) -> bytes:
    """Read a file of /proc; one that is gone or forbidden is empty unless not ``missing_ok``."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        if missing_ok:
            return b""
        raise
    try:
        return os.read(file, limit)
    except OSError:
        if missing_ok:
            return b""
        raise
    finally:
        os.close(file)


def command_line(folder: str, limit: int = LARGEST) -> bytes:
    """Read what the process of a folder of /proc was given, NUL after each word.

    While the kernel executes a program, it shows the new executable and no words yet, for some
    10 µs: fs/proc/base.c, get_mm_cmdline, "has not finished execve". So it is asked again.
    """
    given = contents(f"{folder}/cmdline", limit)
    for pause in EXECUTING:
        if given or not link(f"{folder}/exe"):  # a thread of the kernel, a zombie, or forbidden
            break
        time.sleep(pause)
        given = contents(f"{folder}/cmdline", limit)
    return given


def link(path: str) -> str:
    """Say where a link of /proc points; nothing where that is not permitted."""
    try:
        target = os.readlink(os.fsencode(path))  # noqa: PTH115  somebody may wait for this
        return target.decode("utf-8", "replace")
    except OSError:
        return ""


def mapped_file(path: str, files: ProcFiles = HERE) -> tuple[str, int]:
    """Give the path of an executable and 0 if that name is gone from the file system, else 1."""
    target = files.link(path)
    if not target.endswith(DELETED):
        return target, 1
    named = target.removesuffix(DELETED)
    if named.startswith(MEMFD):
        return named.removeprefix("/"), 0
    literal, running = files.status(target), files.status(path)
    if literal and running and os.path.samestat(literal, running):
        return target, 1  # a file whose own name ends so
    return named, 0


def arguments(command_line: bytes) -> tuple[str, ...]:
    """Split what /proc/PID/cmdline holds, with passwords redacted."""
    return redact_args(words(command_line))


def words(command_line: bytes) -> tuple[str, ...]:
    """Split what /proc/PID/cmdline holds, as it is."""
    if not command_line:
        return ()
    # A program that rewrites its title leaves the rest of the space as null bytes.
    padded = command_line.endswith(b"\0\0\0")
    text = command_line.rstrip(b"\0") if padded else command_line.removesuffix(b"\0")
    return tuple(text.decode("utf-8", "replace").split("\0"))


def control_group(text: bytes) -> str:
    """Give the cgroup: that of the unified hierarchy, or systemd's own where that says nothing."""
    groups = [line.split(":", 2) for line in text.decode("utf-8", "replace").splitlines()]
    paths = {controllers: path for _, controllers, path in (g for g in groups if len(g) == 3)}
    unified = paths.get("", "")
    if unified in ("", "/"):
        return paths.get("name=systemd", unified)
    return unified


def namespace(path: str, files: ProcFiles = HERE) -> int | None:
    """Give the inode number of a namespace, as in ``net:[4026531840]``; namespaces(7)."""
    return _number(files.link(path).partition("[")[2].rstrip("]").encode())


def program_file(path: str, at: datetime) -> Execution | None:
    """Say what a process that is gone already ran, from the file that it executed.

    Nothing if that is a script, whose interpreter would have to be guessed, or if the file is no
    longer there, or was named relative to a directory that nobody knows.
    """
    if not path.startswith("/") or contents(path, len(ELF)) != ELF:
        return None
    file = _status(path)
    if file is None:
        return None
    real = os.fsencode(Path(path).resolve()).decode("utf-8", "replace")
    return Execution(at, real, path, inode=file.st_ino, device=file.st_dev, links=file.st_nlink)


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116  as above
    except (OSError, ValueError):
        return None


def _after(text: bytes, label: bytes) -> bytes:
    words = text.partition(label)[2].split(None, 1)
    return words[0] if words else b""


def _number(text: bytes) -> int | None:
    return int(text) if text.isdigit() else None


def _audit(text: bytes) -> int | None:
    value = _number(text.strip())
    return None if value == NOT_SET else value
