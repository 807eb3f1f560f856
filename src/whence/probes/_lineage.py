"""What a process may be called, and what it was asked to do."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import zip_longest
from pathlib import PurePosixPath

from whence.model import Execution, ProcessRecord

MANY_IN_ONE = frozenset({"busybox", "toybox"})  # what they do depends on how they are called


def is_called(record: ProcessRecord, names: Collection[str]) -> bool:
    """Say whether it ran one of these programs when it was seen."""
    return program_name(record).lower() in names


def program_name(record: ProcessRecord) -> str:
    """Name the program: its file where that is known, for a process may name itself as it likes."""
    run = record.execution
    if run is None or not run.executable:
        return record.name
    name = PurePosixPath(run.executable.removesuffix(" (deleted)")).name
    if name in MANY_IN_ONE and run.args:
        called = [PurePosixPath(argument.lstrip("-")).name for argument in run.args]
        return called[1] if called[0] in MANY_IN_ONE and called[1:] else called[0]
    return name


def script_names(record: ProcessRecord) -> set[str]:
    """Name the program and, where an interpreter runs a script, the script."""
    run = record.execution
    files = (run.file, *run.args[:2]) if run else ()
    return {program_name(record), *(PurePosixPath(file).name for file in files if file)}


def mentions(record: ProcessRecord, text: str) -> bool:
    """Say whether this stands in the arguments that it was given."""
    run = record.execution
    return run is not None and any(text in argument for argument in run.args)


def title(record: ProcessRecord) -> str:
    """Give what a process shows of itself in its arguments, setproctitle(3), or else its name."""
    run = record.execution
    return (" ".join(run.args).strip() if run else "") or record.name


def shell_commands(record: ProcessRecord) -> Iterator[tuple[Execution, str]]:
    """Give each command that the process was given as ``SHELL -c COMMAND``.

    A shell replaces itself by the last command (dash and bash do for a simple one), so what was
    asked of it may stand in the process's past only.
    """
    for run in record.executions:
        if len(run.args) == 3 and run.args[1] == "-c":
            yield run, run.args[2]


def option(record: ProcessRecord, letter: str) -> str | None:
    """Give the value of ``-x VALUE`` or ``-xVALUE``."""
    args = record.execution.args if record.execution else ()
    for argument, following in zip_longest(args[1:], args[2:]):
        if argument == f"-{letter}":
            return following
        if re.match(rf"-{letter}[^-]", argument):
            return argument[2:]
    return None
