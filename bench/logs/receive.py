"""Receive beside rsyslog and syslog-ng: a flood of datagrams, TCP, TLS, and until it can be asked.

``python -m bench.logs.receive [--seconds N] [--messages N] [--output DIR]``. All receivers run one
after the other, with the same senders (``senders.py``); what is lost is what was sent less what is
in the receiver's file. CPU is the receiver's alone.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.logs.senders import Sending, datagrams, go_first, streams
from tests.lab.log_servers import UNPACKED, program
from tests.sensors.certificates import Authority

from whence.api import log_reception
from whence.model.log_receiving import Certificate, LogSources, SpoolLimits
from whence.world.log_receiver_process import LogReceiverProcess

CONNECTIONS = 4
RATE = 200_000
SETTLE = 1.5
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Result:
    """One receiver, one transport."""

    receiver: str
    transport: str
    sent: int
    kept: int
    seconds: float
    cpu: float

    @property
    def row(self) -> str:
        """A line of the table."""
        lost = 1 - self.kept / self.sent
        return (
            f"| {self.receiver} | {self.transport} | {self.sent:,} | {lost:.2%} | "
            f"{self.sent / self.seconds:,.0f} | {self.cpu:.2f} | {self.kept / self.cpu:,.0f} |"
        )


@dataclass
class Receiver:
    """A receiver that runs."""

    pid: int
    port: int
    kept: Callable[[], int]


@contextmanager
def whence(folder: Path, transport: str, authority: Authority) -> Iterator[Receiver]:
    here = (("127.0.0.1", 0),)
    certificate = None
    if transport == "tls":
        pair = authority.vouch("localhost")
        certificate = Certificate(pair.certificate, pair.key)
    settings = log_reception.receiver_settings(
        LogSources(**{transport: here}),
        folder=folder / "whence",
        certificate=certificate,
        limits=SpoolLimits(floor=0, floor_share=0),
    )
    with LogReceiverProcess(settings) as process:
        first = next(filter(None, process.statuses()))  # it listens
        port = int(first.listening[0].rpartition(":")[2])

        def kept() -> int:
            process.end()
            return [status for status in process.statuses() if status][-1].stored

        yield Receiver(process.pid, port, kept)


RSYSLOG = """
global(workDirectory="{folder}" {tls})
{main}
template(name="raw" type="string" string="%rawmsg%\\n")
module(load="{module}" {options})
input(type="{module}" port="{port}" address="127.0.0.1" {more})
action(type="omfile" file="{folder}/out" template="raw" ioBufferSize="256k" asyncWriting="off")
"""


@contextmanager
def rsyslog(folder: Path, transport: str, authority: Authority) -> Iterator[Receiver]:
    port = 5900 + os.getpid() % 50
    tls = options = more = ""
    if transport == "udp":
        more = 'rcvbufSize="64m"'
        options = 'batchSize="128"'
    if transport == "tls":
        pair = authority.vouch("localhost")
        tls = (
            f'DefaultNetstreamDriver="ossl" DefaultNetstreamDriverCAFile="{authority.certificate}"'
            f' DefaultNetstreamDriverCertFile="{pair.certificate}"'
            f' DefaultNetstreamDriverKeyFile="{pair.key}"'
        )
        options = 'StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon"'
    (modules,) = UNPACKED.glob("usr/lib/*/rsyslog")
    (folder / "rsyslog.conf").write_text(
        RSYSLOG.format(
            folder=folder, tls=tls, port=port, options=options, more=more,
            module="imudp" if transport == "udp" else "imtcp",
            main='main_queue(queue.size="5000000" queue.dequeueBatchSize="4096")',
        )
    )  # fmt: skip
    argv = [program("rsyslogd"), "-n", "-f", str(folder / "rsyslog.conf")]
    argv += ["-i", str(folder / "pid"), "-M", str(modules)]
    with _peer(argv, folder) as pid:
        yield Receiver(pid, port, lambda: _lines(folder / "out"))


@contextmanager
def syslog_ng(folder: Path, transport: str, _authority: Authority) -> Iterator[Receiver]:
    port = 5950 + os.getpid() % 50
    own = "so-rcvbuf(67108864)" if transport == "udp" else "max-connections(100)"
    (folder / "ng.conf").write_text(
        "@version: 3.38\noptions { threaded(yes); keep-hostname(yes); };\n"
        f'source s {{ network(ip("127.0.0.1") port({port}) transport("{transport}") {own}'
        " flags(no-parse) log-iw-size(100000) log-fetch-limit(1000)); };\n"
        f'destination d {{ file("{folder}/out" template("$MSG\\n")); }};\n'
        "log { source(s); destination(d); flags(flow-control); };\n"
    )
    libraries = UNPACKED / "usr/lib/syslog-ng"
    (modules,) = libraries.glob("3.*")
    argv = [program("syslog-ng"), "-F", "--no-caps", "-f", str(folder / "ng.conf")]
    argv += ["-p", str(folder / "pid"), "-c", str(folder / "ctl"), "-R", str(folder / "persist")]
    argv += [f"--module-path={modules}"]
    with _peer(argv, folder, LD_LIBRARY_PATH=str(libraries)) as pid:
        yield Receiver(pid, port, lambda: _lines(folder / "out"))


@contextmanager
def _peer(argv: list[str], folder: Path, **variables: str) -> Iterator[int]:
    with (folder / "peer.log").open("wb") as log:
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **variables}
        )
        try:
            time.sleep(SETTLE)
            yield process.pid
        finally:
            process.terminate()
            process.wait(60)


def _lines(path: Path) -> int:
    last = -1
    while path.exists() and (now := path.stat().st_size) != last:
        last = now
        time.sleep(SETTLE)
    if not path.exists():
        return 0
    return int(subprocess.check_output(["wc", "-l", path]).split()[0])


def measure(
    name: str, transport: str, seconds: float, messages: int, authority: Authority
) -> Result:
    """Send to one receiver."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as made:
        folder = Path(made)
        with RECEIVERS[name](folder, transport.split()[0], authority) as receiver:
            go_first(receiver.pid)
            before, begun = _cpu(receiver.pid), time.perf_counter()
            if transport == "udp":
                sent = Sending(datagrams, receiver.port, RATE, seconds)()
            else:
                counted = transport.endswith("counted")
                ca = authority.certificate if transport.startswith("tls") else ""
                senders = streams(receiver.port, messages, CONNECTIONS, counted=counted, ca=ca)
                for one in senders:
                    one.join()
                    assert not one.exitcode, f"a sender of {transport} to {name} failed"
                sent = messages
            took = time.perf_counter() - begun
            if name != "whence":
                kept = receiver.kept()
                cpu = _cpu(receiver.pid) - before
            else:
                time.sleep(SETTLE)
                cpu = _cpu(receiver.pid) - before
                kept = receiver.kept()
            return Result(name, transport, sent, kept, took, cpu)


