"""The ways to learn which process made a connection: whence and what people use today.

Every method gets what suits it: loops run without a pause, inside the network namespace of the
workload where they look only at their own, with names not resolved and with filters that keep
sockets without a process (TIME-WAIT) out of their way. Whatever names only a pid is helped: the
moment its line arrives, ``look`` reads /proc for the executable, the arguments and the parents.
"""

from __future__ import annotations

import re
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
from bench.attribution.place import Place
from bench.attribution.truth import Ends, canonical, plain

from whence.model import ATTEMPTED, ProcessRecord, SensorStatus, Sighting
from whence.model.sensor_lines import LineReader

Text = str


@dataclass(frozen=True, slots=True)
class Named:
    """One process as a method names it; None where it does not say."""

    pid: int
    start: int | None = None
    executable: str | None = None
    args: tuple[str, ...] | None = None
    files: tuple[str, ...] = ()  # all that it was seen to execute, scripts too


@dataclass(frozen=True, slots=True)
class Seen:
    """One row of what a method printed."""

    ends: Ends | None  # None: it names processes, not connections
    lineage: tuple[Named, ...] = ()
    local_only: bool = False  # the destination was not told: ends holds only what is local
    confidence: str = ""
    count: int = 1


Parse = Callable[[Text], Iterator[Seen]]


@dataclass(frozen=True, slots=True)
class Method:
    """One way to ask, and how to understand what it prints."""

    name: str
    command: tuple[str, ...]
    parse: Parse
    version: tuple[str, ...] = ()  # a command that prints it
    inside: bool = True  # it looks only at the network namespace that it is in
    ready: bytes | None = None  # part of the line that says so; None: at once
    stop: signal.Signals = signal.SIGTERM
    later: bool = False  # its lines say everything: they can be read after the run
    cannot: str = ""
    quick: bool = False
    needs: tuple[str, ...] = ()  # programs beside the one that tells its version

    def start(self, where: Place) -> list[str]:
        command = [word.replace("{folder}", str(where.folder)) for word in self.command]
        return where.inside(*command) if self.inside else command

    def missing(self) -> str:
        """Name a program that this method needs and that is not here."""
        programs = (self.version[0], *self.needs)
        return next((each for each in programs if shutil.which(each) is None), "")


# ---- what /proc still knows when a line arrives ----------------------------------------------


def look(pid: int) -> tuple[Named, ...]:
    """Read a process and its parents from /proc, as far as they are alive."""
    found: list[Named] = []
    while pid > 1 and len(found) < 16:
        try:
            process = Path(f"/proc/{pid}")
            parent = int((process / "stat").read_text().rpartition(") ")[2].split()[1])
            executable = plain(str((process / "exe").readlink()))
            args = (process / "cmdline").read_text("utf-8", "replace").split("\0")[:-1]
        except (OSError, ValueError, IndexError):
            break
        found.append(Named(pid, None, executable, tuple(args)))
        pid = parent
    return tuple(found) or (Named(pid),)


# ---- peers -----------------------------------------------------------------------------------


def _endpoint(text: str) -> tuple[str, int] | None:
    """Read ADDRESS:PORT, [ADDRESS]:PORT, with or without %interface; None for a wildcard port."""
    address, _, port = text.rpartition(":")
    address = address.strip("[]").partition("%")[0].strip("[]")
    if not port.isdigit() or port == "0":
        return None
    return canonical("0.0.0.0" if address in ("*", "") else address), int(port)


def _ends(transport: str, local: str, remote: str) -> tuple[Ends, bool] | None:
    here, there = _endpoint(local), _endpoint(remote)
    if here is None:
        return None
    return (transport[:3], *here, *(there or ("", 0))), there is None


def _seen(transport: str, local: str, remote: str, pids: list[int]) -> Iterator[Seen]:
    found = _ends(transport.lower(), local, remote)
    if found:
        for pid in pids or [0]:
            yield Seen(found[0], look(pid) if pid else (), found[1])


def parse_ss(line: Text) -> Iterator[Seen]:
    words = line.split()
    if len(words) >= 6 and words[0] in ("tcp", "udp"):
        pids = [int(pid) for pid in re.findall(r"pid=(\d+)", line)]
        yield from _seen(words[0], words[4], words[5], pids)


def parse_netstat(line: Text) -> Iterator[Seen]:
    words = line.split()
    if len(words) >= 5 and words[0].startswith(("tcp", "udp")):
        owner = re.search(r"\s(\d+)/", line)
        yield from _seen(words[0], words[3], words[4], [int(owner[1])] if owner else [])


def parse_lsof(line: Text) -> Iterator[Seen]:
    words = line.split()
    if len(words) >= 9 and words[7] in ("TCP", "UDP"):
        local, _, remote = words[8].partition("->")
        yield from _seen(words[7], local, remote, [int(words[1])])


def parse_rows(line: Text) -> Iterator[Seen]:
    """Read "TRANSPORT PID LOCAL REMOTE", which our own small scripts print."""
    words = line.split()
    if len(words) == 4 and words[1].isdigit():
        yield from _seen(words[0], words[2], words[3], [int(words[1])] if words[1] != "0" else [])


