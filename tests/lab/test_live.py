"""What a router sees of traffic that no process of its own takes part in."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.lab.cable import FAR, MIDDLE_FAR, NEAR, Row, three_in_a_row

pytestmark = pytest.mark.lab

GHOST = "198.51.100.77"
MAIN = "from whence.cli.start import main; main()"
TALK = (  # until its standard input ends
    "import socket, sys, threading, time\n"
    "def send():\n"
    "    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
    "    while True:\n"
    f"        for to in ('{GHOST}', '{FAR}'): s.sendto(b'x' * 100, (to, 7))\n"
    "        time.sleep(0.05)\n"
    "threading.Thread(target=send, daemon=True).start()\n"
    "sys.stdin.read()\n"
)
ECHO = (
    "import socket, threading, sys\n"
    "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
    "s.bind(('', 7))\n"
    "def answer():\n"
    "    while True: s.sendto(*s.recvfrom(2000))\n"
    "threading.Thread(target=answer, daemon=True).start()\n"
    "print('there', flush=True)\n"
    "sys.stdin.read()\n"
)


@pytest.fixture(scope="module")
def router() -> Iterator[Row]:
    """Near calls far, who answers, and a neighbour of far who is not there."""
    with three_in_a_row() as row:
        # Without this the router would wait for ARP, and nothing would leave it.
        add = f"ip neighbour add {GHOST} lladdr 02:00:00:00:00:77 dev far0 nud permanent"
        row.middle.run(*add.split())
        running = [row.far.start(sys.executable, "-c", ECHO)]
        assert running[0].stdout
        running[0].stdout.readline()
        running.append(row.near.start(sys.executable, "-c", TALK))
        yield row
        for process in running:
            process.communicate(timeout=10)


def live(row: Row, *words: str) -> str:
    argv = row.middle.command(sys.executable, "-c", MAIN, "live", *words)
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_forwarded_traffic_as_documents(router: Row) -> None:
    told = [json.loads(line) for line in live(router, "--packets", "--once", "--json").splitlines()]
    calls = {
        doc["destination"]["ip"]: doc
        for doc in told
        if doc["event"]["action"] == "call" and doc["source"]["ip"] == NEAR
    }
    assert set(calls) == {GHOST, FAR}
    for call in calls.values():
        assert call["whence"]["origin"] == "passes through"
        assert call["whence"]["interfaces"] == ["far0", "near0"]
        assert call["destination"]["port"] == 7
    assert calls[GHOST]["whence"]["unanswered"] is True
    assert calls[FAR]["whence"]["unanswered"] is False
    assert abs(calls[FAR]["source"]["packets"] - calls[FAR]["destination"]["packets"]) <= 1
    [near] = [doc for doc in told if doc["event"]["action"] == "station"
              and doc["source"]["ip"] == NEAR]  # fmt: skip
    assert near["whence"]["unanswered"] == 1
    assert near["source"]["packets"] == sum(doc["source"]["packets"] for doc in calls.values())


def test_forwarded_traffic_as_tables(router: Row) -> None:
    for words in (("--once",), ("--for", "3s")):
        lines = live(router, "-i", "near0", *words).splitlines()
        [silent] = [line for line in lines if f"{GHOST} port 7/udp" in line]
        assert silent.rstrip().endswith("no answer")
        [station] = [line for line in lines if "1 without answer" in line]
        assert NEAR in station
        assert not [line for line in lines if MIDDLE_FAR in line]


def test_an_interface_that_is_not_there(router: Row) -> None:
    argv = router.middle.command(sys.executable, "-c", MAIN, "live", "-i", "near9", "--for", "1s")
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 65
    assert "there is no interface “near9”" in done.stderr
