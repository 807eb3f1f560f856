"""Cut the power of a disk while whence writes to it; is everything there that was acknowledged?

    python bench/durability/power.py lake|native|case|history|careless [CUTS [SEED]]

The disk is a file of a file system in user space, below ext4 on a loop device (data=writeback,
which orders least). It knows which writes a flush has settled. A cut is what could be on it at
one instant: all that is settled, and of each write since then, 4 KiB at a time, some and some not.
It is mounted, as after a boot, and asked for all that was acknowledged before. ``careless`` writes
without syncing, and must lose lines: else the bench sees nothing.

Needs root, e2fsprogs, and mfusepy (PyPI) with Debian's libfuse2 or libfuse3. Prints the result as a
line of JSON; exit status 1 if anything was lost, or if ``careless`` lost nothing.
"""

from __future__ import annotations

import argparse
import errno
import json
import multiprocessing
import os
import random
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "logs"))
import durability
import kill_case
import kill_history

SIZE = 96 << 20  # bytes of the disk
BLOCK = 4096
LONGEST = 0.5  # seconds between two cuts
OF_ITS_OWN = 20  # so many cuts, then the disk is formatted anew
NAME = "disk"


class Disk:
    """Bytes, and which of them a flush has settled."""

    def __init__(self) -> None:
        self._now, self._settled = bytearray(SIZE), bytearray(SIZE)
        self._since: list[tuple[int, bytes]] = []  # written since, in this order
        self._lock = threading.Lock()
        self.flushes = 0

    def read(self, offset: int, size: int) -> bytes:
        """Give what was written last."""
        with self._lock:
            return bytes(self._now[offset : offset + size])

    def write(self, offset: int, data: bytes) -> None:
        """Take a write into the cache of the disk."""
        with self._lock:
            self._now[offset : offset + len(data)] = data
            self._since.append((offset, data))

    def flush(self) -> None:
        """Settle all that was written before."""
        with self._lock:
            for offset, data in self._since:
                self._settled[offset : offset + len(data)] = data
            self._since.clear()
            self.flushes += 1

    def cut(self, seed: int, to: Path) -> int:
        """Write what a loss of power could leave; give how many blocks were not settled."""
        chance = random.Random(seed)
        kept = chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))
        with self._lock:
            left, since = bytearray(self._settled), [*self._since]
        blocks = 0
        for offset, data in since:
            for begin in range(0, len(data), BLOCK):
                blocks += 1
                if chance.random() < kept:
                    part = data[begin : begin + BLOCK]
                    left[offset + begin : offset + begin + len(part)] = part
        to.write_bytes(left)
        return blocks


def serve(mounted: str, asked: Connection) -> None:
    """Be the disk, in a process of its own, until told to end."""
    import mfusepy

    disk = Disk()

    class Files(mfusepy.Operations):  # type: ignore[misc]
        use_ns = True

        def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:
            if path == "/":
                return {"st_mode": stat.S_IFDIR | 0o700, "st_nlink": 2}
            if path == f"/{NAME}":
                return {"st_mode": stat.S_IFREG | 0o600, "st_nlink": 1, "st_size": SIZE}
            raise mfusepy.FuseOSError(errno.ENOENT)

        def readdir(self, path: str, fh: int) -> list[str]:
            return [".", "..", NAME]

        def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
            return disk.read(offset, size)

        def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
            disk.write(offset, bytes(data))
            return len(data)

        def fsync(self, path: str, datasync: int, fh: int) -> int:
            disk.flush()
            return 0

    def answer() -> None:
        while True:
            seed, to = asked.recv()
            asked.send((disk.cut(seed, to), disk.flushes))

    threading.Thread(target=answer, daemon=True).start()
    mfusepy.FUSE(Files(), mounted, foreground=True, nothreads=True)


@contextmanager
def mounted(file: Path, at: Path) -> Iterator[Path]:
    """Mount the file system that is in a file, by a loop device that goes with it."""
    at.mkdir(exist_ok=True)
    how = ["mount", "-t", "ext4", "-o", "loop,data=writeback", str(file), str(at)]
    subprocess.run(how, check=True)
    try:
        yield at
    finally:
        subprocess.run(["umount", str(at)], check=True)


@contextmanager
def disk(scratch: Path) -> Iterator[tuple[Path, Connection]]:
    """Give a new disk, and whom to ask for a cut of it."""
    at = scratch / "below"
    at.mkdir()
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(str(at), there))
    process.start()
    there.close()  # so that whoever waits for an answer hears of the end of the disk
    try:
        while not (at / NAME).exists():
            if not process.is_alive():
                raise RuntimeError("the disk did not come up")
            time.sleep(0.01)
        quiet = ["mkfs.ext4", "-q", "-F", "-E", "nodiscard", str(at / NAME)]
        subprocess.run(quiet, check=True, stdout=subprocess.DEVNULL)
        yield at / NAME, here
    finally:
        subprocess.run(["umount", str(at)], check=False)
        process.join(10)
        at.rmdir()


