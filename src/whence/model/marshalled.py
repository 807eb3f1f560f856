"""What Python's marshal module wrote, of any version since 2.7, read without running any of it.

``marshal.loads`` reads its own version only, and damaged bytes can make the interpreter crash. This
reads the same format (Python/marshal.c) into plain values; it is bounded in depth and number.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

DEEPEST = 60  # values within values; the compiler makes no more than 20 functions deep
MOST = 400_000  # values of a file
REFERENCE = 0x80  # FLAG_REF


class BadMarshal(ValueError):
    """These bytes are not what marshal writes, or more than is read."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code object: what a function, a class or a module was compiled to."""

    name: str
    filename: str
    first_line: int
    constants: tuple[object, ...]
    names: tuple[object, ...]
    instructions: bytes
    lines: bytes  # co_lnotab or co_linetable, which of them the version says
    flags: int = 0


def read_marshalled(data: bytes, version: tuple[int, int]) -> object:
    """Read the first value of some bytes.

    Raises
    ------
    BadMarshal
        If they are none.

    """
    try:
        return _Reader(data, version).value(0)
    except (struct.error, IndexError, ValueError, OverflowError, MemoryError) as e:
        raise BadMarshal(str(e) or type(e).__name__) from e


class _Reader:
    """Reads one value after the other; what was marked is remembered, for it may come again."""

    def __init__(self, data: bytes, version: tuple[int, int]) -> None:
        self._data = data
        self._version = version
        self._at = 0
        self._left = MOST
        self._marked: list[object] = []
        self._interned: list[object] = []  # of Python 2
        self._readers: dict[str, Callable[[int], object]] = {
            "N": lambda _: None, "F": lambda _: False, "T": lambda _: True, ".": lambda _: ...,
            "S": lambda _: None, "0": lambda _: None,
            "i": lambda _: self._int(), "I": lambda _: self._struct("<q", 8),
            "l": lambda _: self._long(), "f": lambda _: self._float(),
            "g": lambda _: self._struct("<d", 8), "x": lambda _: (self._float(), self._float()),
            "y": lambda _: (self._struct("<d", 8), self._struct("<d", 8)),
            "s": lambda _: self._bytes(self._size()),
            "t": lambda _: self._intern(), "u": lambda _: self._text(self._size(), "utf-8"),
            "R": lambda _: self._interned[self._size()],
            "a": lambda _: self._text(self._size(), "latin-1"),
            "A": lambda _: self._text(self._size(), "latin-1"),
            "z": lambda _: self._text(self._byte(), "latin-1"),
            "Z": lambda _: self._text(self._byte(), "latin-1"),
            "(": lambda depth: self._many(self._size(), depth),
            ")": lambda depth: self._many(self._byte(), depth),
            "[": lambda depth: self._many(self._size(), depth),
            "<": lambda depth: self._many(self._size(), depth),
            ">": lambda depth: self._many(self._size(), depth),
            "{": self._pairs, "c": self._code, ":": self._slice,
            "r": lambda _: self._marked[self._size()],
        }  # fmt: skip

    def value(self, depth: int) -> object:
        self._left -= 1
        if depth > DEEPEST or self._left < 0:
            raise BadMarshal("too deep" if depth > DEEPEST else f"over {MOST:,} values")
        code = self._byte()
        reader = self._readers.get(chr(code & ~REFERENCE))
        if reader is None:
            raise BadMarshal(f"no value begins with byte {code:#x}")
        if not code & REFERENCE:
            return reader(depth)
        place = len(self._marked)  # taken before what is inside of it
        self._marked.append(None)
        self._marked[place] = found = reader(depth)
        return found

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _bytes(self, size: int) -> bytes:
        if size < 0 or size > len(self._data) - self._at:
            raise BadMarshal("it ends too early")
        self._at += size
        return self._data[self._at - size : self._at]

    def _struct(self, form: str, size: int) -> object:
        return struct.unpack(form, self._bytes(size))[0]

    def _int(self) -> int:
        return int.from_bytes(self._bytes(4), "little", signed=True)

    def _size(self) -> int:
        size = self._int()
        if size < 0:
            raise BadMarshal("a size below 0")
        return size

    def _long(self) -> int:
        count = self._int()
        digits = self._bytes(2 * abs(count))
        if abs(count) > 200:  # no address and no port
            return 0
        number = sum(
            int.from_bytes(digits[2 * i : 2 * i + 2], "little") << 15 * i for i in range(abs(count))
        )
        return number if count >= 0 else -number

    def _float(self) -> float:
        return float(self._bytes(self._byte()))

    def _text(self, size: int, coding: str) -> str:
        return self._bytes(size).decode(coding, "replace")

    def _intern(self) -> str:
        text = self._text(self._size(), "utf-8")
        self._interned.append(text)
        return text

    def _many(self, count: int, depth: int) -> tuple[object, ...]:
        if count > len(self._data) - self._at:  # each takes a byte or more
            raise BadMarshal("it ends too early")
        return tuple(self.value(depth + 1) for _ in range(count))

    def _pairs(self, depth: int) -> tuple[object, ...]:
        found = []
        while self._data[self._at] != ord("0"):
            found.append((self.value(depth + 1), self.value(depth + 1)))
        self._at += 1
        return tuple(found)

    def _slice(self, depth: int) -> tuple[object, ...]:
        return tuple(self.value(depth + 1) for _ in range(3))

    def _code(self, depth: int) -> Code:
        """Read a code object; its parts and their order are those of the version.

        Before the first line's number stand code, constants, names, then three parts about
        variables (two, with a name added behind, since 3.11), the file's name and its own.
        """
        flags = int.from_bytes(self._bytes(4 * self._numbers())[-4:], "little")
        code, constants, names, _, _, *rest = [self.value(depth + 1) for _ in range(8)]
        first_line = self._int()
        lines = self.value(depth + 1)
        is_new = self._version >= (3, 11)
        if is_new:
            self.value(depth + 1)  # the table of exceptions
        return Code(
            _as_text(rest[2]), _as_text(rest[0] if is_new else rest[1]), first_line,
            _as_tuple(constants), _as_tuple(names), _as_bytes(code), _as_bytes(lines),
            flags,
        )  # fmt: skip

    def _numbers(self) -> int:
        """How many numbers stand before the parts: arguments, locals, stack size, flags."""
        if self._version < (3, 0):
            return 4
        return 6 if (3, 8) <= self._version < (3, 11) else 5


def _as_text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def _as_tuple(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()


def _as_bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""