def parse_tcplife(line: Text) -> Iterator[Seen]:
    words = line.split()
    if len(words) >= 6 and words[0].isdigit():
        pid, _, local, local_port, remote, remote_port = words[:6]
        yield from _seen("tcp", f"{local}:{local_port}", f"{remote}:{remote_port}", [int(pid)])


def parse_tcpconnect(line: Text) -> Iterator[Seen]:
    """Read "PID COMM 4|6 SOURCE PORT DESTINATION PORT"."""
    words = line.split()
    if len(words) >= 7 and words[0].isdigit():
        local, remote = f"{words[-4]}:{words[-3]}", f"{words[-2]}:{words[-1]}"
        yield from _seen("tcp", local, remote, [int(words[0])])


def parse_sysdig(line: Text) -> Iterator[Seen]:
    """Read "TRANSPORT PID LOCAL->REMOTE"."""
    words = line.split()
    if len(words) == 3 and "->" in words[2]:
        local, _, remote = words[2].partition("->")
        yield from _seen(words[0], local, remote, [int(words[1])])


def parse_nethogs(line: Text) -> Iterator[Seen]:
    """Read "PROGRAM/PID/UID SENT RECEIVED"; without a process it prints the two ends instead."""
    found = re.match(r"(.*)/(\d+)/\d+\t", line)
    if not found:
        return
    if found[2] != "0":
        yield Seen(None, look(int(found[2])))
    elif ends := re.fullmatch(r"(\S+:\d+)-(\S+:\d+)", found[1]):
        yield from _seen("tcp", ends[1], ends[2], [])


class OpenSnitch:
    """Read its debug log: one line tells the ends, one the socket of them, one the process."""

    def __init__(self) -> None:
        self._transports: dict[str, str] = {}
        self._sockets: dict[str, str] = {}

    def __call__(self, line: Text) -> Iterator[Seen]:
        if new := re.search(r"new connection (\w+) => (\S+ -> \S+) uid", line):
            self._transports[new[2]] = new[1]
            yield from self._row(new[2], [])
        elif found := re.search(r"netlink response: (\S+ -> \S+) inode: (\d+)", line):
            self._sockets[found[2]] = found[1]
        elif owner := re.search(r"PID found (\d+) \[(\d+)\]", line):
            yield from self._row(self._sockets.get(owner[2], ""), [int(owner[1])])

    def _row(self, ends: str, pids: list[int]) -> Iterator[Seen]:
        local, _, remote = ends.partition(" -> ")
        port, _, address = local.partition(":")
        transport = self._transports.get(ends)
        if transport:
            yield from _seen(transport, f"{address}:{port}", remote, pids)


PSUTIL = """
import psutil
kinds = {1: "tcp", 2: "udp"}
while True:
    for c in psutil.net_connections("inet"):
        if c.status == "TIME_WAIT" or not c.laddr:
            continue
        remote = "%s:%d" % c.raddr if c.raddr else "*:*"
        print(kinds[c.type], c.pid or 0, "%s:%d" % c.laddr, remote, flush=True)
"""

# The pid is that of whoever makes the socket leave for SYN_SENT (2), where the source port is
# not known yet; the next change knows it. skaddr, the socket's address, joins the two.
BPFTRACE = """
BEGIN { printf("watching\\n"); }
tracepoint:sock:inet_sock_set_state /args->newstate == 2/ { @pid[args->skaddr] = pid; }
tracepoint:sock:inet_sock_set_state /args->oldstate == 2 && args->family == 2/ {
  printf("tcp %d %s:%d %s:%d\\n", @pid[args->skaddr], ntop(args->saddr), args->sport,
    ntop(args->daddr), args->dport);
  delete(@pid[args->skaddr]);
}
tracepoint:sock:inet_sock_set_state /args->oldstate == 2 && args->family == 10/ {
  printf("tcp %d %s:%d %s:%d\\n", @pid[args->skaddr], ntop(args->saddr_v6), args->sport,
    ntop(args->daddr_v6), args->dport);
  delete(@pid[args->skaddr]);
}
"""


# Tracing needs the trace file system; where it is not mounted, it is for this one process only.
TRACEFS = "mountpoint -q /sys/kernel/tracing || mount -t tracefs tracefs /sys/kernel/tracing"


def traced(*command: str) -> tuple[str, ...]:
    return ("unshare", "--mount", "sh", "-c", f'{TRACEFS}; exec "$@"', "sh", *command)


def loop(command: str, pause: str = "") -> tuple[str, ...]:
    return ("sh", "-c", f"while :; do {command}; {pause} done")


