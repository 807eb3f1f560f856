"""Records a second of NetFlow v5, v9 and IPFIX: whence beside the PyPI package netflow, in one run.

    .venv/bin/uv pip install netflow==0.12.2
    .venv/bin/python -m bench.packets.exports [PACKETS] > bench/results/exports.json

softflowd reads a capture made here and exports it to a socket of ours; the datagrams are then
decoded from memory. whence also pairs the records and makes the flow table; netflow only decodes.
"""

from __future__ import annotations

import json
import random
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from whence._native import Exports

RUNS = 3
PEER_DATAGRAMS = 1500  # the peer is slow: a part is enough to know its pace
Datagrams = list[bytes]


def main() -> None:
    packets = int(sys.argv[1]) if len(sys.argv) > 1 else 500_000
    with tempfile.TemporaryDirectory() as folder:
        capture = Path(folder) / "capture.pcap"
        write_capture(capture, packets, flows=packets // 5)
        rows = [measured(version, exported(capture, version)) for version in ("5", "9", "10")]
    print(json.dumps({"packets": packets, "formats": rows}, indent=2))


def measured(version: str, datagrams: Datagrams) -> dict[str, Any]:
    ours = best(lambda: whence_records(datagrams))
    decoded = best(lambda: whence_records(datagrams, rows=False))
    theirs = best(lambda: netflow_records(datagrams[:PEER_DATAGRAMS]))
    return {
        "version": version,
        "datagrams": len(datagrams),
        "whence_records": ours[0],
        "whence_records_a_second": round(ours[1]),
        "whence_without_table_records_a_second": round(decoded[1]),
        "netflow_records_a_second": round(theirs[1]),
        "ratio": round(ours[1] / theirs[1], 1),
    }


def best(run: Callable[[], int]) -> tuple[int, float]:
    """Give the records, and the best pace of some runs, by CPU time."""
    paces = []
    for _ in range(RUNS):
        begin = time.process_time()
        records = run()
        paces.append(records / (time.process_time() - begin))
    return records, max(paces)


def whence_records(datagrams: Datagrams, *, rows: bool = True) -> int:
    exports = Exports(most_open=1 << 20)
    for datagram in datagrams:
        exports.feed("192.0.2.1", 2055, 1_700_000_000_000_000_000, datagram)
    if rows:
        exports.end_all()
        table = duckdb.from_arrow(exports.flows())
        table.sum("source_packets").fetchall()
    return exports.totals()["records"]


def netflow_records(datagrams: Datagrams) -> int:
    import netflow  # the peer, which only this asks for

    templates: dict[str, Any] = {"netflow": {}, "ipfix": {}}
    return sum(
        len(getattr(netflow.parse_packet(datagram, templates), "flows", ()))
        for datagram in datagrams
    )


def exported(capture: Path, version: str) -> Datagrams:
    """Give what softflowd sends for the capture."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as heard:
        heard.setsockopt(socket.SOL_SOCKET, 33, 256 << 20)  # SO_RCVBUFFORCE: needs root
        heard.bind(("127.0.0.1", 0))
        heard.settimeout(2)
        where = f"127.0.0.1:{heard.getsockname()[1]}"
        own = ["-p", str(capture.with_suffix(".pid"))]
        argv = ["softflowd", "-r", str(capture), "-n", where, "-v", version, *own, "-d"]
        subprocess.run(argv, check=True, capture_output=True)
        datagrams = []
        try:
            while True:
                datagrams.append(heard.recv(65_535))
        except TimeoutError:
            return datagrams


def write_capture(path: Path, packets: int, flows: int) -> None:
    """Write seeded TCP and UDP packets over IPv4, both ways."""
    chance = random.Random(7)
    ends = [
        (
            chance.choice((6, 6, 6, 17)),
            0x0A000000 + chance.randrange(1 << 16),
            0xC0A80000 + chance.randrange(1 << 16),
            chance.randrange(1024, 65_535),
            chance.choice((80, 443, 53, 123)),
        )
        for _ in range(flows)
    ]
    now = time.time() - 120
    with path.open("wb") as file:
        file.write(struct.pack("=IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, 1))
        for number in range(packets):
            protocol, one, other, port, service = ends[number % flows]
            if number >= flows and chance.random() < 0.5:
                one, other, port, service = other, one, service, port
            length = chance.randrange(200)
            head = struct.pack("!HHIIBBHHH", port, service, 1, 1, 0x50, 0x18, 1000, 0, 0)
            if protocol == 17:
                head = struct.pack("!HHHH", port, service, 8 + length, 0)
            size = 20 + len(head) + length
            ip = struct.pack("!BBHHHBBHII", 0x45, 0, size, 0, 0, 64, protocol, 0, one, other)
            frame = b"\2\0\0\0\0\1\2\0\0\0\0\2\x08\0" + ip + head + bytes(length)
            seconds, part = divmod(int((now + number * 1e-4) * 1e6), 1_000_000)
            file.write(struct.pack("=IIII", seconds, part, len(frame), len(frame)) + frame)


if __name__ == "__main__":
    main()
