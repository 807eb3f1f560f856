"""Follows files of log lines: each line once, also when we are killed, and whatever rotates them.

Where we are in each file stands in the spool itself. A note gives the position in a file, and each
line after it says how many bytes of the file it stands for. So line and position are written
together, or neither is. Each segment begins with the notes of all files.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from whence.sensors.log_keeper import Keeper
from whence.world.log_files import LAST, GrowingFile, identity_of, matching, siblings, why_nothing
from whence.world.log_headings import BEGIN, amended, read_heading
from whence.world.log_spool import PEER, Kind, Record, gap

LOOK = 0.25  # seconds between two looks at the files
SEARCH = 1.0  # seconds between two searches for new ones
AT_ONCE = 4 << 20  # bytes of a file that are read before it is another one's turn
QUIET = 300.0  # seconds without a line after which a file that was renamed is left
MOST = 1000  # files
NOTE = "position in a file"


class Tails:
    """The files that are followed."""

    def __init__(self, patterns: Sequence[str], *, from_start: bool) -> None:
        self._patterns, self._from_start = patterns, from_start
        self._known: dict[tuple[int, int], GrowingFile] = {}
        self._current: dict[str, GrowingFile] = {}  # whose position the last note gave, by peer
        self._told_patterns: set[str] = set()  # of earlier runs
        self._next_look = self._next_search = 0.0
        self._problems: dict[str, str] = {}  # by path
        self._begun = False
        self.split = 0
        self.notes: list[str] = []

    def replay(self, record: Record) -> None:
        """Take in a record of the newest segment: where we were when it was written."""
        if record.kind is Kind.GAP:
            told = json.loads(record.payload)
            self._told_patterns |= set(told.get("patterns", ()))
            if "file" in told:
                file = GrowingFile.from_note(told["file"])
                self._known[file.identity] = file
                self._current[_peer(file)] = file
        elif record.kind is Kind.FILE and (known := self._current.get(record.peer)):
            length = len(record.payload)
            last = (record.payload + b"\n")[-LAST:] if record.port == 1 else b""
            known.move_to(known.offset + length + record.port, last)
            known.heading = amended(known.heading, [record.payload])

    def notes_of_all(self) -> bytes:
        """Write where we are in each file: with this a segment begins."""
        now = time.time_ns() // 1000
        notes = [gap(now, 0, "files that are followed", patterns=[*self._patterns])]
        ordered = sorted(self._known.values(), key=lambda file: not file.resting)
        current = {id(file) for file in self._current.values()}
        ordered.sort(key=lambda file: id(file) in current)
        for file in ordered:
            notes.append(_note(now, file))
            self._current[_peer(file)] = file
        return b"".join(notes) if self._patterns else b""

    @property
    def files(self) -> int:
        """How many are followed."""
        return sum(not file.resting for file in self._known.values())

    @property
    def unread(self) -> int:
        """Bytes that are not read yet."""
        return sum(file.unread for file in self._known.values())

    def poll(self, keeper: Keeper) -> bool:
        """Look for new lines and files, if it is time; say whether there is more to read."""
        now = time.monotonic()
        if now < self._next_look or not self._patterns:
            return False
        if not self._begun:
            self._begun = self._reopen(keeper)
            if not self._begun:
                return False
        if now >= self._next_search:
            self._next_search = now + SEARCH
            self._search(keeper)
        busy = [self._look_at(file, keeper) for file in [*self._known.values()] if not file.resting]
        more = any(busy) and keeper.has_room()
        self._next_look = now if more else now + LOOK
        return more

    def close(self) -> None:
        """Close all."""
        for file in self._known.values():
            file.close()

    def _reopen(self, keeper: Keeper) -> bool:
        """Find the files of the run before, wherever they are now."""
        for file in [*self._known.values()]:
            if file.resting or file.file >= 0:
                continue
            found = next(self._again(file), None)
            if found is None:
                del self._known[file.identity]
                why = f"{file.name} was removed while nobody read it; lines after its byte " \
                      f"{file.offset} may be missing"  # fmt: skip
                self.notes.append(why)
                keeper.lose(0, why)
                continue
            del self._known[file.identity]  # where it is a copy: the file itself begins anew
            self._take_over(file, found)
            if found.identity != file.identity:
                keeper.write(_note(time.time_ns() // 1000, found))
        return keeper.note("files that are followed", patterns=[*self._patterns])

    def _again(self, file: GrowingFile) -> Iterator[GrowingFile]:
        """Look for a file by its identity, then for a copy of it."""
        places = [file.name, *siblings(file.name)]
        opened = [one for place in places if (one := self._open(place, file.name))]
        same = [one for one in opened if one.identity == file.identity and file.matches(one)]
        copies = [one for one in opened if one.identity != file.identity and file.is_copy(one)]
        chosen = [*same, *copies][:1]
        for one in opened:
            if one not in chosen:
                one.close()
        yield from chosen

    def _take_over(self, file: GrowingFile, found: GrowingFile) -> None:
        """Go on in a file that was found again."""
        found.move_to(file.offset, file.last or found.read_before(file.offset))
        found.heading = file.heading or found.heading
        self._known[found.identity] = found
        if self._current.get(_peer(file)) is file:
            self._current[_peer(file)] = found

    def _search(self, keeper: Keeper) -> None:
        """Look for new files; when a pattern is new, too, what is in them is passed over."""
        there = set()
        for pattern in self._patterns:
            at_end = not self._from_start and pattern not in self._told_patterns
            found = [*matching(pattern)]
            if not found:
                self._problem(pattern, why_nothing(pattern))
            for path in found:
                if file := self._open(path):
                    there.add(file.identity)
                    self._found(file, keeper, at_end=at_end)
            self._told_patterns.add(pattern)
        for known in [*self._known.values()]:
            if known.resting and known.identity not in there:
                del self._known[known.identity]

    def _found(self, file: GrowingFile, keeper: Keeper, *, at_end: bool) -> None:
        """Follow a file, unless it is known."""
        known = self._known.get(file.identity)
        if known is None or not self._is_same(known, file):
            self._add(file, keeper, at_end=at_end)
            return
        if known.resting and not known.copied and file.size > known.offset:
            known.resting = False  # it grows again
            known.file, file.file = file.file, -1
        file.close()

    def _is_same(self, known: GrowingFile, file: GrowingFile) -> bool:
        """Tell a file from another that got its inode after it was removed."""
        return known.file >= 0 or known.matches(file)

    def _add(self, file: GrowingFile, keeper: Keeper, *, at_end: bool) -> None:
        if len(self._known) >= MOST:
            self._problem(file.place, f"more than {MOST} files are there; it is not read")
            file.close()
            return
        if any(one.is_copy(file) for one in self._known.values()):
            file.resting = file.copied = True
            file.move_to(file.size, file.read_before(file.size))
        elif at_end:
            file.go_to_end()
        if not keeper.write(_note(time.time_ns() // 1000, file)):
            file.close()  # later: whoever reads what was not noted reads it twice
            return
        if file.resting:
            file.close()
        self._known[file.identity] = file
        self._current[_peer(file)] = file

    def _look_at(self, file: GrowingFile, keeper: Keeper) -> bool:
        try:
            return self._follow(file, keeper)
        except OSError as e:  # of a file system that is gone, for example
            self._problem(file.name, e.strerror or str(e))
            return False

    def _follow(self, file: GrowingFile, keeper: Keeper) -> bool:
        """Read what is new in a file; say whether there is more."""
        begun = file.offset
        if file.look():
            return self._emptied(file, keeper)
        while file.size > file.offset and file.offset - begun < AT_ONCE:
            if not self._read(file, keeper):
                break
        if file.offset != begun:
            file.quiet_since = 0.0
            return file.size > file.offset
        self._leave_if_old(file, keeper)
        return False

    def _read(self, file: GrowingFile, keeper: Keeper, *, at_end: bool = False) -> bool:
        """Put the next lines into the spool; say whether there were any, and room for them."""
        found = file.lines(at_end=at_end)
        if not found.messages and not found.passed:
            return False
        now = time.time_ns() // 1000
        before = b"" if self._current.get(_peer(file)) is file else _note(now, file)
        if found.back:
            before = _note(now, replace(file, offset=file.offset - found.back))
        if found.messages:
            if not keeper.put_if_room(found.messages, found.marks, before):
                return False
            # A new segment may have been begun: the notes in it were of before these lines.
            self._current[_peer(file)] = file
            file.move_to(found.offset, file.read_before(found.offset))
            self.split += found.split
            file.learn_head()
            if found.hashes or file.offset < BEGIN:
                file.heed(found.messages)
        if found.passed:
            passed = file.offset + found.passed
            old = file.offset, file.last
            file.move_to(passed, file.read_before(passed))
            if not keeper.write(_note(now, file)):
                file.move_to(*old)
                return False
            self._current[_peer(file)] = file
        return True

    def _emptied(self, file: GrowingFile, keeper: Keeper) -> bool:
        """Begin anew in a file that was emptied, after what a copy of it still has."""
        copies = [one for place in siblings(file.name) if (one := self._open(place, file.name))]
        copy = next((one for one in copies if file.is_copy(one)), None)
        for one in copies:
            if one is not copy:
                one.close()
        anew = GrowingFile(file.name, file.device, file.inode, place=file.place, file=file.file)
        anew.size = file.size
        anew.learn_head()
        anew.heading = read_heading(anew.file)
        now = time.time_ns() // 1000
        notes = _note(now, anew)
        if copy:
            copy.move_to(file.offset, file.last)
            notes = _note(now, copy) + notes
        if not keeper.write(notes):
            if copy:
                copy.close()
            return False
        self._known[anew.identity] = anew
        self._current[_peer(anew)] = anew  # whose note was the last
        if copy:
            if (known := self._known.get(copy.identity)) and known.file >= 0:
                known.close()
            self._known[copy.identity] = copy
            while self._read(copy, keeper):
                pass
        return True

    def _leave_if_old(self, file: GrowingFile, keeper: Keeper) -> None:
        """Leave a file that has another name now, once nothing more comes of it."""
        if identity_of(file.name) == file.identity:
            return
        now = time.monotonic()
        file.quiet_since = file.quiet_since or now
        removed = not file.links()
        if removed and not keeper.has_room():
            self._count_rest(file, keeper)
        elif now - file.quiet_since < (2 * LOOK if removed else QUIET):
            return
        while self._read(file, keeper, at_end=True):
            pass
        file.close()
        file.resting = True
        if removed:
            self._known.pop(file.identity, None)
        keeper.write(_note(time.time_ns() // 1000, file))

    def _count_rest(self, file: GrowingFile, keeper: Keeper) -> None:
        """Count the lines of a removed file that find no room: holding it holds its disk."""
        while (found := file.lines(at_end=True)).messages or found.passed:
            keeper.count_unstored(found.messages, found.marks)
            file.move_to(found.offset + found.passed, b"")

    def _open(self, path: str, name: str = "") -> GrowingFile | None:
        try:
            opened = GrowingFile.at(path, name)
        except FileNotFoundError:
            return None
        except OSError as e:
            self._problem(path, e.strerror or str(e))
            return None
        self._problems.pop(path, None)
        return opened

    def _problem(self, path: str, why: str) -> None:
        if self._problems.get(path) != why:
            self._problems[path] = why
            self.notes.append(f"could not read {path}: {why}")


def _note(now: int, file: GrowingFile) -> bytes:
    return gap(now, 0, NOTE, file=file.as_note())


def _peer(file: GrowingFile) -> str:
    """The text that the spool has for a file: a long path loses its beginning."""
    return file.name.encode("utf-8", "surrogateescape")[-PEER:].decode("utf-8", "surrogateescape")
