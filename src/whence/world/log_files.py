"""A file of log lines that grows, and is renamed or emptied while it does."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from whence.world.log_headings import BEGIN, BEGINNINGS, amended, read_heading
from whence.world.log_spool import Kind, mark
from whence.world.wide_lines import UNIT, Wide, wide

HEAD = 256  # bytes at the begin that tell a file from another
LAST = 64  # bytes before our position that tell whether it was emptied meanwhile
CHUNK = 1 << 20
LONGEST = 256 << 10  # bytes of a line; the rest of a longer one is a line of its own
ENDS = b"\r\0"
MOST_PASSED = 60_000  # bytes of no line that a record can account for: see Kind.FILE
PACKED = (".gz", ".zst", ".xz", ".bz2", ".lz4")


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a file, the mark of each, and the position after them."""

    messages: list[bytes]
    marks: list[bytes]
    offset: int
    passed: int = 0  # bytes after that position which are no line, and are passed over
    split: int = 0  # pieces of lines that were too long
    back: int = 0  # bytes by which their records go beyond that position
    hashes: bool = False  # there may be # in them


@dataclass(slots=True)
class GrowingFile:
    """A file by its identity; ``name`` is what its lines are kept under, wherever it is now."""

    name: str
    device: int
    inode: int
    offset: int = 0
    head: str = ""  # fingerprint of the first bytes
    head_size: int = 0
    last: bytes = b""  # what stands right before our position, if that is known
    resting: bool = False  # nothing more is to come of it
    copied: bool = False  # it is a copy of a file whose lines were read
    heading: list[str] = field(default_factory=list)  # what it says of its columns
    place: str = ""  # where it was found
    quiet_since: float = 0.0
    size: int = 0  # when it was looked at
    file: int = field(default=-1, repr=False)

    @property
    def identity(self) -> tuple[int, int]:
        """What no other file has at the same time."""
        return self.device, self.inode

    @property
    def unread(self) -> int:
        """Bytes that were not read yet."""
        return 0 if self.resting else max(0, self.size - self.offset)

    def as_note(self) -> dict[str, object]:
        """Write where we are in it."""
        return {
            "name": self.name,
            "device": self.device,
            "inode": self.inode,
            "offset": self.offset,
            "head": self.head,
            "head_size": self.head_size,
            "last": self.last.hex(),
            "resting": self.resting,
            "copied": self.copied,
            "heading": self.heading,
        }

    @classmethod
    def from_note(cls, told: dict[str, object]) -> GrowingFile:
        """Read what ``as_note`` wrote."""
        known = {**told, "last": bytes.fromhex(str(told["last"]))}
        return cls(**known)  # type: ignore[arg-type]  # as it was written

    @classmethod
    def at(cls, path: str, name: str = "") -> GrowingFile:
        """Open a file.

        Raises
        ------
        OSError
            If it cannot be read.

        """
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        found = os.fstat(file)
        opened = cls(name or path, found.st_dev, found.st_ino, place=path, file=file)
        opened.size = found.st_size
        opened.learn_head()
        opened.heading = read_heading(file)
        return opened

    def learn_head(self) -> None:
        """Take the fingerprint anew, while the file is still short."""
        if self.head_size < HEAD:
            begin = os.pread(self.file, HEAD, 0)
            self.head, self.head_size = _fingerprint(begin), len(begin)

    def heed(self, lines: Iterable[bytes]) -> None:
        """Take in what these lines, read last, say of the columns below them."""
        if self.offset < BEGIN:
            self.heading = read_heading(self.file)
        else:
            begun = (line for line in lines if line[:1] in BEGINNINGS)
            self.heading = amended(self.heading, begun)

    def go_to_end(self) -> None:
        """Pass over the lines that are there; one that is not whole yet is read."""
        begin = max(0, self.size - LONGEST)
        if order := self._wide():
            begin -= begin % UNIT
        end = os.pread(self.file, self.size - begin, begin)
        whole = order.end_of_lines(end) if order else end.rfind(b"\n") + 1
        self.offset = begin + (whole or (len(end) if begin else 0))
        self.last = os.pread(self.file, min(LAST, self.offset), max(0, self.offset - LAST))

    def look(self) -> bool:
        """Look at it again; say whether it was emptied, or written anew, since we read it."""
        self.size = os.fstat(self.file).st_size
        return self.size < self.offset or not self._agrees(self.file)

    def links(self) -> int:
        """Say under how many names it can be found; 0: it is removed."""
        return os.fstat(self.file).st_nlink

    def is_copy(self, other: GrowingFile) -> bool:
        """Say whether another file has all that we read of this one, and so is a copy of it."""
        if not self.offset or not self.head_size or not self.last or other.size < self.offset:
            return False
        begin = os.pread(other.file, self.head_size, 0)
        return _fingerprint(begin) == self.head and self._agrees(other.file)

    def matches(self, opened: GrowingFile) -> bool:
        """Say whether a file that has the same identity is still the same: inodes are reused."""
        if opened.size < self.offset:
            return False
        begin = os.pread(opened.file, self.head_size, 0)
        return _fingerprint(begin) == self.head and self._agrees(opened.file)

    def lines(self, *, at_end: bool = False) -> Lines:
        """Read the next lines; ``at_end``: nothing more is to come, take also half a line."""
        data = os.pread(self.file, CHUNK, self.offset)
        found = self._lines(data, at_end=at_end)
        return replace(found, hashes=True) if b"#" in data else found

    def _lines(self, data: bytes, *, at_end: bool) -> Lines:
        if order := self._wide():
            return self._wide_lines(data, order, at_end=at_end)
        whole = data.rfind(b"\n") + 1
        if not whole:
            if len(data) >= LONGEST:
                return self._piece(data[:LONGEST], split=1)
            return self._piece(data) if at_end and data else Lines([], [], self.offset)
        plain = self._mark(1)
        lines = data[: whole - 1].split(b"\n")
        is_even = b"" not in lines and b"\r" not in data and b"\0" not in data
        if is_even and max(map(len, lines)) <= LONGEST:
            return Lines(lines, [plain] * len(lines), self.offset + whole)
        return self._uneven(lines, plain)

    def move_to(self, offset: int, last: bytes) -> None:
        """Note that everything up to a position is in the spool."""
        self.offset, self.last = offset, last

    def read_before(self, offset: int) -> bytes:
        """Give what stands right before a position."""
        return os.pread(self.file, min(LAST, offset), max(0, offset - LAST))

    def close(self) -> None:
        """Close it."""
        if self.file >= 0:
            os.close(self.file)
            self.file = -1

    def _uneven(self, lines: Sequence[bytes], plain: bytes) -> Lines:
        """Take lines of which some are empty, too long, or end otherwise than by a newline."""
        messages: list[bytes] = []
        marks: list[bytes] = []
        offset, passed = self.offset, 0
        for line in lines:
            if len(line) > LONGEST:
                if messages or passed:
                    return Lines(messages, marks, offset, passed)
                return self._piece(line[:LONGEST], split=1)
            message = line.strip(ENDS)
            extra = passed + len(line) - len(message) + 1
            if not message:
                passed += len(line) + 1
                if passed > MOST_PASSED:
                    return Lines(messages, marks, offset, passed)
                continue
            if extra > MOST_PASSED:
                before = passed + len(line) - len(line.lstrip(ENDS))
                if before:
                    return Lines(messages, marks, offset, before)
                return Lines([*messages, message], [*marks, self._mark(0)], offset + len(message))
            messages.append(message)
            marks.append(plain if extra == 1 else self._mark(extra))
            offset += len(message) + extra
            passed = 0
        return Lines(messages, marks, offset)

    def _wide(self) -> Wide | None:
        return wide(os.pread(self.file, 4, 0))

    def _wide_lines(self, data: bytes, order: Wide, *, at_end: bool) -> Lines:
        """Take lines in UTF-16, each with a mark that tells so: as long as its newline was."""
        whole = order.end_of_lines(data)
        if not whole:
            if len(data) >= LONGEST:
                return self._wide_piece(data[:LONGEST], order, split=1)
            return self._wide_piece(data, order) if at_end and data else Lines([], [], self.offset)
        messages: list[bytes] = []
        marks: list[bytes] = []
        offset, passed = self.offset, 0
        for line in order.lines(data[:whole]):
            size = len(line) + UNIT
            if size > LONGEST:
                if messages or passed:
                    return Lines(messages, marks, offset, passed)
                return self._wide_piece(line[:LONGEST], order, split=1)
            message = order.message(line)
            extra = passed + size - len(message)
            if not message:
                passed += size
                if passed > MOST_PASSED:
                    return Lines(messages, marks, offset, passed)
                continue
            if extra > MOST_PASSED:
                if messages or passed:
                    return Lines(messages, marks, offset, passed)
                return self._wide_piece(line, order, ending=UNIT)
            messages.append(message)
            marks.append(self._mark(extra))
            offset += len(message) + extra
            passed = 0
        return Lines(messages, marks, offset)

    def _wide_piece(self, data: bytes, order: Wide, *, ending: int = 0, split: int = 0) -> Lines:
        message = order.message(data[: len(data) - len(data) % UNIT])
        size = len(data) + ending
        if not message:
            return Lines([], [], self.offset, size)
        offset, back = self.offset + size, len(message) - size
        return Lines([message], [self._mark(0)], offset, split=split, back=back)

    def _piece(self, data: bytes, split: int = 0) -> Lines:
        message = data.strip(ENDS)
        extra = len(data) - len(message)
        if not message or extra > MOST_PASSED:
            return Lines([], [], self.offset, len(data))
        return Lines([message], [self._mark(extra)], self.offset + len(data), split=split)

    def _agrees(self, file: int) -> bool:
        if not self.last:
            return True
        return os.pread(file, len(self.last), self.offset - len(self.last)) == self.last

    def _mark(self, extra: int) -> bytes:
        return mark(Kind.FILE, self.name, extra)


def matching(pattern: str) -> Iterator[str]:
    """Name the files that a pattern means now; packed ones are old, and are never read."""
    for path in sorted(glob.glob(pattern, recursive=True)):  # noqa: PTH207 - as the user writes
        if not path.endswith(PACKED) and Path(path).is_file():
            yield os.path.realpath(path)


def why_nothing(pattern: str) -> str:
    """Say why a pattern means no file now."""
    if Path(pattern).is_dir():
        return f"it is a folder; what is in it is followed with '{pattern.rstrip('/')}/*'"
    return "no such file yet; it is followed once it is there"


def siblings(name: str) -> Iterator[str]:
    """Name the files to which it may have been moved or copied: their names begin as its own."""
    path = Path(name)
    try:
        others = sorted(path.parent.iterdir())
    except OSError:
        return
    for other in others:
        is_alike = other.name.startswith(path.name) and other.name != path.name
        if is_alike and not other.name.endswith(PACKED) and other.is_file():
            yield str(other)


def identity_of(path: str) -> tuple[int, int] | None:
    """Say which file has a name now."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _fingerprint(begin: bytes) -> str:
    return hashlib.blake2b(begin, digest_size=8).hexdigest()
