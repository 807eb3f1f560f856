"""dnf.rpm.log and dnf.log: what was changed by dnf(8), and with which command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from whence.inquiry.changed._declare import Past, change_source
from whence.inquiry.changed._texts import moment, rotated
from whence.model.changed import Change

PACKAGES = "/var/log/dnf.rpm.log"
COMMANDS = "/var/log/dnf.log"
WORDS = {
    "Installed": "installed",
    "Upgrade": "upgraded",
    "Upgraded": "upgraded",
    "Erase": "removed",
    "Removed": "removed",
    "Downgrade": "downgraded",
}
_LINE = re.compile(r"(?P<at>\S+) \w+ (?P<how>\w+): (?P<name>\S+)-(?P<version>[^-\s]+-[^-\s]+)$")
_COMMAND = re.compile(r"(?P<at>\S+) \w+ (?:Command|DNF command): (?P<command>.*)")


@change_source
def dnf_log(past: Past) -> Iterator[Change]:
    """RPM packages that dnf changed, and the command that had it done."""
    commands: list[tuple[datetime, str]] = []
    for line in rotated(COMMANDS, past):
        if (found := _COMMAND.match(line)) and (at := moment(found["at"], past)):
            commands.append((at, found["command"]))
    for line in rotated(PACKAGES, past):
        found = _LINE.match(line)
        if not found or found["how"] not in WORDS:
            continue
        if (at := moment(found["at"], past)) and past.holds(at):
            how = WORDS[found["how"]]
            command = next((text for begun, text in reversed(commands) if begun <= at), "")
            yield Change(
                at, "package", f"{found['name']} was {how}: {found['version']}",
                (found["name"],), line.evidence, how, command=command,
            )  # fmt: skip