class Writer:
    """A process that writes, and tells what it may acknowledge."""

    def __init__(self, kind: str, folder: Path, lines: Path) -> None:
        words = [sys.executable, __file__, kind, "--write", str(folder), "--lines", str(lines)]
        self._process = subprocess.Popen(words, stdout=subprocess.PIPE)
        assert self._process.stdout
        self._hearing = self._process.stdout.fileno()
        os.set_blocking(self._hearing, False)
        self._cut = b""

    def heard(self) -> list[str]:
        """Give what it has acknowledged since it was asked last."""
        text = self._cut
        while True:
            try:
                more = os.read(self._hearing, 1 << 20)
            except BlockingIOError:
                break
            if not more:
                raise RuntimeError("the writer ended by itself")
            text += more
        *whole, self._cut = text.split(b"\n")
        return [line.decode() for line in whole]

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Let it wait, so that the disk is not full before the last cut."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


def write(kind: str, folder: Path, lines: Path) -> None:
    """Write until killed."""

    def acknowledge(words: str) -> None:
        os.write(1, f"{words}\n".encode())

    if kind == "case":
        kill_case.write(folder, acknowledge, power=True)
    elif kind == "history":
        kill_history.write(folder, 0, acknowledge, largest=SIZE)
    elif kind == "careless":
        with (folder / "lines").open("wb", buffering=0) as file:
            for number in range(10**9):
                file.write(b"%d\n" % number)
                acknowledge(str(number))
                time.sleep(0.001)
    else:
        durability.write(folder / "lake", lines if kind == "native" else None, acknowledge)


def missing(kind: str, folder: Path, heard: list[str]) -> tuple[int, int, list[str]]:
    """Say how much was acknowledged, how much of it is missing, and what else is wrong."""
    if kind == "case":
        lost, problems = kill_case.missing(folder, {*heard})
        return len(heard), len(lost), problems
    if kind == "history":
        numbers, problems = kill_history.missing(folder, {*map(int, heard)})
        return len(heard) * kill_history.BATCH, len(numbers), problems
    if kind == "careless":
        file = folder / "lines"
        there = {*file.read_bytes().split(b"\n")} if file.exists() else set()
        return len(heard), sum(line.encode() not in there for line in heard), []
    reached = max([0, *map(int, heard)])
    problems, _ = durability.problems(folder / "lake", reached, kind == "native")
    return reached // (durability.BYTES if kind == "native" else 1), 0, problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("kind", choices=("lake", "native", "case", "history", "careless"))
    parser.add_argument("cuts", type=int, nargs="?", default=100)
    parser.add_argument("seed", type=int, nargs="?", default=random.randrange(10**6))
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--lines", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--private", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.write:
        write(asked.kind, asked.write, asked.lines)
    if not asked.private:  # nobody else's namespace may hold what is mounted here
        words = [sys.executable, *sys.argv, "--private"]
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", *words])
    chance = random.Random(asked.seed)
    acknowledged = lost = unsettled = flushes = 0
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        lines, image = scratch / "lines.log", scratch / "cut"
        with lines.open("w") as file:
            file.writelines(map(durability.line, range(durability.LINES)))
        for first in range(0, asked.cuts, OF_ITS_OWN):
            heard: list[str] = []
            with disk(scratch) as (below, ask), mounted(below, scratch / "on") as on:
                writer = Writer(asked.kind, on, lines)
                try:
                    for number in range(first, min(first + OF_ITS_OWN, asked.cuts)):
                        time.sleep(chance.uniform(0, LONGEST))
                        heard += writer.heard()
                        ask.send((chance.randrange(1 << 32), image))
                        blocks, flushed = ask.recv()
                        unsettled += blocks
                        with writer.stopped(), mounted(image, scratch / "after") as after:
                            here = missing(asked.kind, after, heard)
                        lost += here[1]
                        problems += [f"cut {number}: {problem}" for problem in here[2]]
                finally:
                    writer.end()
            acknowledged += here[0]
            flushes += flushed
    result = {
        "writer": asked.kind, "cuts": asked.cuts, "seed": asked.seed,
        "acknowledged": acknowledged, "lost": lost, "problems": problems,
        "flushes": flushes, "blocks_not_settled": unsettled,
    }  # fmt: skip
    print(json.dumps(result))
    careless = asked.kind == "careless"
    return int(bool(lost or problems) is not careless or not acknowledged)


if __name__ == "__main__":
    sys.exit(main())
