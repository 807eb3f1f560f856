"""Is a program's file the one that its package brought? In the same words for all packages."""

from __future__ import annotations

from whence.model import Evidence, Fact, Program, Reading
from whence.world import Programs

AGREES, DIFFERS, IS_SETTING = "agrees-with-package", "differs-from-package", "changed-as-a-setting"


def sum_of(program: Program, programs: Programs, kind: str) -> tuple[str, Reading]:
    """Give a sum of a program's file ("md5", "sha256"), and the reading that says so."""
    reading = programs.sums(program.path)
    return str(reading.json()[kind]), reading


def compared(
    program: Program,
    programs: Programs,
    kind: str,
    expected: str,
    *evidence: Evidence,
    package: str,
    is_setting: bool = False,
) -> Fact:
    """State whether a file has the sum that is expected."""
    found, reading = sum_of(program, programs, kind)
    name = {"md5": "MD5", "sha256": "SHA-256"}.get(kind, kind)
    if found == expected:
        return program.fact(AGREES, f"{name} of {package}", *evidence, reading.whole())
    text = f"{package} has the {name} {expected}, and the file {found}"
    relation = IS_SETTING if is_setting else DIFFERS
    return program.fact(relation, text, *evidence, reading.whole())
