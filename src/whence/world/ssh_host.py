"""Another machine, looked at by ssh: what ``ThisHost`` reads here is read there."""

from __future__ import annotations

import json
import shlex
import stat
import zlib
from functools import cached_property

from whence.model import CannotAsk, NotPermitted, Reading
from whence.model.secrets import redact, redact_file
from whence.world.contracts import Clock
from whence.world.recorded import BOOT_ID
from whence.world.ssh_shell import Answered, SshShell
from whence.world.this_host import LARGEST, PATIENCE, utc_now

# Numbers of stat(1) of GNU and of busybox: mode in hex, and what ``Host.status`` names.
STATUS = "%f %u %g %s %i %d %h %Y %Z"
GONE = ("no such file", "not a directory", "no such process")
FORBIDDEN = ("permission denied", "operation not permitted")
NOT_FOUND = 127  # how sh ends a command that is not there: POSIX, Shell Command Language 2.8.2
LATE = 124  # how timeout(1) ends one that takes too long
GZIP = 16 + zlib.MAX_WBITS


class SshHost:
    """The machine behind a shell. Passwords are redacted before anybody sees a reading."""

    def __init__(self, shell: SshShell, now: Clock = utc_now) -> None:
        self._shell = shell
        self._now = now
        # What the machine calls itself: facts name it so, whatever name it was reached by.
        self.name = shell.ask("uname -n").out.decode("utf-8", "replace").strip()

    @cached_property
    def boot(self) -> str:
        """The id of the running boot, random(4)."""
        return self.read(BOOT_ID).text.strip()

    @property
    def ahead(self) -> float:
        """How many seconds its clock is ahead of this machine's; good to a second."""
        before = self._now().timestamp()
        there = self._shell.ask("date +%s").out.decode("ascii", "replace").strip()
        after = self._now().timestamp()
        return float(there) + 0.5 - (before + after) / 2 if there.isdigit() else 0.0

    def read(self, path: str) -> Reading:
        """Read a file; a log that was packed with gzip(1) is unpacked, here."""
        quoted = shlex.quote(path)
        answer = self._ask(path, f"[ ! -d {quoted} ] && exec head -c {LARGEST} -- {quoted}")
        data = _unpacked(answer.out, path) if path.endswith(".gz") else answer.out
        return self._reading(path, redact_file(path, data.decode("utf-8", "replace")))

    def list(self, directory: str) -> Reading:
        """Name the entries of a directory, sorted, one a line."""
        at = shlex.quote(directory.rstrip("/") + "/")
        answer = self._ask(directory, f"exec ls -1A -- {at}")
        names = sorted(answer.out.decode("utf-8", "replace").splitlines())
        return self._reading(f"list {directory}", "".join(f"{name}\n" for name in names))

    def link(self, path: str) -> Reading:
        """Say where a symbolic link points, as it is written there."""
        quoted = shlex.quote(path)
        answer = self._ask(path, f"[ -e {quoted} ] || exec ls -d -- {quoted}; readlink -- {quoted}")
        text = answer.out.decode("utf-8", "replace").removesuffix("\n")
        return self._reading(f"link {path}", text)

    def status(self, path: str) -> Reading:
        """Give stat(2) of a path as JSON, following links; times are good to a second."""
        answer = self._ask(path, f"exec stat -L -c '{STATUS}' -- {shlex.quote(path)}")
        return self._reading(f"status {path}", status_text(answer.out))

    def run(self, *argv: str) -> Reading:
        """Run a command that changes nothing, in the C locale, and give what it printed."""
        command = shlex.join(argv)
        setting = "export LC_ALL=C.UTF-8 SYSTEMD_PAGER= PAGER=cat"
        limit = f"timeout {PATIENCE:.0f}"
        tried = f"{setting}; if command -v timeout >/dev/null; then exec {limit} {command}; fi"
        answer = self._shell.ask(f"{tried}; exec {command}")
        if answer.status == NOT_FOUND:
            raise CannotAsk(f"{argv[0]} is not installed on {self.name}", try_=f"install {argv[0]}")
        if answer.status:
            lines = answer.errors.splitlines()
            because = lines[-1] if lines else f"exit status {answer.status}"
            if answer.status == LATE:
                because = f"it took over {PATIENCE:.0f} s"
            raise CannotAsk(f"{argv[0]} gave no answer on {self.name}", because=because)
        return self._reading(" ".join(argv), answer.out.decode("utf-8", "replace"))

    def _ask(self, path: str, script: str) -> Answered:
        if "\0" in path:
            raise CannotAsk(f"could not read {path!r}", because="no path has a null byte in it")
        answer = self._shell.ask(script)
        if not answer.status:
            return answer
        said = answer.errors.lower()
        if any(words in said for words in FORBIDDEN):
            raise NotPermitted(f"may not read {path} on {self.name}", try_="--on root@…, or --sudo")
        if any(words in said for words in GONE):
            raise CannotAsk(f"{path} is not there on {self.name}")
        because = answer.errors.splitlines()[-1] if answer.errors else "it is of another kind"
        raise CannotAsk(f"could not read {path} on {self.name}", because=because)

    def _reading(self, source: str, text: str) -> Reading:
        return Reading(source, redact(text), self._now(), self.name)


def status_text(words: bytes) -> str:
    """Write what stat(1) said as the JSON of ``Host.status``.

    Raises
    ------
    CannotAsk
        If these are not the words that it was asked for.

    """
    fields = words.decode("ascii", "replace").split()
    try:
        mode = int(fields[0], 16)
        uid, gid, size, inode, device, links, modified, changed = map(int, fields[1:9])
    except (ValueError, IndexError) as e:
        raise CannotAsk("stat gave no answer", because=f"it said {words[:80]!r}") from e
    kinds = ((stat.S_ISREG, "file"), (stat.S_ISDIR, "directory"))
    return json.dumps(
        {
            "kind": next((name for is_kind, name in kinds if is_kind(mode)), "other"),
            "mode": f"{stat.S_IMODE(mode):04o}",
            "uid": uid,
            "gid": gid,
            "size": size,
            "inode": inode,
            "device": device,
            "links": links,
            "modified": float(modified),
            "changed": float(changed),
        }
    )


def _unpacked(data: bytes, path: str) -> bytes:
    unpacker = zlib.decompressobj(GZIP)
    try:
        return unpacker.decompress(data, LARGEST)
    except zlib.error as e:
        raise CannotAsk(f"could not read {path}", because=str(e)) from e