PEERS = (
    Method(
        "lsof loop",
        loop("lsof -nPi 2>/dev/null"),
        parse_lsof,
        version=("sh", "-c", "lsof -v 2>&1 | grep -o 'revision: [0-9.]*' | head -n 1"),
        quick=True,
        needs=("lsof",),
    ),
    Method(
        "ss loop",
        loop("ss -tunapOH exclude time-wait"),
        parse_ss,
        version=("ss", "-V"),
        quick=True,
    ),
    Method(
        "psutil loop",
        (sys.executable, "-c", PSUTIL),
        parse_rows,
        version=(sys.executable, "-c", "import psutil; print('psutil', psutil.__version__)"),
        quick=True,
    ),
    Method(
        "netstat every 10 s",
        loop("netstat -tunapW 2>/dev/null", "sleep 10;"),
        parse_netstat,
        version=("netstat", "--version"),
    ),
    Method(
        "nethogs",
        ("nethogs", "-t", "-C", "-d", "1", "-a"),
        parse_nethogs,
        version=("nethogs", "-V"),
        ready=b"Refreshing",
        stop=signal.SIGINT,
        cannot="names processes; connections only where it found no process",
    ),
    Method(
        "tcplife (libbpf-tools)",
        traced("stdbuf", "-oL", "tcplife"),
        parse_tcplife,
        version=("tcplife", "--version"),
        inside=False,
        ready=b"PID",
        stop=signal.SIGINT,
        cannot="TCP only, told when the connection ends",
    ),
    Method(
        "bpftrace inet_sock_set_state",
        traced("bpftrace", "-B", "line", "-e", BPFTRACE),
        parse_rows,
        version=("bpftrace", "--version"),
        inside=False,
        ready=b"watching",
        stop=signal.SIGINT,
        cannot="TCP only",
    ),
    Method(
        "tcpconnect (libbpf-tools)",
        traced("stdbuf", "-oL", "tcpconnect", "-s"),
        parse_tcpconnect,
        version=("tcpconnect", "--version"),
        inside=False,
        ready=b"PID",
        stop=signal.SIGINT,
        cannot="TCP only",
    ),
    Method(
        "tcpconnect (bcc)",
        ("tcpconnect-bpfcc", "-L"),
        parse_tcpconnect,
        version=("tcpconnect-bpfcc", "--version"),
        inside=False,
        ready=b"PID",
        stop=signal.SIGINT,
        cannot="TCP only",
    ),
    Method(
        "sysdig",
        ("sysdig", "--unbuffered", "-p", "%fd.l4proto %proc.pid %fd.name", "evt.type=connect"),
        parse_sysdig,
        version=("sysdig", "--version"),
        inside=False,
        ready=b" ",
    ),
    Method(
        "opensnitch (proc)",
        (
            *("opensnitchd", "-process-monitor-method", "proc", "-rules-path", "{folder}"),
            *("-debug", "-ui-socket", "unix://{folder}/nobody"),
        ),
        OpenSnitch(),
        version=("opensnitchd", "-version"),
        ready=b"Running on netfilter queue",
        needs=("iptables",),
        cannot="holds every packet until it has looked",
    ),
)


# ---- whence ----------------------------------------------------------------------------------


class WhenceLines:
    """Reads what a sensor of whence writes; processes come before the lines that name them."""

    def __init__(self) -> None:
        self._reader = LineReader()

    def __call__(self, line: Text) -> Iterator[Seen]:
        event = self.event(line)
        if not isinstance(event, Sighting) or event.action != ATTEMPTED:
            return
        flow = event.flow
        ends = (
            flow.transport or "",
            flow.source or "",
            flow.source_port or 0,
            flow.destination or "",
            flow.destination_port or 0,
        )
        yield Seen(
            ends,
            tuple(map(_named, event.lineage)),
            local_only=not flow.destination,
            confidence=str(event.confidence),
            count=event.count,
        )

    def event(self, line: Text | bytes) -> Sighting | SensorStatus | None:
        """Read a line; one that ended in the middle, when the sensor was ended, says nothing."""
        raw = line.encode() if isinstance(line, str) else line
        if _FIRST in raw:
            self._reader = LineReader()
        try:
            return self._reader.event(raw)
        except msgspec.DecodeError:
            return None


_FIRST = b'{"type":"process","number":0,'


def _named(record: ProcessRecord) -> Named:
    last = record.execution
    files = [each for run in record.executions for each in (run.executable, run.file)]
    return Named(
        record.process.pid,
        record.process.started,
        plain(last.executable) if last and last.executable else None,
        last.args if last and last.args else None,
        tuple(files),
    )


LEVELS = ("ebpf", "tracefs", "proc_events", "sock_diag", "psutil_poll")
OWN_NAMESPACE_ONLY = ("sock_diag", "psutil_poll")

OURS = tuple(
    Method(
        f"whence {level}",
        (sys.executable, "-m", "whence.sensors", "--level", level),
        WhenceLines(),
        version=(sys.executable, "-c", "import whence; print('whence', whence.__version__)"),
        inside=level in OWN_NAMESPACE_ONLY,
        ready=b'"type":"status"',
        later=True,
        quick=level == "ebpf",
    )
    for level in LEVELS
)

METHODS = (*OURS, *PEERS)
