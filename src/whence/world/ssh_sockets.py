"""The sockets of another machine, by its tables of text, and who holds them."""

from __future__ import annotations

import ipaddress
import re
import struct
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from contextlib import suppress
from datetime import timedelta

from whence.model import Flow, SensorStatus, Sighting
from whence.world.namespaces import NetworkNamespace
from whence.world.netlink import ANY_STATE
from whence.world.processes import LiveProcesses
from whence.world.socket_rows import SocketRow, from_proc_net, listeners
from whence.world.sockets import OTHER_TABLES, TEXT_TABLES, Sockets
from whence.world.ssh_proc import FETCH, SshProc
from whence.world.ssh_shell import SshShell

SENSOR = "ssh_look"
TRANSPORTS = dict((*TEXT_TABLES, *OTHER_TABLES))
# The tables of each network namespace, our own first: proc_net(5). Not every find knows -printf.
TABLES = f"""\
table() {{ for t in {" ".join(TRANSPORTS)}; do
  [ -r "$1/$t" ] && {{ echo "= $t $2"; cat "$1/$t"; }}; done; }}
own=$(readlink /proc/self/ns/net); table /proc/self/net "$own"
find /proc/[0-9]*/ns/net -maxdepth 0 -printf '%l %p\\n' 2>/dev/null | sort -u -k1,1 |
while read -r l p; do [ "$l" = "$own" ] || table "${{p%/ns/net}}/net" "$l"; done; :"""
HOLDERS = """\
{ if find / -maxdepth 0 -printf ''; then
    find /proc/[0-9]*/fd -maxdepth 1 -lname 'socket:*' -printf '%%p %%l\\n'
  else for d in /proc/[0-9]*/fd; do
    ls -l $d | sed -n "s,^.* \\([0-9]*\\) -> \\(socket:.*\\),$d/\\1 \\2,p"
  done; fi; } 2>/dev/null | grep -E "socket:\\[(%s)\\]"; :"""
LISTENERS = "^ *[0-9]+: [0-9A-F]+:[0-9A-F]{4} 0+:0000 0[A7] "
# Looks until there is something to see, and then at once for who holds it, and who that is.
WATCH = """\
n=0; while [ $n -lt %d ]; do
  seen=$(grep -E '%s' /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6 2>/dev/null |
    sed 's,^/proc/net/\\([a-z0-9]*\\): *\\([0-9]*: \\),\\1 \\2,')
  if [ -n "$seen" ]; then
    held=$(echo "$seen" | while read -r t n l r s q w e u o i rest; do echo "$i"; done |
      grep -v '^0$' | tr '\\n' '|')
    held=${held%%|}
    holders=$([ -n "$held" ] && %s)
    for p in $(echo "$holders" | sed 's,/proc/\\([0-9]*\\)/.*,\\1,' | sort -u); do %s; done
    echo "$holders"; echo "$seen"
    for t in tcp tcp6 udp udp6; do grep -E '%s' /proc/net/$t 2>/dev/null | sed "s,^,$t ,"; done
    exit
  fi
  n=$((n + 1)); sleep %s 2>/dev/null || sleep 1
done"""
PAUSE = 0.05  # seconds between two looks
LOOKS = 20  # in a row, before we are told
# A peer (include/net/tcp_states.h: not TIME_WAIT, CLOSE, LISTEN), queues, timers, uid, and an
# inode, without which nobody holds it any more.
HELD = "0[1-589B] [0-9A-F:]+ [0-9A-F:]+ [0-9A-F]+ +[0-9]+ +[0-9]+ [1-9]"
CANNOT_SEE = (
    "connections there that are over within 50 ms, or before their process could be looked up",
    "ICMP and raw sockets there while waiting, and other network namespaces",
)
_HOLDER = re.compile(r"/proc/(\d+)/fd/\d+ socket:\[(\d+)\]")


