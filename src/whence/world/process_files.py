"""What /proc has of a process, read at once, and looked at later: somebody waits for it.

Most of the time is the kernel's, which makes up each file when it is read. So what executing
another program changes is read before, and all else after.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from whence.world.processes import HERE, LARGEST, command_line, contents

# What LiveProcesses.record reads, with how many bytes of each: what an execution changes, …
CHANGED = (("stat", 1024),)
CHANGED_LINKS = ("exe", "cwd")
# … and what it leaves as it is.
KEPT = (("status", 1024), ("loginuid", 64), ("sessionid", 64), ("cgroup", 4096))
KEPT_LINKS = ("ns/net", "ns/mnt")


@dataclass(slots=True)
class Taken:
    """What was read of one process; what could not be read is not in it."""

    folder: str
    files: dict[str, bytes] = field(default_factory=dict)
    links: dict[str, bytes] = field(default_factory=dict)
    executable: os.stat_result | None = None

    @property
    def stat(self) -> bytes:
        """The line of /proc/PID/stat; empty: there was no such process."""
        return self.files.get("stat", b"")

    def take_what_changes(self) -> None:
        """Read what is another as soon as it executes another program."""
        self._read_links(CHANGED_LINKS)
        self.executable = HERE.status(f"{self.folder}/exe")
        if given := command_line(self.folder, LARGEST + 1):
            self.files["cmdline"] = given
        self._read(CHANGED)

    def take_stat(self) -> None:
        """Read no more than the line of /proc/PID/stat."""
        self._read(CHANGED)

    def take_the_rest(self) -> None:
        """Read what stays."""
        self._read(KEPT)
        self._read_links(KEPT_LINKS)

    def _read(self, names: tuple[tuple[str, int], ...]) -> None:
        for name, limit in names:
            if text := contents(f"{self.folder}/{name}", limit):
                self.files[name] = text

    def _read_links(self, names: tuple[str, ...]) -> None:
        for name in names:
            try:
                self.links[name] = os.readlink(os.fsencode(f"{self.folder}/{name}"))  # noqa: PTH115
            except OSError:
                continue


class TakenFiles:
    """Gives out what was taken of several processes, for LiveProcesses."""

    def __init__(self) -> None:
        self._taken: dict[str, Taken] = {}  # by the folder of each

    def look_at(self, *taken: Taken) -> None:
        """Give out these from now on, and nothing else."""
        self._taken = {one.folder: one for one in taken}

    def contents(self, path: str, limit: int = 4096, *, missing_ok: bool = True) -> bytes:
        """Read a file."""
        taken, name = self._find(path)
        text = taken.files.get(name) if taken else None
        if text is None and not missing_ok:
            raise FileNotFoundError(path)
        return (text or b"")[:limit]

    def command_line(self, folder: str, limit: int) -> bytes:
        """Read what a process was given."""
        return self.contents(f"{folder}/cmdline", limit)

    def link(self, path: str) -> str:
        """Say where a link points."""
        taken, name = self._find(path)
        return (taken.links.get(name, b"") if taken else b"").decode("utf-8", "replace")

    def status(self, path: str) -> os.stat_result | None:
        """Give stat(2) of an executable that was taken, or of any other file as it is now."""
        taken, name = self._find(path)
        return taken.executable if taken and name == "exe" else HERE.status(path)

    def pids(self, proc: str) -> list[int]:
        """List the processes that were taken."""
        folders = (folder.rpartition("/") for folder in self._taken)
        return [int(pid) for above, _, pid in folders if above == proc]

    def _find(self, path: str) -> tuple[Taken | None, str]:
        """Give what was taken of a process, and the name of the file below its folder."""
        for folder, taken in self._taken.items():
            if path.startswith(f"{folder}/"):
                return taken, path[len(folder) + 1 :]
        return None, ""
