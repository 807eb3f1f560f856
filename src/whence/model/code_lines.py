"""In which line of its source a constant of compiled Python stands, and what is imported there.

Numbers of instructions are those of Lib/opcode.py; lines are kept in three forms: pairs of steps up
to 3.9, PEP 626 in 3.10, and Objects/locations.md since 3.11.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from whence.model.marshalled import Code

UNIT = 2  # bytes of an instruction, since 3.6


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a constant is used; or, below 0, where a module is imported."""

    constant: int
    line: int
    imported: str = ""


@dataclass(frozen=True, slots=True)
class _Opcodes:
    load_constant: int
    import_name: int
    extended: int


def spots(code: Code, version: tuple[int, int]) -> Iterator[Spot]:
    """Say where each constant is used first, and each import stands.

    Of versions whose instructions are not known here, nothing: the function's line is then all
    that can be told, and its names may be imported or not.
    """
    opcodes = _opcodes(version)
    if opcodes is None:
        return
    lines = _lines(code, version)
    met: set[int] = set()
    extended = imports = 0
    for place in range(0, len(code.instructions) - 1, UNIT):
        operation, argument = code.instructions[place], code.instructions[place + 1] | extended
        extended = argument << 8 if operation == opcodes.extended else 0
        if operation == opcodes.load_constant and argument not in met:
            met.add(argument)
            yield Spot(argument, lines.get(place // UNIT, code.first_line))
        elif operation == opcodes.import_name and argument < len(code.names):
            imports -= 1
            name = code.names[argument]
            if isinstance(name, str) and name:
                yield Spot(imports, lines.get(place // UNIT, code.first_line), name)
        extended &= 0xFFFFFFFF


def _opcodes(version: tuple[int, int]) -> _Opcodes | None:
    if (3, 6) <= version <= (3, 12):
        return _Opcodes(100, 108, 144)
    return _Opcodes(83, 75, 71) if version == (3, 13) else None


def _lines(code: Code, version: tuple[int, int]) -> dict[int, int]:
    """Map the number of each instruction to its line."""
    if version >= (3, 11):
        return dict(_from_locations(code))
    pairs = [*zip(code.lines[::2], code.lines[1::2], strict=False)]
    return dict(_from_steps(code, pairs, ends=version == (3, 10)))


def _from_locations(code: Code) -> Iterator[tuple[int, int]]:
    """Read entries whose first byte has the kind in bits 3 to 6, and the length below."""
    table, place, unit, line = code.lines, 0, 0, code.first_line
    while place < len(table):
        first = table[place]
        kind, length = first >> 3 & 15, (first & 7) + 1
        place += 1
        if kind in (13, 14):  # the line's step is a number of its own
            number, place = _varint(table, place)
            line += -(number >> 1) if number & 1 else number >> 1
        elif 10 <= kind <= 12:
            line += kind - 10
        for _ in range(length):
            yield unit, line
            unit += 1
        while place < len(table) and not table[place] & 0x80:  # until the next entry begins
            place += 1


def _varint(table: bytes, place: int) -> tuple[int, int]:
    """Read a number of six bits a byte, the lowest first; bit 6 says that there are more."""
    number = shift = 0
    while place < len(table) and shift < 36:
        byte = table[place]
        number |= (byte & 63) << shift
        place, shift = place + 1, shift + 6
        if not byte & 64:
            break
    return number, place


def _from_steps(
    code: Code, pairs: list[tuple[int, int]], *, ends: bool
) -> Iterator[tuple[int, int]]:
    """Read steps of bytes and lines; in 3.10 a line's step comes before the bytes it is for."""
    place, line = 0, code.first_line
    for step, up in pairs:
        if ends:
            if up == 128:  # no line
                place += step
                continue
            line += up - 256 if up > 127 else up
        for byte in range(place, place + step, UNIT):
            yield byte // UNIT, line
        place += step
        if not ends:
            line += up - 256 if up > 127 else up
    if not ends:
        for byte in range(place, len(code.instructions), UNIT):
            yield byte // UNIT, line
