"""The crontabs of a host, wherever its cron keeps them, line by line."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from whence.model import CannotAsk, Job, Line, NotPermitted, Reading
from whence.model.crontab import CrontabEntry, crontab_entry, setting
from whence.world import Host

SYSTEM = "/etc/crontab"
PACKAGED = "/etc/cron.d"
PERSONAL = (  # a file a user
    "/var/spool/cron/crontabs",  # Debian, and busybox
    "/etc/crontabs",  # Alpine, where the one above is a link to it
    "/var/spool/cron",  # Fedora, Red Hat
    "/var/spool/cron/tabs",  # SUSE
)
_DEBIAN_ACCEPTS = re.compile(r"[A-Za-z0-9_-]+")  # cron(8) of Debian, as run-parts(8)
_CRONIE_ACCEPTS = re.compile(r"(?![.#])(?!.*(?:~|#|\.rpm(?:save|orig|new)|\.cfsaved)$).+")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CrontabJob:
    """A line of a crontab that starts something."""

    job: Job
    entry: CrontabEntry
    line: Line
    zone: str  # CRON_TZ of cronie; empty: the host's own


@dataclass(slots=True)
class Crontabs:
    """All crontabs of a host; what may not be read is remembered."""

    host: Host
    root: str = ""  # what stands before each path, see root_of()
    closed: list[str] = field(default_factory=list)  # paths that we have no right to read

    def jobs(self) -> Iterator[CrontabJob]:
        """Give each job of each crontab."""
        seen: set[tuple[str, str]] = set()
        for reading, owner in self._files():
            identity = (PurePosixPath(reading.source).name, reading.digest)
            if identity not in seen:  # one folder may be a link to another
                seen.add(identity)
                yield from _jobs(reading, reading.source.removeprefix(self.root), owner)

    def _files(self) -> Iterator[tuple[Reading, str | None]]:
        for path in (SYSTEM, *self._packaged()):
            yield from ((reading, None) for reading in self._read(path))
        for folder in PERSONAL:
            for name in self._names(folder):
                yield from ((reading, name) for reading in self._read(f"{folder}/{name}"))

    def _packaged(self) -> Iterator[str]:
        accepted = _CRONIE_ACCEPTS if self._is_cronie() else _DEBIAN_ACCEPTS
        return (f"{PACKAGED}/{name}" for name in self._names(PACKAGED) if accepted.fullmatch(name))

    def _is_cronie(self) -> bool:
        try:
            self.host.status(f"{self.root}/usr/sbin/crond")
        except CannotAsk:
            return False
        return True

    def _names(self, folder: str) -> list[str]:
        try:
            return [name for name in self.host.list(self.root + folder).text.split("\n") if name]
        except NotPermitted:
            self.closed.append(folder)
        except CannotAsk as absent:
            log.debug("%s", absent)
        return []

    def _read(self, path: str) -> Iterator[Reading]:
        try:
            yield self.host.read(self.root + path)
        except NotPermitted:
            self.closed.append(path)
        except CannotAsk as absent:
            log.debug("%s", absent)


def _jobs(reading: Reading, path: str, owner: str | None) -> Iterator[CrontabJob]:
    zone = ""
    for line in reading.lines():
        if (told := setting(line)) and told[0] == "CRON_TZ":
            zone = told[1]
        elif entry := crontab_entry(line, owner):
            job = Job(
                line.evidence.observer,
                "cron",
                path,
                line.evidence.line,
                entry.schedule,
                entry.command,
                entry.user,
            )
            yield CrontabJob(job, entry, line, zone)
