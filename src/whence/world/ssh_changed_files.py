"""Which files of another machine were changed in a span, as find(1) of GNU tells it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from datetime import datetime

import msgspec

from whence.model import CannotAsk, Reading
from whence.world.changed_files import MOST
from whence.world.contracts import Clock
from whence.world.ssh_host import SshHost
from whence.world.ssh_shell import SshShell
from whence.world.this_host import utc_now

KINDS = {"f": "file", "d": "directory", "l": "link"}
FORM = r"%y %U %m %s %T@ %C@ %p\0"
FIND = "find {places} -xdev -newerct @{since} ! -newerct @{until} -printf {form} 2>&3"
# A find that does not know -newerct says so; one that may not enter a folder says that.
SCRIPT = (
    "command -v find >/dev/null || exit 127; find / -maxdepth 0 -newerct @0 -printf '' || exit 3; "
    "exec 3>&2; {find}; :"
)


class SshChangedFiles:
    """A ``world.FileChanges`` of the machine behind a shell."""

    def __init__(self, shell: SshShell, host: SshHost, now: Clock = utc_now) -> None:
        self._shell = shell
        self._host = host
        self._now = now

    def changed_files(self, folders: Sequence[str], since: datetime, until: datetime) -> Reading:
        """Name what of and below these folders has a ctime in a span; no link is followed."""
        found = FIND.format(
            places=shlex.join(folders),
            since=int(since.timestamp()),
            until=int(until.timestamp()) + 1,
            form=shlex.quote(FORM),
        )
        answer = self._shell.ask(SCRIPT.format(find=found))
        if answer.status:
            raise CannotAsk(
                f"{self._host.name} does not tell which files were changed",
                because="it has no find(1) of GNU",
            )
        names = answer.out.decode("utf-8", "replace").split("\0")[:-1]
        lines = [msgspec.json.encode(_described(name)).decode() for name in names[:MOST]]
        closed = sum("ermission denied" in line for line in answer.errors.splitlines())
        not_read = {"folders that may not be read": closed} if closed else {}
        if len(names) > MOST:
            not_read[f"beyond {MOST:,} changed files"] = len(names) - MOST
        lines.append(msgspec.json.encode({"not_read": not_read}).decode())
        text = "".join(f"{line}\n" for line in lines)
        source = f"changed {since:%Y-%m-%dT%H:%M:%SZ}..{until:%Y-%m-%dT%H:%M:%SZ} below "
        return Reading(source + " ".join(folders), text, self._now(), self._host.name)


def _described(line: str) -> dict[str, str | int | float]:
    kind, uid, mode, size, modified, changed, path = line.split(" ", 6)
    return {
        "path": path,
        "kind": KINDS.get(kind, "other"),
        "uid": int(uid),
        "mode": mode.zfill(4),
        "size": int(size),
        "modified": float(modified),
        "changed": float(changed),
    }
