"""ps of Linux, BSD, macOS and BusyBox, and docker top."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._look_times import look_time
from whence.inquiry.imports._process_table import ProcessTable, Ran, pid_of
from whence.inquiry.imports._titles import below_titles
from whence.model.reported import Started

COMMANDS = ("CMD", "COMMAND", "ARGS")
USERS = ("USER", "UID", "RUSER", "EUSER")
STARTED = "STARTED"  # of -o lstart: five words; of BSD, one
LONGEST = 1 << 16  # characters: command lines are long
NEVER = ("NAME", "FD", "ADDRESS")  # columns of other tools that tell of processes
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_TIME = re.compile(r"(?:\d+-)?\d+[:.]\d\d(?:[:.,]\d\d)*|\d+h\d\d|\d+d\d\d")
_WHOLE_TIME = re.compile(r"\S+ +\S+ +\S+ \d\d:\d\d:\d\d \d{4}\s")
_FORMS = {"PPID": _NUMBER, "C": _NUMBER, "%CPU": _NUMBER, "%MEM": _NUMBER, "TIME": _TIME}
_RENAMED = re.compile(r"^\{[^}]*\} (?=\S)")  # BusyBox: the name of what goes by another one
_BUNDLE = re.compile(r"/.+?\.app/Contents/(?:MacOS|XPCServices|Frameworks)/.+?(?= -|$)")


def _looks_like(head: Head) -> float:
    lines = head.lines
    for place, line in enumerate(lines[:400]):
        columns = _columns(line)
        if columns and any(_row(columns, below) for below in lines[place + 1 : place + 4]):
            return 0.91
    return 0.0


@kind(_looks_like, longest=LONGEST)
def ps(lines: Lines, given: Given) -> Iterator[Started]:
    """Processes by ps -ef, ps aux and ps -o with any columns whose last is the command line.

    Also of BSD, macOS and BusyBox, and by docker top. Where the same file, or its other half, is
    a table of sockets, each process gets its sockets by pid and name. Who started it is told by
    PPID, and when by -o lstart.
    """
    table = ProcessTable(given)
    for line, columns, text in below_titles(lines, _columns):
        told = _row(columns, text)
        if told is None:
            columns.clear()
            lines.strange(line, text)
        elif not table.take(line, *_ran(told, given)):
            lines.part()
    yield from table.end()


def _columns(text: str) -> list[str]:
    """Give the names of a heading; nothing where the line is none."""
    names = text.split()
    is_heading = 1 < len(names) < 40 and names[-1] in COMMANDS and "PID" in names[:-1]
    return names if is_heading and not {*names} & {*NEVER} else []


def _row(columns: list[str], text: str) -> dict[str, str] | None:
    """Give what stands below each heading; None where a value has not the form of its column."""
    told: dict[str, str] = {}
    rest = text.strip()
    for name in columns:
        count = 5 if name == STARTED and _WHOLE_TIME.match(rest) else 1
        words = rest.split(None, count)
        if name == columns[-1]:
            told[name] = rest
            break
        if len(words) <= count:
            return None
        told.setdefault(name, " ".join(words[:count]))
        rest = words[count]
    if pid_of(told.get("PID", "")) is None or not told[columns[-1]]:
        return None
    fits = all(form.fullmatch(told[name]) for name, form in _FORMS.items() if name in told)
    return told if fits else None


def _ran(told: dict[str, str], given: Given) -> tuple[Ran, str, int | None]:
    command = _RENAMED.sub("", told[next(reversed(told))], count=1)
    program = _program(command)
    is_name = " " not in command or command.startswith("[")  # and no command line
    user = next((told[name] for name in USERS if name in told), "")
    began = look_time(told[STARTED], given) if STARTED in told else None
    parent = pid_of(told.get("PPID", ""))
    line = "" if is_name else command
    return Ran(int(told["PID"]), program, line, user, parent, began=began), "", None


def _program(command: str) -> str:
    """Give the program: a path of macOS has blanks, a login shell a -, what renames itself a :."""
    if bundle := _BUNDLE.match(command):
        return bundle[0]
    if command.startswith("["):  # a thread of the kernel, or one whose command line is gone
        return command.partition("]")[0].strip("[]") or command
    return command.split(None, 1)[0].removeprefix("-").rstrip(":") or command
