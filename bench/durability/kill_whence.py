"""Kill the command itself at random moments: whence while it asks, and while it records.

    python bench/durability/kill_whence.py [TIMES]

What a reader could see before the kill must be there after it, and each case must verify. Needs
root. Prints the result as JSON; exit status 1 if anything was lost.
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from whence.model import Flow
from whence.store.cases import Cases
from whence.store.history import History

WHENCE = str(Path(sys.executable).with_name("whence"))
LONGEST_QUESTION = 1.2  # seconds; an answer takes about half
LONGEST_RECORDING = 4.0
PEER = ("127.0.0.9", 9)  # nobody listens there; a refused call is traffic too


def clock() -> datetime:
    return datetime.now(UTC)


@contextmanager
def killed(environment: dict[str, str], *words: str) -> Iterator[None]:
    """Run whence; kill it, and the sensor that it started, when the block ends."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([WHENCE, *words], env=environment, **quiet) as running:
        try:
            yield
        finally:
            running.kill()


def call(spread: int) -> None:
    with socket.socket() as caller:
        caller.bind((f"127.0.1.{spread % 250 + 1}", 0))
        caller.connect_ex(PEER)


def kill_questions(times: int, state: Path, chance: random.Random) -> dict[str, object]:
    environment = os.environ | {"WHENCE_STATE": str(state)}
    with socket.create_server(("127.0.0.1", 0)) as server:
        target = f"127.0.0.1:{server.getsockname()[1]}"
        for _ in range(times):
            with killed(environment, target):
                time.sleep(chance.uniform(0.1, LONGEST_QUESTION))
    listed = Cases(state / "cases", clock).list()
    problems = [f"{path.name}: {reason}" for path, reason in listed.unreadable]
    for row in listed.cases:
        problems += Cases(state / "cases", clock).verify(row.id)
    return {"kills": times, "cases": len(listed.cases), "problems": problems}


def kill_recorders(times: int, state: Path, chance: random.Random) -> dict[str, object]:
    environment = os.environ | {"WHENCE_STATE": str(state)}
    lost = seen = 0
    for number in range(times):
        with killed(environment, "record"):
            end = time.monotonic() + chance.uniform(1.5, LONGEST_RECORDING)
            while time.monotonic() < end:
                call(number)
                time.sleep(0.05)
            before = count(state)
        after = count(state)
        lost += max(0, before - after)
        seen = after
    unreadable = History(state / "history", clock).unreadable
    return {"kills": times, "seen": seen, "lost": lost, "problems": [*map(str, unreadable)]}


def count(state: Path) -> int:
    """Count the calls that a reader can see."""
    history = History(state / "history", clock)
    return sum(found.count for found in history.sightings(Flow(*PEER)))


def main(times: int) -> int:
    chance = random.Random(7)
    with tempfile.TemporaryDirectory() as scratch:
        questions = kill_questions(times, Path(scratch, "questions"), chance)
        recorders = kill_recorders(times, Path(scratch, "recorders"), chance)
    print(json.dumps({"questions": questions, "recorders": recorders}))
    bad = questions["problems"] or recorders["problems"] or recorders["lost"]
    return 1 if bad or not questions["cases"] or not recorders["seen"] else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
