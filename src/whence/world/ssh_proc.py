"""The files of another machine's /proc: a process and its ancestors are fetched at once, as hex."""

from __future__ import annotations

import os
import re
import shlex
import time

from whence.world.processes import LARGEST, LiveProcesses
from whence.world.ssh_host import STATUS, SshHost
from whence.world.ssh_shell import SshShell

FRESH = 2.0  # seconds for which what was fetched of a process is good
_OF_PROCESS = re.compile(r"/proc/(\d+)/([a-z/]+)")
# proc(5) has what each of these is. A name may hold blanks and parentheses: the last closes it.
FETCH = f"""\
set -f
hex() {{ od -An -v -tx1 | tr -d ' \\n'; echo; }}
while [ "$p" -gt 0 ] && cat /proc/$p/stat >/dev/null 2>&1; do
  echo "p $p"
  for f in stat status cmdline cgroup loginuid sessionid; do
    printf 'c %s ' $f; head -c {LARGEST + 1} /proc/$p/$f 2>/dev/null | hex
  done
  for l in exe cwd ns/net ns/mnt ns/pid; do
    printf 'l %s ' $l; readlink /proc/$p/$l 2>/dev/null | hex
  done
  printf 's exe '; stat -L -c '{STATUS}' /proc/$p/exe 2>/dev/null | hex
  s=$(cat /proc/$p/stat) || break
  set -- ${{s##*) }}; p=$2
done"""


class SshProc:
    """A ``ProcFiles`` of the machine behind a shell."""

    def __init__(self, shell: SshShell) -> None:
        self._shell = shell
        self._kept: dict[str, tuple[float, dict[tuple[str, str], bytes]]] = {}

    def contents(self, path: str, limit: int = 4096, *, missing_ok: bool = True) -> bytes:
        """Read a file; one that is gone or forbidden is empty unless not ``missing_ok``.

        Raises
        ------
        FileNotFoundError
            If it is gone or forbidden, and not ``missing_ok``.

        """
        found = self._of_process("c", path)
        if found is None:
            answer = self._shell.ask(f"exec head -c {limit} -- {shlex.quote(path)}")
            found = b"" if answer.status else answer.out
        if not found and not missing_ok:
            raise FileNotFoundError(path)
        return found[:limit]

    def command_line(self, folder: str, limit: int) -> bytes:
        """Read what a process was given."""
        return self.contents(f"{folder}/cmdline", limit)

    def link(self, path: str) -> str:
        """Say where a link points; nothing where that is not permitted."""
        found = self._of_process("l", path)
        if found is None:
            found = self._shell.ask(f"exec readlink -- {shlex.quote(path)}").out
        return found.decode("utf-8", "replace").removesuffix("\n")

    def status(self, path: str) -> os.stat_result | None:
        """Give stat(2) of what a path leads to, or None."""
        found = self._of_process("s", path)
        if found is None:
            found = self._shell.ask(f"exec stat -L -c '{STATUS}' -- {shlex.quote(path)}").out
        try:
            mode, uid, gid, size, inode, device, links, modified, changed = found.split()
            numbers = (int(mode, 16), *map(int, (inode, device, links, uid, gid, size)))
            return os.stat_result((*numbers, int(modified), int(modified), int(changed)))
        except ValueError:
            return None

    def pids(self, proc: str) -> list[int]:
        """List the processes that can be seen."""
        names = self._shell.ask(f"exec ls -- {shlex.quote(proc)}").out.split()
        return [int(name) for name in names if name.isdigit()]

    def _of_process(self, kind: str, path: str) -> bytes | None:
        """Give what was fetched of a process; None for another path, b"" where it is gone."""
        found = _OF_PROCESS.fullmatch(path)
        if not found:
            return None
        at, files = self._kept.get(found[1], (0.0, {}))
        if not files or time.monotonic() - at > FRESH:
            self._fetch(int(found[1]))
            _, files = self._kept.get(found[1], (0.0, {}))
        if files and (kind, found[2]) not in files:
            return None
        return files.get((kind, found[2]), b"")

    def _fetch(self, pid: int) -> None:
        self._kept.pop(str(pid), None)
        self.keep(self._shell.ask(f"p={pid}; {FETCH}").out.decode("ascii", "replace"))

    def keep(self, told: str) -> None:
        """Keep for a while what FETCH told of processes; other lines are passed over."""
        now = time.monotonic()
        files: dict[tuple[str, str], bytes] = {}
        for line in told.splitlines():
            kind, _, rest = line.partition(" ")
            if kind == "p":
                files = {}
                self._kept[rest] = now, files
                continue
            if kind not in ("c", "l", "s"):
                continue
            name, _, value = rest.partition(" ")
            try:
                files[kind, name] = bytes.fromhex(value)
            except ValueError:
                files[kind, name] = b""


def ssh_processes(shell: SshShell, host: SshHost, files: SshProc) -> LiveProcesses:
    """Give the processes of the machine behind a shell.

    When one began is told by this machine's clock: what counts is how long ago it was.
    """

    def uptime() -> float:
        words = files.contents("/proc/uptime").split()
        return float(words[0]) if words else 0.0

    return LiveProcesses(host=host.name, uptime=uptime, files=files)
