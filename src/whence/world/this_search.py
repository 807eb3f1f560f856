"""Looks for an address in the files, processes and databases of the machine whence runs on."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from whence.model import CannotAsk, Reading
from whence.model.address_forms import Finder, Wanted
from whence.model.mentions import Mention, NotRead, encode_mentions
from whence.world.contracts import Clock
from whence.world.database_rows import database_rows
from whence.world.file_mentions import file_mentions
from whence.world.file_tree import disks, read_ordinary
from whence.world.named_databases import named_databases
from whence.world.places import Places
from whence.world.process_mentions import memory, traces
from whence.world.search_sources import (
    databases_source,
    everywhere_source,
    files_source,
    names_source,
    process_source,
    rows_source,
)
from whence.world.this_host import utc_now

MOST_NAMED = 200  # files that are taken from a program's own file
_NAMED = re.compile(
    rb"(?<![\w./-])/(?:etc|opt|srv|home/[\w.-]+|var/(?:lib|opt|spool|www)"
    rb"|usr/local/(?:etc|lib|share))/[A-Za-z0-9_.@/+-]{1,200}"
)


@dataclass(frozen=True, slots=True)
class Depth:
    """How far the user lets a search go, beyond what takes no time."""

    memory: bool = False
    everywhere: bool = False
    database: str = ""  # a connection URL, with its password


class ThisSearch:
    """Searches this machine; with ``root``, the files below a folder as if they were all."""

    def __init__(
        self,
        depth: Depth | None = None,
        name: str | None = None,
        now: Clock = utc_now,
        root: str = "",
        known_as: Sequence[str] = (),
    ) -> None:
        self.name = name or os.uname().nodename
        self._depth = depth or Depth()
        self._now = now
        self._known_as = tuple(known_as)
        self._root = root.rstrip("/")
        self._finders: dict[Wanted, Finder] = {}

    def names(self, address: str) -> Reading:
        """Give the names that the user knows the address by, one a line."""
        text = "".join(f"{name}\n" for name in self._known_as)
        return Reading(names_source(address), text, self._now(), self.name)

    def mentions(self, wanted: Wanted, places: Sequence[str]) -> Reading:
        """Look through files and folders, closely: ranges, compressed files too."""
        return self._files(files_source(wanted, places), wanted, places, ranges=True)

    def named_files(self, path: str) -> Reading:
        """Give the files and folders that a program's own file names, one a line."""
        data = read_ordinary(self._root + path, NotRead()) or b""
        found = (match[0].decode() for match in _NAMED.finditer(data))
        named = islice(dict.fromkeys(found), MOST_NAMED)
        text = "".join(f"{name}\n" for name in named)
        return Reading(f"named in {path}", text, self._now(), self.name)

    def traces(self, wanted: Wanted, pid: int) -> Reading:
        """Look at a process's command line and environment."""
        found = [*traces(pid, self._finder(wanted))]
        return self._reading(process_source(wanted, pid, "traces"), found, NotRead())

    def databases(self, places: Sequence[str]) -> Reading:
        """Give the database servers that files name; nothing where the user named one."""
        found = () if self._depth.database else named_databases(self._root, places)
        text = "".join(f"{url}\t{place}\n" for url, place in found)
        return Reading(databases_source(places), text, self._now(), self.name)

    def memory(self, wanted: Wanted, pid: int) -> Reading:
        """Look through a process's memory."""
        if not self._depth.memory:
            raise CannotAsk(
                "its memory was not looked through", try_=f"whence find {wanted.address} --deep"
            )
        not_read = NotRead()
        found = [*memory(pid, self._finder(wanted), not_read)]
        return self._reading(process_source(wanted, pid, "memory"), found, not_read)

    def everywhere(self, wanted: Wanted) -> Reading:
        """Look through all that is on this machine's disks; ranges are left out."""
        if not self._depth.everywhere:
            raise CannotAsk(
                "the other files of this machine were not read",
                try_=f"whence find {wanted.address} --everywhere",
            )
        places = ["/"] if self._root else disks()
        return self._files(everywhere_source(wanted), wanted, places, ranges=False)

    def rows(self, wanted: Wanted) -> Reading:
        """Look through the database that the user named."""
        if not self._depth.database:
            raise CannotAsk(
                "no database server was asked", try_=f"whence find {wanted.address} --database URL"
            )
        not_read = NotRead()
        found = database_rows(self._depth.database, self._finder(wanted), not_read)
        return self._reading(rows_source(wanted), found, not_read)

    def _files(
        self, source: str, wanted: Wanted, places: Sequence[str], *, ranges: bool
    ) -> Reading:
        not_read = NotRead()
        own = str(Places.of_this_user().state)
        found = file_mentions(
            [self._root + place for place in places], self._finder(wanted), not_read,
            ranges=ranges, except_below=(own,),
        )  # fmt: skip
        return self._reading(source, found, not_read)

    def _finder(self, wanted: Wanted) -> Finder:
        return self._finders.setdefault(wanted, Finder(wanted))

    def _reading(self, source: str, found: Iterable[Mention], not_read: NotRead) -> Reading:
        text = encode_mentions([*found], not_read)
        if self._root:
            text = text.replace(self._root, "")
        return Reading(source, text, self._now(), self.name)
