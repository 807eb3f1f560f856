"""Looks into the files of programs on another machine: summed there, fetched, and read here.

What is fetched is read and never run, and it is gone when whence ends.
"""

from __future__ import annotations

import json
import posixpath
import shlex
import tempfile
from collections.abc import Callable
from pathlib import Path

from whence.model import CannotAsk, NotPermitted, Reading
from whence.model.program_contents import Said, encode_said
from whence.world.contracts import Clock
from whence.world.program_reading import QUICK
from whence.world.ssh_host import SshHost
from whence.world.ssh_shell import SshShell
from whence.world.these_programs import Allowed, ThesePrograms
from whence.world.this_host import utc_now

MOST = 32 << 20  # bytes of a file that are fetched; sums are of all
SLOW = 120.0  # seconds that fetching or summing may take
SUMS = """\
sha256sum < {0} && md5sum < {0} && wc -c < {0} || exit
PATH=$PATH:/sbin:/usr/sbin getcap {0} 2>/dev/null || :"""


class SshPrograms:
    """A ``world.Programs`` of the machine behind a shell."""

    def __init__(
        self, shell: SshShell, host: SshHost, allowed: Allowed | None = None, now: Clock = utc_now
    ) -> None:
        self._shell = shell
        self._host = host
        self._now = now
        self._allowed = allowed or Allowed()
        self._fetched: dict[str, tuple[tempfile.TemporaryDirectory[str], int]] = {}

    def sums(self, path: str) -> Reading:
        """Give the sums that the machine's own tools tell."""
        self._check(path)
        answer = self._shell.ask(SUMS.format(shlex.quote(path)), patience=SLOW)
        words = answer.out.decode("utf-8", "replace").split("\n")
        if answer.status or len(words) < 3 or not words[2].strip().isdigit():
            raise CannotAsk(
                f"{path} could not be summed on {self._host.name}",
                because=answer.errors.strip()[-200:] or "sha256sum and md5sum gave no answer",
            )
        told = {"size": int(words[2]), "sha256": words[0].split()[0], "md5": words[1].split()[0]}
        # getcap(8) ends with “cap_net_raw=ep”; before libcap 2.41 there is “= ” before that.
        if carried := words[3].rpartition(" ")[2].strip() if len(words) > 3 else "":
            told["capabilities"] = carried.partition("=")[0].partition("+")[0]
        return Reading(f"sums {path}", json.dumps(told) + "\n", self._now(), self._host.name)

    def names_in(self, path: str) -> Reading:
        """Give what a file names; it is not fetched where it is larger than is quickly read."""
        size = self._check(path)
        if size > QUICK:
            because = f"it has {size >> 10:,} KB, and over {QUICK >> 10:,} KB take long"
            try_ = f"whence program {path} --on {self._shell.login}"
            raise CannotAsk(f"{path} was not looked into", because=because, try_=try_)
        return self._here(path, lambda programs: programs.names_in(path))

    def contents_of(self, path: str) -> Reading:
        """Give what a file is and names, as far as it is fetched."""
        found = self._here(path, lambda programs: programs.contents_of(path))
        if self._fetch(path)[1] <= MOST:
            return found
        rest = Said("not-read", f"what comes after its first {MOST >> 20} MB, which were fetched")
        text = found.text + encode_said([rest])
        return Reading(found.source, text, found.taken, found.observer)

    def scanned(self, path: str) -> Reading:
        """Let clamd of this machine scan what was fetched of it."""
        return self._here(path, lambda programs: programs.scanned(path), whole=True)

    def matched(self, path: str) -> Reading:
        """Match what was fetched with the user's rules."""
        return self._here(path, lambda programs: programs.matched(path), whole=True)

    def help(self, path: str, *, is_sound: bool) -> Reading:
        """Refuse: there is no sandbox to run it in there, and here it is not at home."""
        raise CannotAsk(
            "it was not run",
            because=f"on {self._host.name} nothing keeps it from changing or calling something",
            try_=f"whence program {path} --run-help, there",
        )

    def close(self) -> None:
        """Delete what was fetched."""
        for folder, _ in self._fetched.values():
            folder.cleanup()
        self._fetched.clear()

    def _here(
        self, path: str, look: Callable[[ThesePrograms], Reading], *, whole: bool = False
    ) -> Reading:
        folder, size = self._fetch(path)
        if whole and size > MOST:
            raise CannotAsk(
                f"{path} is not scanned", because=f"only {MOST >> 20} MB of it were fetched"
            )
        return look(ThesePrograms(self._host.name, self._now, self._allowed, folder))

    def _fetch(self, path: str) -> tuple[str, int]:
        """Give a folder that holds the file below it, by its whole path; and its true size."""
        if path not in self._fetched:
            size = self._check(path)
            answer = self._shell.ask(
                f"exec head -c {MOST} -- {shlex.quote(path)}", patience=SLOW, most=MOST
            )
            if answer.status or len(answer.out) < min(size, MOST):
                because = answer.errors.strip()[-200:] or "it broke off"
                raise CannotAsk(f"{path} could not be fetched", because=because)
            folder = tempfile.TemporaryDirectory(prefix="whence-")
            copy = Path(folder.name) / path.lstrip("/")
            copy.parent.mkdir(parents=True)
            copy.write_bytes(answer.out)
            self._fetched[path] = folder, size
        folder, size = self._fetched[path]
        return folder.name, size

    def _check(self, path: str) -> int:
        """Look whether it is an ordinary file, which nothing hangs on, that can be read."""
        if posixpath.normpath(path) != path:  # its copy is to lie below the folder for it
            raise CannotAsk(f"{path!r} is not the shortest path of a file")
        status = self._host.status(path).json()
        if status["kind"] != "file":
            raise CannotAsk(f"{path} is no ordinary file on {self._host.name}")
        quoted = shlex.quote(path)
        if self._shell.ask(f"[ -r {quoted} ]").status:
            raise NotPermitted(
                f"may not read {path} on {self._host.name}", try_="--on root@…, or --sudo"
            )
        return int(status["size"])
