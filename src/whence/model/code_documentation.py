"""Which constant of compiled Python is a documentation string: it says what no program does."""

from __future__ import annotations

from whence.model.marshalled import Code

# Flags of code objects: Include/cpython/code.h.
OPTIMIZED, NEWLOCALS, HAS_DOCSTRING = 0x1, 0x2, 0x4000000
UNTIL_3_12, IN_3_13 = (100, 90), (83, 114)  # LOAD_CONST and STORE_NAME: Lib/opcode.py
DOC = "__doc__"


def documentation(code: Code, version: tuple[int, int]) -> int | None:
    """Give the number of the constant, or None where there is none, or it cannot be told.

    A function has its string as its first constant; until 3.13 None stands there if it has none. A
    module or class stores it as a variable.
    """
    if code.flags & (OPTIMIZED | NEWLOCALS) == OPTIMIZED | NEWLOCALS:
        if version >= (3, 14) and not code.flags & HAS_DOCSTRING:
            return None
        if code.name.rpartition(".")[2].startswith("<"):  # of a comprehension or lambda
            return None
        first = code.constants[0] if code.constants else None
        return 0 if isinstance(first, str | bytes) else None
    if version > (3, 13) or DOC not in code.names:
        return None
    load, store = IN_3_13 if version == (3, 13) else UNTIL_3_12
    wide = 2 if version < (3, 6) else 1  # bytes of an argument
    stored = bytes([store]) + code.names.index(DOC).to_bytes(4, "little")[:wide]
    place = code.instructions.find(stored)
    before = code.instructions[max(0, place - 1 - wide) : max(0, place)]
    return int.from_bytes(before[1:], "little") if before[:1] == bytes([load]) else None
