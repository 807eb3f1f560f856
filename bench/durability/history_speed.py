"""How fast is the history written and asked, and how much disk does a connection take?

    python bench/durability/history_speed.py [SIGHTINGS]

Each sighting is a connection of its own to one of 60,000 peers, by one of 1,000 processes with
three ancestors: nothing can be summed up. Prints the result as JSON.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from whence.model import ATTEMPTED, Execution, Flow, Process, ProcessRecord, Sighting
from whence.store.history import History

BATCH = 1000
PEERS = 60_000
START = datetime(2026, 1, 1, tzinfo=UTC)


def clock() -> datetime:
    return datetime.now(UTC)


def lineage(pid: int) -> tuple[ProcessRecord, ...]:
    processes = [Process("fw", "boot", number, number) for number in (pid, 3, 2, 1)]
    run = Execution(START, "/usr/bin/python3.11", "/opt/agent.py", ("agent.py", "--hourly"))
    return tuple(
        ProcessRecord(process, START, "agent", parent, (run,), cgroup="/system.slice/cron.service")
        for process, parent in zip(processes, [*processes[1:], None], strict=True)
    )


LINEAGES = [lineage(1000 + number) for number in range(1000)]


def peer(number: int) -> str:
    return f"198.{18 + number // 62500 % 2}.{number // 250 % 250}.{number % 250}"


def sighting(number: int) -> Sighting:
    at = START + timedelta(milliseconds=number)
    flow = Flow(peer(number % PEERS), 443, "192.0.2.1", 1024 + number % 60_000, "tcp")
    process = LINEAGES[number // 10 % 1000]
    return Sighting(flow, ATTEMPTED, at, at, process, "ebpf", "fw", 1, 60, 1, cookie=number)


def written(history: History, sightings: int) -> float:
    """Write so many; give the seconds that writing took."""
    seconds = 0.0
    for first in range(0, sightings, BATCH):
        batch = [sighting(number) for number in range(first, first + BATCH)]
        began = time.perf_counter()
        history.add(batch)
        seconds += time.perf_counter() - began
    return seconds


def asked(history: History, flow: Flow) -> tuple[float, int]:
    """Give the milliseconds of the slowest of five answers, and the sightings in it."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        found = history.newest(flow, 2000)
        times.append((time.perf_counter() - began) * 1000)
    return round(max(times), 1), len(found)


def main(sightings: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        history = History(Path(scratch), clock)
        seconds = written(history, sightings)
        history.close()
        size = sum(path.stat().st_size for path in Path(scratch).iterdir())
        result = {
            "sightings": sightings,
            "written_per_second": round(sightings / seconds),
            "bytes_each": round(size / sightings),
        }
        questions = {
            "address_and_port": Flow(peer(77), 443),
            "address": Flow(peer(77)),
            "port": Flow(destination_port=443),
            "rare_port": Flow(destination_port=22),
            "source": Flow(source=peer(77), source_port=443),
            "source_port": Flow(source_port=443),
        }
        for name, flow in questions.items():
            result[f"{name}_ms"], result[f"{name}_found"] = asked(history, flow)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
