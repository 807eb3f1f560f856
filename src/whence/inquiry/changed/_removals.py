"""What is gone leaves no file behind, but the time at which its folder was changed, stat(2)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from whence.inquiry.changed._declare import Past
from whence.model import CannotAsk, Line
from whence.model.changed import Change

AT_ONCE = 1.0  # seconds between a new file's ctime and its folder's mtime, at most
FOREVER = datetime(2200, 1, 1, tzinfo=UTC)
Entries = Sequence[tuple[dict[str, Any], Line]]


def removals(entries: Entries, past: Past) -> Iterator[Change]:
    """Give a change for each folder that was changed by nothing that is in it now.

    A new file, or one that was renamed, is changed together with its folder. So is an old one
    that was written afterwards, for all that is known: then nothing is said.
    """
    youngest = _youngest(entry for entry, _ in entries)
    folders = {entry["path"]: entry["modified"] for entry, _ in entries if _is_folder(entry)}
    suspects = [
        (entry, line)
        for entry, line in entries
        if _is_folder(entry)
        and past.begin.timestamp() <= entry["modified"] <= past.end.timestamp()
        and youngest.get(entry["path"], 0) < entry["modified"] - AT_ONCE
    ]
    written_since = _written_since([entry["path"] for entry, _ in suspects], past)
    for entry, line in suspects:
        path, at = entry["path"], entry["modified"]
        if path not in written_since and _lost(path, at, folders, past):
            what = f"something was removed from, or renamed in, {path}"
            moment = datetime.fromtimestamp(at, UTC)
            yield Change(moment, "removal", what, (path,), line.evidence, path)


def _is_folder(entry: dict[str, Any]) -> bool:
    return bool(entry["kind"] == "directory")


def _youngest(entries: Iterator[dict[str, Any]]) -> dict[str, float]:
    """Say of each folder when what is in it was last changed."""
    found: dict[str, float] = {}
    for entry in entries:
        folder = posixpath.dirname(entry["path"])
        found[folder] = max(found.get(folder, 0), entry["changed"])
    return found


def _written_since(folders: list[str], past: Past) -> set[str]:
    """Name the folders in which a file was changed after the span: perhaps it was new in it."""
    if not folders:
        return set()
    lines = past.files.changed_files(folders, past.end, FOREVER).lines()
    rows = (msgspec.json.decode(str(line)) for line in lines)
    return {*_youngest(row for row in rows if "not_read" not in row)}


def _lost(path: str, at: float, folders: Mapping[str, float], past: Past) -> bool:
    """Say whether a folder can be looked into, and is not merely new and empty."""
    above = posixpath.dirname(path)
    try:
        if past.host.list(path).text:
            return True
        if above in folders:
            return folders[above] < at - AT_ONCE
        return bool(abs(past.host.status(above).json()["modified"] - at) > AT_ONCE)
    except CannotAsk:
        return False
