"""Accounts: passwd(5) and what the log of logins says of new ones."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.changed._changed import changed, says
from whence.inquiry.changed._declare import Past, change_source
from whence.inquiry.changed._texts import rotated, syslog_moment
from whence.model.changed import Change

FILES = ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/sudoers", "/etc/sudoers.d")
LOGS = ("/var/log/auth.log", "/var/log/secure")
_NEW = re.compile(r".*\b(?:useradd|groupadd|userdel|usermod)\[\d+\]: (?P<words>.+)")
_NAME = re.compile(r"(?:name=|user ['\"]?)(?P<name>[\w.-]+)")
_SUDO = re.compile(
    r".*\bsudo(?:\[\d+\])?:\s+(?P<who>\S+) : .*COMMAND=(?P<command>\S*(?:user|adm)\S*.*)"
)


@change_source
def accounts(past: Past) -> Iterator[Change]:
    """Accounts that were made, changed or removed, and by whom."""
    yield from changed(FILES, "account", lambda path, entry: says("the file", path, entry), past)
    who, command = "", ""
    for log in LOGS:
        for line in rotated(log, past):
            if sudo := _SUDO.match(line):
                who, command = sudo["who"], sudo["command"]
            found = _NEW.match(line)
            if not found or not (at := syslog_moment(line, past)) or not past.holds(at):
                continue
            name = _NAME.search(found["words"])
            things = (name["name"],) if name else ()
            yield Change(
                at, "account", found["words"][:200], things, line.evidence, "useradd",
                who, command,
            )  # fmt: skip
