"""What a .pyc file says: what it was compiled from, what it imports and names. Nothing is run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from whence.model.code_documentation import documentation
from whence.model.code_lines import Spot, spots
from whence.model.marshalled import BadMarshal, Code, read_marshalled
from whence.model.names_said import names_said, pair_said
from whence.model.program_contents import Said

MOST_STEPS = 100_000  # values that are looked at; damaged files may hold one within itself again
LONGEST = 20_000  # characters of a string that are looked through
MAGIC_END = b"\r\n"
# The first magic number of each version, importlib/_bootstrap_external.py. Since 3.11 each has 50.
_FIRST_MAGIC = (
    (3000, (3, 0)), (3141, (3, 1)), (3160, (3, 2)), (3190, (3, 3)), (3250, (3, 4)),
    (3320, (3, 5)), (3360, (3, 6)), (3390, (3, 7)), (3400, (3, 8)), (3420, (3, 9)),
    (3430, (3, 10)),
)  # fmt: skip
_MAGIC_2_7 = range(62171, 62212)


@dataclass(frozen=True, slots=True)
class Header:
    """The beginning of a .pyc file."""

    magic: int
    version: tuple[int, int] | None  # None: not one of CPython that is known
    size: int  # bytes before the code


def header_of(data: bytes) -> Header | None:
    """Read the beginning of a .pyc file (PEP 3147, PEP 552); None where it is none."""
    if len(data) < 12 or data[2:4] != MAGIC_END:
        return None
    magic = int.from_bytes(data[:2], "little")
    version = _version(magic)
    if version is None:
        return Header(magic, None, 16)
    if version < (3, 3):
        return Header(magic, version, 8)
    return Header(magic, version, 12 if version < (3, 7) else 16)


def said_by_compiled(data: bytes) -> Iterator[Said]:
    """Say what a .pyc file was made from and by, what it imports, and what it names."""
    header = header_of(data)
    if header is None:
        return
    if header.version is None:
        yield Said("compiled-by", f"an unknown Python, magic number {header.magic}")
        yield Said("not-read", "code of an unknown version of Python")
        return
    yield Said("compiled-by", f"Python {_text(header.version)}, magic number {header.magic}")
    try:
        module = read_marshalled(data[header.size :], header.version)
    except BadMarshal as e:
        yield Said("not-read", f"its code is damaged: {e}")
        return
    if not isinstance(module, Code):
        yield Said("not-read", "it holds no code")
        return
    yield Said("compiled-from", module.filename)
    yield from _Walk(header.version).of(module)


class _Walk:
    """Looks at each code object once, and at no more values than can be waited for."""

    def __init__(self, version: tuple[int, int]) -> None:
        self._version = version
        self._left = MOST_STEPS
        self._met: set[int] = set()

    def of(self, code: Code) -> Iterator[Said]:
        waiting = [code]
        while waiting:
            code = waiting.pop()
            self._met.add(id(code))
            found = {spot.constant: spot for spot in spots(code, self._version)}
            for spot in found.values():
                if spot.imported:
                    yield Said("imports", spot.imported, spot.line, within=code.name)
            unused = documentation(code, self._version)
            for number, constant in enumerate(code.constants):
                if number == unused:
                    continue
                if isinstance(constant, Code):
                    if id(constant) not in self._met:
                        waiting.append(constant)
                    continue
                at = found.get(number, Spot(number, code.first_line))
                yield from self._constant(constant, at.line, code.name)
            if self._left <= 0:
                yield Said("not-read", f"what comes after the first {MOST_STEPS:,} constants")
                return

    def _constant(self, constant: object, line: int, within: str) -> Iterator[Said]:
        self._left -= 1
        if self._left <= 0:
            return
        if isinstance(constant, bytes):
            constant = constant.decode("utf-8", "replace")
        if isinstance(constant, str):
            yield from names_said(constant[:LONGEST], whole=True, line=line, within=within)
        elif isinstance(constant, tuple):
            yield from pair_said(constant, line, within)
            for one in constant:
                if isinstance(one, str | bytes | tuple):
                    yield from self._constant(one, line, within)


def _version(magic: int) -> tuple[int, int] | None:
    if magic in _MAGIC_2_7:
        return (2, 7)
    if 3450 <= magic < 3800:
        return (3, (magic - 2900) // 50)
    known = [version for first, version in _FIRST_MAGIC if 3000 <= first <= magic < 3450]
    return known[-1] if known else None


def _text(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
