"""What a line of a crontab(5) or an anacrontab(5) says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from whence.model.evidence import Line

_NUMBERS = r"[\d*~][\d*,/~-]*[ \t]+"
_NAMES = r"[\d*~A-Za-z][\d*,/~A-Za-z#-]*[ \t]+"  # months and days of the week have names, too
_ENTRY = re.compile(
    rf"[ \t]*-?(?P<schedule>@[a-z_]+[ \t]+|(?:{_NUMBERS}){{3}}(?:{_NAMES}){{2}})(?P<rest>\S.*)",
    re.DOTALL,
)
_USER_FIRST = re.compile(r"(?P<user>\S+)[ \t]+(?P<rest>\S.*)", re.DOTALL)
_SETTING = re.compile(r"""\s*["']?(?P<name>[A-Za-z_]\w*)["']?\s*=\s*(?P<value>.*)""")
_UNESCAPED = re.compile(r"(?:\\.|[^%\\]|\\$)*", re.DOTALL)
_PERIOD = re.compile(
    r"\s*(?P<period>\d{1,5}|@\w+)\s+(?P<delay>\d{1,5})\s+(?P<name>\S+)\s+(?P<rest>\S.*)"
)

PERIODS = {"@daily": 1, "@weekly": 7, "@monthly": 30, "@yearly": 365, "@annually": 365}  # days


@dataclass(frozen=True, slots=True)
class CrontabEntry:
    """One job of a crontab."""

    schedule: str  # "17 * * * *" with single blanks, or "@daily"
    user: str
    command: str  # what the shell is given, byte for byte
    written: str  # as it stands in the file: with what follows a %, which is the job's input


@dataclass(frozen=True, slots=True)
class AnacrontabEntry:
    """One job of an anacrontab."""

    period: str  # days, or "@monthly"
    delay: int  # minutes
    name: str
    command: str

    @property
    def days(self) -> int:
        """The period in days; a month counts as 30. 0: not a period that anacron knows."""
        return PERIODS.get(self.period, 0) if self.period.startswith("@") else int(self.period)


def crontab_entry(line: str, owner: str | None = None) -> CrontabEntry | None:
    """Read a line of a crontab; None where it is a comment, a setting, or wrong.

    ``owner`` is whose crontab it is; None: a system crontab, where a column names the user.
    """
    found = _ENTRY.match(line)
    if not found:
        return None
    schedule, rest = " ".join(found["schedule"].split()), found["rest"]
    if owner is not None:
        return CrontabEntry(schedule, owner, shell_command(rest), rest)
    owned = _USER_FIRST.match(rest)
    return owned and CrontabEntry(
        schedule, owned["user"], shell_command(owned["rest"]), owned["rest"]
    )


def shell_command(written: str) -> str:
    r"""Give what cron hands to the shell: up to the first ``%``; ``\%`` is a per cent sign."""
    up_to_input = _UNESCAPED.match(written)
    assert up_to_input is not None  # it matches nothing, too
    return re.sub(r"\\(.)", lambda pair: "%" if pair[1] == "%" else pair[0], up_to_input[0])


def setting(line: str) -> tuple[str, str] | None:
    """Read a line that sets a variable for the jobs below it, such as ``CRON_TZ=UTC``."""
    found = _SETTING.match(line)
    return (found["name"], found["value"].strip().strip("\"'")) if found else None


def anacrontab_entries(lines: Iterable[Line]) -> Iterator[tuple[AnacrontabEntry, Line]]:
    r"""Read an anacrontab; a ``\`` at the end of a line joins the next one to it."""
    for line in joined(lines):
        found = None if line.lstrip().startswith("#") or setting(line) else _PERIOD.match(line)
        if found:
            yield (
                AnacrontabEntry(found["period"], int(found["delay"]), found["name"], found["rest"]),
                line,
            )


def joined(lines: Iterable[Line]) -> Iterator[Line]:
    r"""Join continued lines; the whole has the evidence of its first line.

    Anacron and systemd put a blank in place of the ``\`` and the end of its line.
    """
    begun: Line | None = None
    for line in lines:
        whole = line
        if begun is not None:
            whole = Line(begun + line)
            whole.evidence = begun.evidence
        begun = None
        if whole.endswith("\\"):
            begun = Line(whole[:-1] + " ")
            begun.evidence = whole.evidence
        else:
            yield whole
