"""Kill the writer of a case at random moments; is every acknowledged entry there afterwards?

    python bench/durability/kill_case.py [TIMES]

Prints the result as JSON; exit status 1 if anything was lost or a chain did not verify.
"""

from __future__ import annotations

import itertools
import json
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from killing import Acknowledge, killed_while

from whence.model import CannotAsk, Flow, Program, Reading
from whence.store.case_file import CaseFile
from whence.store.cases import Cases

LONGEST = 0.1  # seconds before the kill
CASE_OF_ITS_OWN = 4  # each so many kills a new case is begun, so that beginnings are hit too


def clock() -> datetime:
    return datetime.now(UTC)


def write(directory: Path, acknowledge: Acknowledge, *, power: bool = False) -> None:
    """Begin a case, or go on with the one that is there, until killed.

    Where ``power`` may be lost, a reading is acknowledged with the step that cites it only.
    """
    cases = Cases(directory, clock)
    flow = Flow("203.0.113.7", 443)
    case = cases.open("last") if cases.list().cases else cases.create(flow)
    acknowledge(case.head)
    for number in itertools.count():
        reading = Reading(
            f"/proc/{number}/cmdline", f"vendor\n--job {number}\n" * 40, clock(), "fw"
        )
        case.keep_reading(reading.source, reading)
        if not power:
            acknowledge(case.head)
        evidence = next(reading.lines()).evidence
        case.note_step("runs", flow, [flow.fact("runs", Program("fw", f"/{number}"), evidence)])
        acknowledge(case.head)
        case.note_step("package", flow, CannotAsk("dpkg is not installed"))
        acknowledge(case.head)


def missing(directory: Path, acknowledged: set[str]) -> tuple[set[str], list[str]]:
    """Say which acknowledged entries are not there, and what does not verify."""
    listed = Cases(directory, clock).list()
    problems = [f"{path.name}: {reason}" for path, reason in listed.unreadable]
    found: set[str] = set()
    for row in listed.cases:
        with closing(CaseFile.open(row.path, clock)) as case:
            found |= {entry.hash for entry in case.journal()}
            problems += case.verify()
    return acknowledged - found, problems


def main(times: int) -> int:
    acknowledged: set[str] = set()
    lost: set[str] = set()
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        for kill in range(times):
            directory = Path(scratch) / str(kill // CASE_OF_ITS_OWN)
            heard = set(killed_while(lambda say, to=directory: write(to, say), LONGEST))
            acknowledged |= heard
            here, wrong = missing(directory, heard)
            lost |= here
            problems += wrong
    result = {
        "kills": times,
        "acknowledged": len(acknowledged),
        "lost": len(lost),
        "problems": problems,
    }
    print(json.dumps(result))
    return 1 if lost or problems or not acknowledged else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
