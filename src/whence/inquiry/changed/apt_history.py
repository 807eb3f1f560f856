"""history.log of apt(8): who changed which packages, with which command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from whence.inquiry.changed._declare import Past, change_source
from whence.inquiry.changed._texts import moment, rotated
from whence.model import Line
from whence.model.changed import Change

LOG = "/var/log/apt/history.log"
LABELS = {
    "Install": "installed",
    "Upgrade": "upgraded",
    "Downgrade": "downgraded",
    "Reinstall": "installed again",
    "Remove": "removed",
    "Purge": "purged",
}
_PACKAGE = re.compile(r"(?P<name>[^\s(,]+) \((?P<versions>[^)]*)\)")


@change_source
def apt_history(past: Past) -> Iterator[Change]:
    """Who had packages changed by apt, and with which command."""
    block: dict[str, Line] = {}
    for line in rotated(LOG, past):
        label, colon, _ = line.partition(": ")
        if label == "Start-Date":
            yield from _changes(block, past)
            block = {}
        if colon:
            block[label] = line
    yield from _changes(block, past)


def _changes(block: dict[str, Line], past: Past) -> Iterator[Change]:
    at = moment(_value(block, "Start-Date"), past)
    if at is None or not past.holds(at):
        return
    for label, how in LABELS.items():
        if label in block:
            yield from _packages(block, block[label], at, how)


def _packages(block: dict[str, Line], line: Line, at: datetime, how: str) -> Iterator[Change]:
    who = _value(block, "Requested-By") or "root, or a job of the system"
    command = _value(block, "Commandline")
    evidence = line.evidence
    for found in _PACKAGE.finditer(line):
        name, versions = found["name"], found["versions"]
        along = versions.endswith(", automatic")
        told = versions.removesuffix(", automatic").replace(", ", " → ")
        yield Change(
            at, "package", f"{name} was {how}: {told}", (name.partition(":")[0], name),
            evidence,
            f"{how} {at:%Y-%m-%dT%H:%M:%S}{' along' if along else ''}", who, command, along,
        )  # fmt: skip


def _value(block: dict[str, Line], label: str) -> str:
    return block[label].partition(": ")[2].strip() if label in block else ""
