"""Which files of this machine were changed in a span: by ctime, which nobody can set, stat(2)."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from whence.model import Reading
from whence.world.contracts import Clock
from whence.world.this_host import utc_now

MOST_ENTRIES = 300_000  # that are looked at below one folder
MOST = 20_000  # that are told
DEEPEST = 24


class ThisMachinesFiles:
    """Looks at the files of this machine; with ``root``, at those below a folder."""

    def __init__(self, name: str | None = None, now: Clock = utc_now, root: str = "") -> None:
        self.name = name or os.uname().nodename
        self._now = now
        self._root = root.rstrip("/")

    def changed_files(self, folders: Sequence[str], since: datetime, until: datetime) -> Reading:
        """Name what of and below these folders has a ctime in a span; no link is followed."""
        not_read: dict[str, int] = {}
        lines: list[str] = []
        for folder in folders:
            for path, found in _entries(self._root + folder, not_read):
                if since.timestamp() <= found.st_ctime <= until.timestamp():
                    entry = _described(path.removeprefix(self._root), found)
                    lines.append(msgspec.json.encode(entry).decode())
            if len(lines) >= MOST:
                not_read[f"beyond {MOST:,} changed files"] = len(lines) - MOST
                del lines[MOST:]
                break
        lines.append(msgspec.json.encode({"not_read": not_read}).decode())
        text = "".join(f"{line}\n" for line in lines)
        source = f"changed {since:%Y-%m-%dT%H:%M:%SZ}..{until:%Y-%m-%dT%H:%M:%SZ} below "
        return Reading(source + " ".join(folders), text, self._now(), self.name)


def _described(path: str, found: os.stat_result) -> dict[str, Any]:
    kinds = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "link"}
    return {
        "path": path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
        "kind": kinds.get(stat.S_IFMT(found.st_mode), "other"),
        "uid": found.st_uid,
        "mode": f"{stat.S_IMODE(found.st_mode):04o}",
        "size": found.st_size,
        "modified": found.st_mtime,
        "changed": found.st_ctime,
    }


def _entries(top: str, not_read: dict[str, int]) -> Iterator[tuple[str, os.stat_result]]:
    try:
        first = Path(top).lstat()
    except OSError:
        return
    yield top, first
    if not stat.S_ISDIR(first.st_mode):
        return
    waiting = [(top, 0)]
    looked = 0
    while waiting:
        folder, depth = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    found = entry.stat(follow_symlinks=False)
                    looked += 1
                    yield entry.path, found
                    is_folder = stat.S_ISDIR(found.st_mode) and found.st_dev == first.st_dev
                    if is_folder and depth < DEEPEST:
                        waiting.append((entry.path, depth + 1))
        except PermissionError:
            not_read["folders that may not be read"] = (
                not_read.get("folders that may not be read", 0) + 1
            )
        except OSError:
            continue  # it went away just now
        if looked > MOST_ENTRIES:
            reason = f"beyond {MOST_ENTRIES:,} entries of a folder"
            not_read[reason] = not_read.get(reason, 0) + len(waiting)
            return
