"""Looks for an address in the files of another machine: they are fetched, and searched here."""

from __future__ import annotations

import io
import shlex
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from whence.model import CannotAsk, Reading
from whence.model.address_forms import Finder, Wanted
from whence.model.mentions import Mention, NotRead, decode_mention, encode_mentions
from whence.world.contracts import Clock
from whence.world.process_mentions import traces
from whence.world.search_sources import databases_source, process_source
from whence.world.ssh_host import GZIP, SshHost
from whence.world.ssh_shell import SshShell
from whence.world.this_host import utc_now
from whence.world.this_search import ThisSearch

MOST = 48 << 20  # bytes of an archive that are fetched at once
LARGEST = 8 << 10  # KiB of a file that is fetched
MOST_FILES = 20_000
LEFT_OUT = f"beyond what is fetched at once ({MOST >> 20} MB)"
# -xdev: what hangs from elsewhere is not theirs. Not every tar has -T, and xargs may
# call it several times: then there are several archives, one behind the other.
FETCH = f"""\
for p in %s; do for f in "$p" "$p-wal" "$p-journal"; do
[ -e "$f" ] && find -H "$f" -xdev -type f -size -{LARGEST}k; done; done 2>/dev/null |
head -n {MOST_FILES} | tr '\\n' '\\0' | xargs -0 tar -cf - 2>/dev/null | gzip -1"""


class SshSearch:
    """A ``world.Search`` of the machine behind a shell."""

    def __init__(
        self,
        shell: SshShell,
        host: SshHost,
        now: Clock = utc_now,
        known_as: Sequence[str] = (),
    ) -> None:
        self._shell = shell
        self._host = host
        self._now = now
        self._known_as = known_as
        self._fetched: dict[tuple[str, ...], tuple[bytes, bool]] = {}

    def names(self, address: str) -> Reading:
        """Give the names that the user knows the address by, one a line."""
        return self._here("").names(address)

    def mentions(self, wanted: Wanted, places: Sequence[str]) -> Reading:
        """Look through files and folders, closely: ranges, compressed files too."""
        with self._copied(places) as (root, copy):
            found = self._here(root).mentions(wanted, places)
        return _as_there(found, copy)

    def named_files(self, path: str) -> Reading:
        """Give the files and folders that a program's own file names, one a line."""
        with self._copied([path]) as (root, _):
            return self._here(root).named_files(path)

    def traces(self, wanted: Wanted, pid: int) -> Reading:
        """Look at a process's command line and environment."""
        found = traces(pid, Finder(wanted), self._read)
        text = encode_mentions([*found], NotRead())
        return Reading(process_source(wanted, pid, "traces"), text, self._now(), self._host.name)

    def databases(self, places: Sequence[str]) -> Reading:
        """Give the database servers that files name: URL, tab, file, one a line; no passwords."""
        files = [place for place in places if not place.startswith("/proc/")]
        with self._copied(files) as (root, _):
            found = self._here(root).databases(files)
        return Reading(databases_source(places), found.text, found.taken, found.observer)

    def _read(self, pid: int, name: str) -> bytes:
        answer = self._shell.ask(f"exec head -c 1048576 /proc/{pid}/{name}")
        if answer.status:
            because = answer.errors.splitlines()[-1] if answer.errors else ""
            raise CannotAsk(f"may not look at pid {pid} on {self._host.name}", because=because)
        return answer.out

    def _here(self, root: str) -> ThisSearch:
        return ThisSearch(name=self._host.name, now=self._now, root=root, known_as=self._known_as)

    @contextmanager
    def _copied(self, places: Sequence[str]) -> Iterator[tuple[str, Copy]]:
        """Have what is there at these places below a folder of ours."""
        key = tuple(places)
        if key not in self._fetched:
            words = " ".join(shlex.quote(place) for place in places if "\0" not in place)
            answer = self._shell.ask(FETCH % words, most=MOST) if words else None
            self._fetched[key] = (answer.out, answer.is_whole) if answer else (b"", True)
        packed, is_whole = self._fetched[key]
        with tempfile.TemporaryDirectory(prefix="whence-") as folder:
            copy = unpack(packed, Path(folder))
            copy.is_whole &= is_whole
            yield folder, copy


@dataclass(slots=True)
class Copy:
    """What was fetched."""

    is_whole: bool = True
    owners: dict[str, int] = field(default_factory=dict)  # of each path there, the uid


def unpack(packed: bytes, folder: Path) -> Copy:
    """Unpack an archive of ordinary files.

    The other machine may lie: links, devices, files with holes and names that lead out of the
    folder are not made, nor is more than four times what may be fetched.
    """
    copy = Copy()
    unpacker = zlib.decompressobj(GZIP)
    try:
        data = unpacker.decompress(packed, 4 * MOST)
        copy.is_whole = unpacker.eof or not packed
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:", ignore_zeros=True) as archive:
            for member in archive:
                if member.issparse():  # it may claim any size, and is never asked for
                    copy.is_whole = False
                elif member.isreg():
                    archive.extract(member, folder, filter="data")
                    copy.owners["/" + member.name.lstrip("/")] = member.uid
    except (zlib.error, tarfile.TarError, OSError, ValueError):
        # An archive of nothing is no error: no place was there.
        copy.is_whole = not packed.strip(b"\0") or (copy.is_whole and not data.strip(b"\0"))
    return copy


def _as_there(found: Reading, copy: Copy) -> Reading:
    """Say of each file what is true of it there, and in the last line if not all was fetched."""
    mentions: list[Mention] = []
    not_read = NotRead()
    for line in found.text.splitlines():
        told = decode_mention(line)
        if isinstance(told, NotRead):
            not_read.merge(told)
        else:
            owner = copy.owners.get(told.place)
            mentions.append(replace(told, owner=owner, changed=0))
    if not copy.is_whole:
        not_read.add(LEFT_OUT, "")
    text = encode_mentions(mentions, not_read)
    return Reading(found.source, text, found.taken, found.observer)