def until_asked(seconds: float) -> dict[str, float]:
    """Send a flood, and say when its last line could be asked."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as made:
        settings = log_reception.receiver_settings(
            LogSources(udp=(("127.0.0.1", 0),)), folder=Path(made),
            limits=SpoolLimits(floor=0, floor_share=0),
        )  # fmt: skip
        with log_reception.receive_logs(settings) as reception:
            sending: Sending[tuple[int, float]] | None = None
            sent, ended, most_behind = 0, 0.0, 0.0
            for status in reception.statuses(None, lambda: False):
                most_behind = max(most_behind, status.behind)
                if sending is None:
                    go_first(reception.receiver_pid)
                    port = int(status.receiver.listening[0].rpartition(":")[2])
                    sending = Sending(_timed, port, seconds)
                if not ended and sending.ready():
                    sent, ended = sending()
                if ended and status.rows >= sent - status.receiver.dropped:
                    break
                if ended and time.time() - ended > 120:
                    break
            return {
                "sent": sent,
                "rows": status.rows,
                "lost": status.receiver.dropped,
                "seconds until asked": round(time.time() - ended, 1),
                "most behind": round(most_behind, 1),
            }


def _timed(port: int, seconds: float) -> tuple[int, float]:
    return datagrams(port, RATE, seconds), time.time()


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


RECEIVERS = {"whence": whence, "rsyslog": rsyslog, "syslog-ng": syslog_ng}
CASES = [
    ("whence", "udp"), ("rsyslog", "udp"), ("syslog-ng", "udp"),
    ("whence", "tcp lines"), ("rsyslog", "tcp lines"), ("syslog-ng", "tcp lines"),
    ("whence", "tcp counted"), ("rsyslog", "tcp counted"),
    ("whence", "tls counted"), ("rsyslog", "tls counted"),
]  # fmt: skip
HEAD = (
    "| receiver | transport | sent | lost | sent/s | CPU s | kept per CPU s |\n"
    "|---|---|---|---|---|---|---|"
)


PAGE = """# Receiving log lines

