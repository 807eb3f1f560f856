"""Do once what whence is fast at, so that the compiler can learn which ways are taken.

Usage: ``python -m bench.training``, with a native part that was built to count (``make profile``).
What it reads has other seeds, and for the most part other shapes, than what is measured.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
from bench.find.scan import closely
from bench.logs import parse
from bench.logs.generator.flood import flood
from bench.packets import exports, generate
from bench.switches.agents import FDB_PORT, served, switch_values

from whence import _native
from whence.world.ber import oid_text
from whence.world.snmp import SnmpAccess, SnmpAgent

SEED = 1009
LINES = 200_000
ROWS = 10_000
VERSIONS = ("5", "9", "10")  # NetFlow, NetFlow, IPFIX
WHENCE = Path(sys.executable).with_name("whence")


def main() -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as made:
        folder = Path(made)
        capture = generate.capture("quick", folder, SEED).path
        _captures(folder, capture)
        _exports(capture)
        _logs(folder)
    closely("/usr/share/doc")
    _switch()


def _captures(folder: Path, capture: Path) -> None:
    packed = folder / "packed.pcap.gz"
    with packed.open("wb") as file:
        subprocess.run(["gzip", "-c", capture], stdout=file, check=True)
    for cores in ("flows", "all-cores"):
        _run(sys.executable, "-m", "bench.packets.in_python", cores, capture)
    for arguments in (["talkers"], ["flows", "--json"], ["findings"]):
        _run(WHENCE, *arguments, capture)
    _run(WHENCE, "talkers", packed)


def _exports(capture: Path) -> None:
    for version in VERSIONS:
        exports.whence_records(exports.exported(capture, version))


def _logs(folder: Path) -> None:
    some, asa = folder / "some.log", folder / "flood.log"
    parse.made(some, LINES, SEED)
    flood(asa, LINES, seed=SEED)
    for file in (str(some), str(asa)):
        stream, _ = _native.count_logs([file], now=parse.NOW)
        with duckdb.connect() as engine:
            engine.register("counted", stream)
            engine.execute("SELECT sum(lines) FROM counted").fetchall()
        stream, _ = _native.parse_logs([file], now=parse.NOW)
        stream.write_parquet(str(folder / "logs.parquet"))
        _run(WHENCE, "logs", "parse", "--json", file)
    _run(WHENCE, "logs", "explain", "--json", asa)


def _switch() -> None:
    walked = 0
    with served([switch_values("switch", ROWS)]) as [port]:
        access = SnmpAccess("127.0.0.1", port)
        with SnmpAgent(access) as agent:
            walked = sum(1 for _ in agent.walk(oid_text(FDB_PORT)))
    assert walked == ROWS


def _run(*command: str | Path) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    main()
