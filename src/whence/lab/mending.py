"""Plays the person who carries out what whence says would stop it, as it is printed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from whence.lab.building import CannotBuild
from whence.lab.machines import Machine
from whence.lab.telling import Answer

BLANK = "NEW-ADDRESS"  # what a person writes the right address in place of
_SECTION = "what would stop it"
_REMEDY = re.compile(r" {2}\d+\. (\S.*)")
_COMMAND = re.compile(r" {7}(\S.*)")
_EDITOR = re.compile(r"vi \+(\d+) (\S+)")
_PROOF = re.compile(r"^ *Afterwards, to prove it: whence (\S+) --until-silent", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Remedy:
    """One of the numbered things that an answer says."""

    text: str
    commands: tuple[str, ...]  # as printed; its undo is left out


def remedies(text: str) -> list[Remedy]:
    """Read what an answer says would stop it, in its order; nothing where it says nothing."""
    found: list[Remedy] = []
    lines = iter(text.splitlines())
    if not any(line.startswith(_SECTION) for line in lines):
        return found
    for line in lines:
        if not line.startswith("  "):
            break
        if remedy := _REMEDY.fullmatch(line):
            found.append(Remedy(remedy[1], ()))
        elif found and (command := _COMMAND.fullmatch(line)):
            found[-1] = Remedy(found[-1].text, (*found[-1].commands, command[1]))
    return found


def case_to_prove(text: str) -> str | None:
    """Give the case that an answer names for the proof that it stopped."""
    found = _PROOF.search(text)
    return found[1] if found else None


def carry_out(
    machine: Machine,
    remedy: Remedy,
    old: str,
    new: str,
    show: Callable[[str], None],
    by: Sequence[str] = (),
) -> Iterator[Answer]:
    """Type the commands of a remedy on a machine, one after the other, and yield what they said.

    Where it leaves a place for the right value, or opens an editor, ``new`` is written in place of
    ``old``. ``by`` are the words that make a command run as somebody else.
    """
    for printed in remedy.commands:
        typed = printed.replace(BLANK, new)
        show(f"  # {typed}\n")
        if editor := _EDITOR.fullmatch(typed):
            line, file = editor[1], shlex.split(editor[2])[0]
            words = ["sed", "-i", f"{line}s|{re.escape(old)}|{new}|", file]
        else:
            words = [*by, "sh", "-c", typed]
        try:
            yield Answer(typed, machine.run(*words), "", 0, 0.0)
        except CannotBuild as e:
            show(f"{e.because}\n")
            yield Answer(typed, "", e.because, 1, 0.0)
            return
