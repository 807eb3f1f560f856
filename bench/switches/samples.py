"""Recordings of real switches, served by snmpsim: is each row of each forwarding table right?

    python -m bench.switches.samples ../shared/samples/fdb >> bench/results/switches.md

Needs snmpsim and pysmi, which are among the tools for developers. snmpsim takes a while to index.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from whence.model import CannotAsk
from whence.switches.snmp import SnmpSwitch
from whence.world import utc_now
from whence.world.post import Secret
from whence.world.snmp import Patience, SnmpAccess, SnmpAgent
from whence.world.snmp_device import SnmpDevice
from whence.world.switch_list import Way


@contextmanager
def snmpsim(recordings: Path) -> Iterator[int]:
    """Serve recordings, each by the community of its name."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="whence-snmpsim-"))
    for file in recordings.glob("*.snmprec"):
        shutil.copy(file, folder)
    words = [
        str(Path(sys.executable).with_name("snmpsim-command-responder")),
        f"--data-dir={folder}",
        f"--cache-dir={folder}/cache",
        f"--agent-udpv4-endpoint=127.0.0.1:{port}",
        f"--logging-method=file:{folder}/log",
    ]
    words += ["--process-user=root", "--process-group=root"] if os.geteuid() == 0 else []
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder)


def main() -> int:
    recordings = Path(sys.argv[1])
    names = sorted(file.stem for file in recordings.glob("*.snmprec"))
    print("\n## Recordings of real switches, served by snmpsim\n")
    print("| device | rows | right | s |\n|---|---|---|---|")
    wrong = 0
    with snmpsim(recordings) as port:
        _await(port, names[0])
        for name in names:
            wrong += _compare(recordings, name, port)
    return 1 if wrong else 0


def _await(port: int, name: str) -> None:
    patience = Patience(timeout=0.5, retries=0)
    for _ in range(240):
        try:
            with SnmpAgent(_access(port, name), patience) as agent:
                agent.get("1.3.6.1.2.1.1.1.0")
        except CannotAsk:
            time.sleep(0.5)
        else:
            return
    raise SystemExit("snmpsim did not start")


def _access(port: int, community: str) -> SnmpAccess:
    return SnmpAccess("127.0.0.1", port, community=Secret(community))


def _compare(recordings: Path, name: str, port: int) -> int:
    expected = json.loads((recordings / f"{name}.expected.json").read_text())["expected_fdb"]
    wanted = {
        (r["mac"], r["fdb_id"], tuple(r["vlans"]), r["ifIndex"], r["ifName"]) for r in expected
    }
    began = time.perf_counter()
    with SnmpAgent(_access(port, name)) as agent:
        switch = SnmpSwitch(SnmpDevice(name, agent, utc_now), Way(name, "snmp"))
        rows = [(row.mac, row.fdb_id, row.vlans, row.index, row.port) for row in switch.learned()]
    taken = time.perf_counter() - began
    right = len(wanted & set(rows))
    print(f"| {name} | {len(expected)} | {right} | {taken:.1f} |", flush=True)
    return int(set(rows) != wanted or len(rows) != len(expected))


if __name__ == "__main__":
    sys.exit(main())
