"""What else there is to look at: a capture on the firewall, and what the provider wrote down."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from whence.lab.contract import Office
from whence.lab.office import callers
from whence.lab.root_view import HOME, write
from whence.lab.telling import Answer, Telling

CAPTURE = f"{HOME}/capture"
BEGINS = 30.0  # seconds within which a capture has a file
PROVIDER = "provider-conn.log"
CALLED = re.compile(r"(?P<at>\S+) TCP (?P<source>\S+):(?P<own>\d+) -> (?P<to>\S+):(?P<port>\d+)")
WAY = "Does it start here at all? Others inside go the same way, by NAT:\n"
SENT = "The provider sends what it has seen, in Zeek's words:\n"


def target_of(office: Office) -> str:
    """Name what nobody can explain."""
    return f"{office.known['address']}:{office.known['port']}"


@contextmanager
def captured(office: Office, telling: Telling) -> Iterator[None]:
    """Capture meanwhile, where others inside call the same place."""
    if office.variant != "nat":
        yield
        return
    words = ("capture", target_of(office), "--no-processes", "-o", CAPTURE)
    with telling.beside(office.prefix, *words):
        deadline = time.monotonic() + BEGINS
        while not _files(office) and time.monotonic() < deadline:
            time.sleep(0.2)
        yield


def _files(office: Office) -> list[str]:
    found = office.machine("firewall").run("find", HOME, "-path", f"{CAPTURE}/*.pcapng")
    return found.split()


def which_way(office: Office, telling: Telling) -> Iterator[Answer]:
    """Ask the capture what starts here and what passes through."""
    if office.variant == "nat":
        telling.show(WAY)
        yield telling.ask(office.prefix, "path", target_of(office), *sorted(_files(office)))


def told_by_the_provider(office: Office, telling: Telling) -> Iterator[Answer]:
    """Take in what the provider saw, by its own clock."""
    telling.show(SENT)
    rows = (_row(office, number, line) for number, line in enumerate(callers()))
    write(office.machine("firewall"), f"{HOME}/{PROVIDER}", "".join(rows))
    yield telling.ask(office.prefix, "import", f"{HOME}/{PROVIDER}", "--host", "provider")


def by_its_clock(office: Office, line: str) -> str:
    """Give a line of the provider's log with the time that its clock said."""
    at, _, rest = line.partition(" ")
    said = datetime.fromisoformat(at) + _ahead(office)
    return f"{said.isoformat(timespec='milliseconds')} {rest}"


def _ahead(office: Office) -> timedelta:
    return timedelta(seconds=int(office.known["ahead"]))


def _row(office: Office, number: int, line: str) -> str:
    found = CALLED.match(by_its_clock(office, line))
    if not found or f"{found['to']}:{found['port']}" != target_of(office):
        return ""
    row = {
        "ts": datetime.fromisoformat(found["at"]).timestamp(),
        "uid": f"C{number}",
        "id.orig_h": found["source"],
        "id.orig_p": int(found["own"]),
        "id.resp_h": found["to"],
        "id.resp_p": int(found["port"]),
        "proto": "tcp",
        "duration": 0.01,
        "conn_state": "SF",
    }
    return f"{json.dumps(row)}\n"
