"""Where messages begin and end in a stream, RFC 6587: by octet counts, or by line ends. Pure.

Which of the two, the begin of a connection tells: a length, a space and ``<`` for counts. Else
what ends the first message ends them all: LF, or NUL as of programs that log to /dev/log.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto

LONGEST = 256 << 10  # bytes of a message; the rest of a longer one is a message of its own
DIGITS = 7  # of a length, at most
ENDS = b"\r\n\0"
BETWEEN = b"\r\n\0 "  # what some senders put between counted messages


class Way(Enum):
    """How messages are told apart."""

    UNKNOWN = auto()
    COUNTED = auto()
    LINES = auto()
    NULS = auto()


class Framing:
    """Bytes in, messages out; however the bytes are cut, the messages are the same."""

    def __init__(self, longest: int = LONGEST) -> None:
        self.way = Way.UNKNOWN
        self.split = 0  # pieces of messages that were too long
        self.misframed = 0  # lengths that did not fit; what follows is taken for lines
        self._longest = longest
        self._rest = bytearray()
        self._left = 0  # bytes that the message begun still has
        self._looked = 0  # bytes of the rest that have no end of a message in them

    def feed(self, data: bytes) -> list[bytes]:
        """Take what came, and give the messages that are whole now."""
        if self.way is Way.LINES and not self._rest and len(data) <= self._longest:
            *lines, rest = data.split(b"\n")  # the usual case, and nothing to copy
            self._rest += rest
            self._looked = len(rest)
            return [line for line in (line.strip(ENDS) for line in lines) if line]
        whole: list[bytes] = []
        if self.way is Way.COUNTED and not self._left:
            whole, data = self._usual_counted(bytes(self._rest) + data)
            self._rest.clear()
        self._rest += data
        return [*filter(None, whole), *filter(None, self._messages())]

    def end(self) -> bytes:
        """Give what came of a message whose end never did."""
        rest = bytes(self._rest)
        self._rest.clear()
        if self.way is Way.COUNTED and not self._left:
            rest = rest.lstrip(BETWEEN)
        return rest.strip(ENDS)

    def _messages(self) -> Iterator[bytes]:
        if self.way is Way.UNKNOWN:
            self.way = self._told_by_begin()
        if self.way is Way.COUNTED:
            yield from self._counted()
        if self.way in (Way.LINES, Way.NULS):
            yield from self._ended()

    def _told_by_begin(self) -> Way:
        """Say what the first bytes tell; they may not be enough."""
        begin = bytes(self._rest[: DIGITS + 2])
        digits = len(begin) - len(begin.lstrip(b"0123456789"))
        if 0 < digits <= DIGITS and begin[:1] != b"0" and begin[digits:] in (b"", b" "):
            return Way.UNKNOWN  # more has to come
        if 0 < digits <= DIGITS and begin[:1] != b"0" and begin[digits : digits + 2] == b" <":
            return Way.COUNTED
        ends = [
            (at, way)
            for end, way in ((b"\n", Way.LINES), (b"\0", Way.NULS))
            if (at := self._rest.find(end, self._looked, self._longest + 1)) >= 0
        ]
        if ends:
            self._looked = 0
            return min(ends, key=lambda one: one[0])[1]
        if len(self._rest) > self._longest:
            return Way.LINES
        self._looked = len(self._rest)
        return Way.UNKNOWN

    def _usual_counted(self, data: bytes) -> tuple[list[bytes], bytes]:
        """Take messages that follow one another as they should; give those and what is left."""
        found: list[bytes] = []
        find, longest, at = data.find, self._longest, 0
        while (space := find(b" ", at, at + DIGITS + 1)) > 0:
            digits = data[at:space]
            if not digits.isdigit() or digits[:1] == b"0":
                break
            end = space + 1 + int(digits)
            if end > len(data) or end - space > longest:
                break
            found.append(data[space + 1 : end].strip(ENDS))
            at = end
        return found, data[at:]

    def _counted(self) -> Iterator[bytes]:
        data, at = self._rest, 0
        while True:
            if not self._left:
                while at < len(data) and data[at] in BETWEEN:
                    at += 1
                space = data.find(b" ", at, at + DIGITS + 1)
                digits = bytes(data[at : space if space >= 0 else at + DIGITS + 1])
                if digits and (not digits.isdigit() or digits[:1] == b"0" or len(digits) > DIGITS):
                    self.misframed += 1
                    self.way = Way.LINES
                    break
                if space < 0:
                    break
                self._left = int(digits)
                at = space + 1
            piece = min(self._left, self._longest)
            if len(data) - at < piece:
                break
            self.split += piece < self._left
            yield bytes(data[at : at + piece]).strip(ENDS)
            self._left -= piece
            at += piece
        del data[:at]

    def _ended(self) -> Iterator[bytes]:
        end = b"\n" if self.way is Way.LINES else b"\0"
        data, at = self._rest, 0
        while True:
            found = data.find(end, max(at, self._looked), at + self._longest + 1)
            if found >= 0:
                yield bytes(data[at:found]).strip(ENDS)
                at = found + 1
            elif len(data) - at > self._longest:
                self.split += 1
                yield bytes(data[at : at + self._longest]).strip(ENDS)
                at += self._longest
            else:
                break
        del data[:at]
        self._looked = len(data)