`make senders`, then `python -m bench.logs.receive --output bench/results` and
`python bench/logs/kill_receiver.py 100`. Two cores, which others used as well (load {load} at the
end), so that speeds differ by a third from run to run; CPU seconds are the receiver's alone.
Lines of 170 bytes. rsyslog 8.2302 and syslog-ng 3.38 write the message as it came to a file, with
64 MB of receive buffer for UDP; whence writes it to its spool, with time and sender.

{table}

UDP is sent at {rate:,} a second for 10 s, or as near to that as the sender came, from 16 sockets;
TCP and TLS by {connections} senders, as fast as they are taken.

## Until it can be asked

The same flood with parser and lake beside, on the same two cores: {sent:,} datagrams, {lost:,}
lost, {rows:,} rows. The last of them could be asked {seconds} s after it was sent; the parser was
at most {behind} s behind.

## Killed a hundred times

SIGKILL at random moments to the command, its receiver or both, while a file is written and rotated
(by renaming and by copytruncate) and others send over TCP; what was seen in the spool counts as
acknowledged.

{kills}
"""


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {count}" for name, count in value.items())
    return f"{value:,}"


def _page(results: list[Result], asked: dict[str, float], load: list[float], output: Path) -> str:
    kills: dict[str, object] = {}
    with contextlib.suppress(FileNotFoundError):
        kills = json.loads((output / "logs-receive-kills.json").read_text())
    return PAGE.format(
        load=load[0],
        table="\n".join([HEAD, *(one.row for one in results)]),
        rate=RATE,
        connections=CONNECTIONS,
        sent=asked.get("sent", 0),
        lost=asked.get("lost", 0),
        rows=asked.get("rows", 0),
        seconds=asked.get("seconds until asked"),
        behind=asked.get("most behind"),
        kills="\n".join(f"- {name}: {_words(value)}" for name, value in kills.items()),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--only", default="")
    parser.add_argument("--output", type=Path)
    wanted = parser.parse_args()
    authority = Authority(Path(tempfile.mkdtemp(dir="/var/tmp")))
    results: list[Result] = []
    print(HEAD)
    for name, transport in CASES:
        if wanted.only in f"{name} {transport}":
            results.append(measure(name, transport, wanted.seconds, wanted.messages, authority))
            print(results[-1].row, flush=True)
    asked = until_asked(wanted.seconds) if wanted.only in "asked" else {}
    print(json.dumps(asked))
    shutil.rmtree(Path(authority.certificate).parent)
    if wanted.output:
        load = [round(one, 1) for one in os.getloadavg()]
        found = {"results": [asdict(one) for one in results], "asked": asked, "load": load}
        (wanted.output / "logs-receive.json").write_text(json.dumps(found, indent=1) + "\n")
        (wanted.output / "logs-receive.md").write_text(_page(results, asked, load, wanted.output))


if __name__ == "__main__":
    main()
