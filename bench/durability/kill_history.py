"""Kill a recorder at random moments; is every acknowledged sighting there afterwards?

    python bench/durability/kill_history.py [TIMES]

Prints the result as JSON; exit status 1 if anything was lost.
"""

from __future__ import annotations

import itertools
import json
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from killing import Acknowledge, killed_while

from whence.model import ATTEMPTED, Flow, Process, ProcessRecord, SensorStatus, Sighting
from whence.store.history import History

LONGEST = 0.3  # seconds before the kill
FOLDER_OF_ITS_OWN = 20  # each so many kills a new folder is begun
LARGEST = 16 << 20  # bytes; small, so that segments are begun often
MOST = 50_000  # sightings of a folder, half of what it holds: beyond that the oldest are dropped
BATCH = 200
BOOTED = datetime(2026, 1, 1, tzinfo=UTC)


def clock() -> datetime:
    return datetime.now(UTC)


def sighting(number: int, at: datetime) -> Sighting:
    """Make one that can be told from all others."""
    record = ProcessRecord(Process("fw", "boot", number % 7 + 2, 100), BOOTED, "x")
    flow = Flow("203.0.113.7", 443, "192.0.2.1", number % 60000 + 1, "tcp")
    return Sighting(flow, ATTEMPTED, at, at, (record,), "ebpf", "fw", cookie=number)


def write(directory: Path, first: int, acknowledge: Acknowledge, *, largest: int = LARGEST) -> None:
    """Record until killed. Sightings are numbered from ``first`` on."""
    history = History(directory, clock, largest=largest)
    begin = clock()
    for number in itertools.count(first, BATCH):
        minutes = (number - first) // 8  # so that none are summed up
        at = [begin + timedelta(minutes=minutes + spread // 8) for spread in range(BATCH)]
        history.add([sighting(number + spread, at[spread]) for spread in range(BATCH)])
        acknowledge(str(number))
        history.note_status(SensorStatus("ebpf", clock()))


def missing(directory: Path, batches: set[int]) -> tuple[set[int], list[str]]:
    """Say which sightings of acknowledged batches are not there, and what cannot be read."""
    with closing(History(directory, clock)) as history:
        found = {seen.cookie for seen in history.sightings(Flow("203.0.113.7", 443))}
        unreadable = [*map(str, history.unreadable.values())]
    kept = {number + spread for number in batches for spread in range(BATCH)}
    return kept - found, unreadable


def main(times: int) -> int:
    acknowledged = lost = 0
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        kept: set[int] = set()
        directory = Path(scratch)
        for kill in range(times):
            if kill % FOLDER_OF_ITS_OWN == 0 or len(kept) * BATCH > MOST:
                kept = set()
                directory = Path(scratch) / str(kill)
            first = kill * 1_000_000
            heard = killed_while(lambda say, to=directory, n=first: write(to, n, say), LONGEST)
            batches = {int(number) for number in heard}
            kept |= batches
            acknowledged += len(batches) * BATCH
            gone, unreadable = missing(directory, kept)
            lost += len(gone)
            problems += unreadable
    result = {"kills": times, "acknowledged": acknowledged, "lost": lost, "problems": problems}
    print(json.dumps(result))
    return 1 if lost or problems or not acknowledged else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