class SshSockets(Sockets):
    """Every internet socket of the machine behind a shell."""

    def __init__(self, shell: SshShell, processes: LiveProcesses, files: SshProc) -> None:
        super().__init__(processes, SENSOR)
        self._shell = shell
        self._files = files
        self._told: dict[int, list[int]] = {}  # who held what when it was seen

    def rows(self, states: int = ANY_STATE) -> list[SocketRow]:
        """Read all tables; lines that make no sense are passed over."""
        found: list[SocketRow] = []
        transport, namespace = "", None
        for line in self._shell.ask(TABLES).out.decode("ascii", "replace").splitlines():
            if line.startswith("= "):
                _, table, link = (line + "  ").split(" ", 2)
                number = link.partition("[")[2].strip().rstrip("]")
                transport, namespace = TRANSPORTS[table], int(number) if number else None
                continue
            with suppress(ValueError, IndexError):
                row = from_proc_net(line, transport, namespace)
                if states >> row.state & 1:
                    found.append(row)
        return found

    def holders(self, inodes: Set[int]) -> dict[int, list[int]]:
        """Find the processes that hold these sockets open, one or several each."""
        unknown = inodes - self._told.keys()
        found = {inode: self._told[inode] for inode in inodes - unknown}
        if unknown:
            script = HOLDERS % "|".join(map(str, sorted(unknown)))
            found |= _holders_in(self._shell.ask(script).out.decode("ascii", "replace"))
        return found

    def told(self, text: str, flows: Sequence[Flow]) -> Iterator[Sighting]:
        """Give the sightings of these flows in what a look there told: WATCH."""
        self._files.keep(text)
        self._told = _holders_in(text)
        rows: list[SocketRow] = []
        for line in text.splitlines():
            table, _, rest = line.partition(" ")
            if table in TRANSPORTS:
                with suppress(ValueError, IndexError):
                    rows.append(from_proc_net(rest, TRANSPORTS[table], None))
        listening = listeners(rows)
        wanted = (
            row
            for row in dict.fromkeys(rows)
            if not row.listens and any(flow.covers(row.called(listening)[0]) for flow in flows)
        )
        try:
            yield from self.sightings(wanted, listening)
        finally:
            self._told = {}

    def namespaces(self) -> list[NetworkNamespace]:
        """Name none: those of this machine are others."""
        return []


class SshSensor:
    """Waits on another machine: a loop there looks, and says when there is something to see."""

    def __init__(self, shell: SshShell, sockets: SshSockets, flows: Sequence[Flow]) -> None:
        self._shell = shell
        self._sockets = sockets
        self._flows = flows

    def timed_events(
        self, most: timedelta
    ) -> Iterator[tuple[timedelta, Sighting | SensorStatus | None]]:
        """Yield what was seen, with the time since the beginning; ends after ``most``."""
        began = time.monotonic()
        yield timedelta(), SensorStatus(SENSOR, self._sockets.processes.now(), CANNOT_SEE)
        holders = HOLDERS % "$held"
        script = WATCH % (LOOKS, _pattern(self._flows), holders, FETCH, LISTENERS, PAUSE)
        while (spent := timedelta(seconds=time.monotonic() - began)) < most:
            text = self._shell.ask(script).out.decode("ascii", "replace")
            if text:
                for sighting in self._sockets.told(text, self._flows):
                    yield spent, sighting
            yield spent, None

    def __enter__(self) -> SshSensor:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the shell open: the questions that follow need it."""


def _holders_in(text: str) -> dict[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    for pid, inode in sorted(set(_HOLDER.findall(text))):
        found[int(inode)].append(int(pid))
    return dict(found)


def _pattern(flows: Sequence[Flow]) -> str:
    """Write the lines of the tables that may be of these flows, as grep -E wants it."""
    ends = {
        f"{_hex(address)}:{f'{port:04X}' if port else '[0-9A-F]{4}'}"
        for flow in flows
        for address, port in ((flow.destination, flow.destination_port),
                              (flow.source, flow.source_port))
        if address or port
    }  # fmt: skip
    end = "|".join(sorted(ends))
    return f" ({end}) ([0-9A-F]+:[0-9A-F]{{4}} )?{HELD}"


def _hex(address: str | None) -> str:
    """Write an address as the tables do: words of four bytes, in the order of the machine."""
    if address is None:
        return "[0-9A-F]+"
    raw = ipaddress.ip_address(address.partition("%")[0]).packed
    words = struct.unpack(f">{len(raw) // 4}I", raw)
    text = "".join(f"{struct.unpack('=I', struct.pack('>I', word))[0]:08X}" for word in words)
    return f"[0-9A-F]*{text}"  # IPv4 may be mapped into IPv6
