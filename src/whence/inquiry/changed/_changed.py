"""Files that were changed in a span, as changes of one kind."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from whence.inquiry.changed._declare import Past
from whence.inquiry.changed._removals import removals
from whence.model import Line
from whence.model.changed import Change
from whence.probes._accounts import user_name

WRITTEN = 2.0  # seconds between mtime and ctime of what was only written
Gone = Callable[[str], bool]  # path of a folder → whether it matters what is gone from it
Chosen = Callable[[str, dict[str, Any]], str | None]  # path, entry → in words, or None


def changed(
    folders: Sequence[str],
    kind: str,
    chosen: Chosen,
    past: Past,
    alike: str = "",
    gone: Gone | None = None,
) -> Iterator[Change]:
    """Give a change for each file below these folders of which ``chosen`` has words.

    Those of one folder are of one sort, or all of them where ``alike`` names the sort. Of the
    folders that ``gone`` picks it is told if something was removed from them.
    """
    if not folders:
        return
    kept: list[tuple[dict[str, Any], Line]] = []
    is_whole = True
    names: dict[int, str] = {}
    reading = past.files.changed_files(folders, past.begin, past.end)
    for line in reading.lines():
        entry = msgspec.json.decode(str(line))
        if "not_read" in entry:
            for reason, count in entry["not_read"].items():
                past.not_read[reason] = past.not_read.get(reason, 0) + count
                is_whole = is_whole and not reason.startswith("beyond")
            continue
        path = entry["path"]
        if gone is not None:
            kept.append((entry, line))
        if (words := chosen(path, entry)) is not None:
            at = datetime.fromtimestamp(entry["changed"], UTC)
            uid = entry["uid"]
            if uid not in names:
                names[uid] = user_name(past.host, uid) or f"uid {uid}"
            sort = alike or posixpath.dirname(path)
            things = (path, *_unit(path))
            yield Change(at, kind, words, things, line.evidence, sort, names[uid])
    if gone is not None and is_whole:
        yield from (one for one in removals(kept, past) if gone(one.things[0]))


def says(prefix: str, path: str, entry: dict[str, Any]) -> str:
    """Say what happened to a file: written, or only its rights, its owner or its name."""
    written = entry["changed"] - entry["modified"] < WRITTEN
    happened = "was written" if written else "was put there, or its rights changed"
    return f"{prefix} {path} {happened}"


def _unit(path: str) -> tuple[str, ...]:
    name = posixpath.basename(path)
    return (name,) if name.endswith((".service", ".timer", ".socket", ".path", ".mount")) else ()
