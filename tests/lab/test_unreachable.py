"""Ghosts, as the machine that calls them sees them: by its own routes and neighbours."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.frames import NOON, Frame, ethernet, udp, write_pcap
from tests.lab.watching import NO_ROUTE, NOBODY, OURS, Place, place_where_nobody_answers

pytestmark = pytest.mark.lab

FAILED = "203.0.113.77"
MAIN = "from whence.cli.start import main; main()"


def findings(place: Place, *words: str) -> dict[str, dict[str, object]]:
    argv = place.command(sys.executable, "-c", MAIN, "findings", "--only", "ghosts", "--json")
    done = subprocess.run([*argv, *words], capture_output=True, text=True, timeout=60, check=True)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return {doc["destination"]["ip"]: doc["whence"] for doc in told}


def test_no_route_and_no_arp_answer_explain_silence(tmp_path: Path) -> None:
    frames = [Frame(NOON + n, ethernet(udp(OURS, to, (40000, 9))))
              for n in range(5) for to in (NO_ROUTE, FAILED, NOBODY)]  # fmt: skip
    file = str(write_pcap(tmp_path / "own.pcap", frames))
    with place_where_nobody_answers() as place:
        place.run(*f"ip neighbour add {FAILED} dev here nud failed".split())
        ghosts = findings(place, file, "--here")
        without = findings(place, file)
    assert f"this machine has no route for {NO_ROUTE}" in str(ghosts[NO_ROUTE]["evidence"])
    assert f"this machine has no ARP answer for {FAILED}" in str(ghosts[FAILED]["evidence"])
    assert ghosts[NO_ROUTE]["confidence"] == ghosts[FAILED]["confidence"] == "certain"
    assert "this machine" not in str(ghosts[NOBODY]["evidence"])
    assert "this machine" not in str(without)
