"""Accounts: passwd(5) beside its backup, and what the log of logins says of new ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from whence.inquiry.changed._changed import changed, says
from whence.inquiry.changed._declare import Past, change_source
from whence.inquiry.changed._passwd import FILES, Difference, differences
from whence.inquiry.changed._texts import is_kept, rotated, syslog_moment
from whence.model import CannotAsk, Line
from whence.model.changed import Change

WRITTEN = ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/sudoers", "/etc/sudoers.d")
LOGS = ("/var/log/auth.log", "/var/log/secure")
TOOLS = (
    "useradd", "usermod", "userdel", "groupadd", "groupmod", "groupdel", "gpasswd", "passwd",
    "chsh", "chfn", "chage",
)  # fmt: skip
NEAR = timedelta(seconds=10)  # between a line in the log and the file that it is about
LASTING = timedelta(minutes=5)  # of a command that sudo ran, up to what it logs; adduser(8) asks
_NEW = re.compile(rf".*\b(?:{'|'.join(TOOLS)})\[\d+\]: (?P<words>.+)")
_NAMES = re.compile(
    r"(?:name=|\b(?:user|group|for|account) ['\"]?|\b(?:add|delete) ['\"])([\w.-]+)"
)
_SUDO = re.compile(
    r".*\bsudo(?:\[\d+\])?:\s+(?P<who>\S+) : .*COMMAND=(?P<command>\S*"
    r"(?:user|group|adm|passwd|ch(?:sh|fn|age))\S*.*)"
)


@change_source
def accounts(past: Past) -> Iterator[Change]:
    """Accounts that were made, changed or removed, and by whom."""
    found = [one for file in FILES for one in differences(file, past)]
    explained = {path for one in found for path in one.change.things}
    for change in changed(WRITTEN, "account", _words, past):
        if change.things[0] not in explained:
            yield change
    logged: list[Change] = []
    refused = None
    try:
        logged += _logged(past)
    except CannotAsk as reason:
        refused = reason
    yield from logged
    yield from (one.change for one in found if not _is_told(one, logged))
    if refused:
        raise refused


def _words(path: str, entry: dict[str, object]) -> str | None:
    return says("the file", path, entry) if entry["kind"] != "directory" else None


def _is_told(found: Difference, logged: list[Change]) -> bool:
    """Say whether the log tells the same, and with whom."""
    begin, end, name = found.since - NEAR, found.change.at + NEAR, found.change.things[0]
    return any(name in one.things and begin <= one.at <= end for one in logged)


def _logged(past: Past) -> Iterator[Change]:
    who, command, ran = "", "", None
    for line in _lines(past):
        sudo, new = _SUDO.match(line), _NEW.match(line)
        if not (sudo or new) or not (at := syslog_moment(line, past)):
            continue
        if sudo:
            who, command, ran = sudo["who"], sudo["command"], at
        elif new and past.holds(at):
            is_theirs = ran is not None and timedelta() <= at - ran <= LASTING
            things = tuple(dict.fromkeys(_NAMES.findall(new["words"])))
            yield Change(
                at, "account", new["words"][:200], things, line.evidence, "useradd",
                who if is_theirs else "", command if is_theirs else "",
            )  # fmt: skip


def _lines(past: Past) -> Iterator[Line]:
    """Give the lines of the log of logins; where none is kept, those of the journal."""
    for log in LOGS:
        yield from rotated(log, past)
    if any(is_kept(log, past) for log in LOGS):
        return
    tags = [word for tool in (*TOOLS, "sudo") for word in ("-t", tool)]
    since, until = int((past.begin - LASTING).timestamp()), int(past.end.timestamp()) + 1
    try:
        reading = past.host.run(
            "journalctl", "--quiet", "--no-pager", "--output=short-iso", *tags,
            f"--since=@{since}", f"--until=@{until}",
        )  # fmt: skip
    except CannotAsk as reason:
        raise CannotAsk(
            "no log names who made or changed accounts",
            because=f"{' and '.join(LOGS)} were not written since; {_plainly(reason)}",
        ) from reason
    yield from reading.lines()


def _plainly(reason: CannotAsk) -> str:
    return f"{reason}: {reason.because}" if reason.because else str(reason)
