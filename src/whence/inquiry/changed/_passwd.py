"""passwd(5) and group(5) beside the backup that shadow's tools make before they write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from whence.inquiry.changed._declare import Past
from whence.model import CannotAsk, Line, NotPermitted, Reading
from whence.model.changed import Change

AT_ONCE = timedelta(seconds=5)  # that useradd(8) takes from the backup to the file, at most
GRAIN = timedelta(seconds=1)  # to which another machine's stat(1) tells the time
_HASH = re.compile(r"(?m)^([^:\n]*):(?!(?:x|\*|!{0,2}):)[^:\n]+:")
_Entries = dict[str, tuple[list[str], Line]]  # name → fields and line


@dataclass(frozen=True, slots=True)
class AccountFile:
    """A file of accounts: what an entry is called, and which fields of it are told."""

    path: str
    noun: str
    fields: Mapping[str, int]
    members: int | None = None  # the field that names accounts


FILES = (
    AccountFile(
        "/etc/passwd", "account", {"uid": 2, "gid": 3, "comment": 4, "home": 5, "shell": 6}
    ),
    AccountFile("/etc/group", "group", {"gid": 2, "members": 3}, members=3),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """An entry that is not as in the backup, and since when it may be so."""

    change: Change
    since: datetime


def differences(file: AccountFile, past: Past) -> Iterator[Difference]:
    """Tell which entries the last writing added, removed or changed, if it was in the span.

    The backup may be older than the last writing: not every editor makes one. Then each
    difference was made at an unknown moment between the two.
    """
    try:
        written = _moment(past.host.status(file.path).json()["modified"])
        if not past.holds(written) and not past.holds(written + GRAIN):
            return
        at = max(written, past.begin)
        backup = f"{file.path}-"
        since = min(at, _moment(past.host.status(backup).json()["changed"]))
        old, new = _entries(past, backup), _entries(past, file.path)
    except NotPermitted:
        reason = "backups of accounts that may not be read"
        past.not_read[reason] = past.not_read.get(reason, 0) + 1
        return
    except CannotAsk:
        return  # no tool of shadow's has changed anything yet
    when = (
        f"; between {since:%Y-%m-%d %H:%M:%S} UTC, when the backup was made, and this moment"
        if at - since > AT_ONCE
        else ""
    )
    for name in sorted(old.keys() | new.keys()):
        if words := _words(file, old.get(name), new.get(name)):
            line = (new.get(name) or old[name])[1]
            things = (name, *_members(file, old.get(name), new.get(name)), file.path)
            what = f"the {file.noun} {name} was {words}{when}"
            yield Difference(Change(at, "account", what, things, line.evidence, "useradd"), since)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _entries(past: Past, path: str) -> _Entries:
    entries: _Entries = {}
    for line in _without_hashes(past.host.read(path)).lines():
        fields = line.split(":")
        if len(fields) > 3 and fields[0]:
            entries.setdefault(fields[0], (fields, line))
    return entries


def _without_hashes(reading: Reading) -> Reading:
    """Take out the passwords of those who do not keep them in shadow(5)."""
    return replace(reading, text=_HASH.sub(r"\1:[redacted]:", reading.text))


def _words(
    file: AccountFile, old: tuple[list[str], Line] | None, new: tuple[list[str], Line] | None
) -> str:
    before, after = _told(file, old), _told(file, new)
    if old and new:
        changes = [
            f"{field} {before[field] or '(none)'} → {after[field] or '(none)'}"
            for field in file.fields
            if before[field] != after[field]
        ]
        return f"changed: {', '.join(changes)}" if changes else ""
    told = ", ".join(f"{field} {value}" for field, value in (after or before).items() if value)
    return f"{'added' if new else 'removed'}: {told}"


def _told(file: AccountFile, entry: tuple[list[str], Line] | None) -> dict[str, str]:
    if entry is None:
        return {}
    fields = entry[0]
    return {name: "".join(fields[place : place + 1]) for name, place in file.fields.items()}


def _members(file: AccountFile, *entries: tuple[list[str], Line] | None) -> list[str]:
    """Name the accounts that are in one of the two and not in the other."""
    if file.members is None:
        return []
    old, new = ({*_told(file, entry).get("members", "").split(",")} for entry in entries)
    return sorted((old ^ new) - {""})
