"""A file system of which is known what was changed when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from whence.model import Reading

SEEN = datetime(2026, 11, 20, 9, 20, tzinfo=UTC)
Entries = list[dict[str, Any]]


class RecordedFiles:
    """Knows which files were changed when, as a recording of a file system does."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries

    def changed_files(self, folders: Sequence[str], since: datetime, until: datetime) -> Reading:
        found = [
            entry
            for entry in self._entries
            if since.timestamp() <= entry["changed"] <= until.timestamp()
            and any(f"{entry['path']}/".startswith(f"{folder}/") for folder in folders)
        ]
        lines = [*map(json.dumps, found), '{"not_read": {}}']
        return Reading("changed below", "\n".join(lines), SEEN, "here")


def entry(path: str, at: datetime, kind: str = "file", written: bool = True) -> dict[str, Any]:
    changed = at.timestamp()
    return {
        "path": path, "kind": kind, "uid": 0, "mode": "0644", "size": 9, "changed": changed,
        "modified": changed if written else changed - 10**7,
    }  # fmt: skip
