from __future__ import annotations

import json
import os
import textwrap
import time
from pathlib import Path

import pytest

from tests.sensors.log_receiver import messages
from whence.model.log_receiving import SpoolLimits
from whence.sensors.log_journal import JournalReader, message
from whence.sensors.log_keeper import Keeper
from whence.world.log_spool_writer import SpoolWriter

ENTRY = {
    "__CURSOR": "s=1;i=1",
    "__REALTIME_TIMESTAMP": "1795600000000123",
    "_HOSTNAME": "web1",
    "SYSLOG_IDENTIFIER": "sshd",
    "_PID": "812",
    "PRIORITY": "6",
    "SYSLOG_FACILITY": "10",
    "MESSAGE": "Accepted publickey for root",
}


def test_an_entry_is_written_as_a_syslog_message() -> None:
    assert message(ENTRY) == (
        b"<86>1 2026-11-25T09:46:40.000123Z web1 sshd 812 - - Accepted publickey for root"
    )


def test_an_entry_may_lack_everything_or_hold_bytes() -> None:
    assert message({}) == b"<13>1 1970-01-01T00:00:00.000000Z - - - - - "
    assert message({**ENTRY, "MESSAGE": [104, 255]}).endswith(b"- - h\xff")


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that does as journalctl does, with the entries of a file."""
    entries = tmp_path / "entries"
    entries.touch()
    program = tmp_path / "journalctl"
    program.write_text(
        textwrap.dedent(f"""\
        #!/bin/sh
        case "$*" in
        *--show-cursor*)
          tail -n 1 {entries} | sed -n 's/.*"__CURSOR": "\\([^"]*\\)".*/-- cursor: \\1/p';;
        *--after-cursor=*) exec tail -n +$((${{6#--after-cursor=}} + 1)) -f {entries};;
        *) exec tail -n +1 -f {entries};;
        esac
        """)
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return entries


def add(journal: Path, first: int, count: int) -> None:
    with journal.open("a") as file:
        for number in range(first, first + count):
            entry = {**ENTRY, "__CURSOR": str(number), "MESSAGE": f"message {number}"}
            file.write(json.dumps(entry) + "\n")


def read(folder: Path, expected: int, *, cut: int = 0) -> list[int]:
    """Follow the journal as one run does, which may leave its last record unfinished."""
    reader = JournalReader()
    spool = SpoolWriter(folder / "spool", 3000, 60, reader.note, reader.replay)
    keeper = Keeper(spool, SpoolLimits(floor=0, floor_share=0), lambda: os.statvfs(folder))
    reader.start(keeper)
    end = time.monotonic() + 10
    while len(messages(folder / "spool")) < expected and time.monotonic() < end:
        reader.read(keeper)
        time.sleep(0.01)
    reader.close()
    spool.close()
    found = messages(folder / "spool")
    if cut:
        newest = sorted((folder / "spool").glob("*.spool"))[-1]
        os.truncate(newest, newest.stat().st_size - cut)
    return [int(record.payload.split()[-1]) for record in found]


def test_entries_are_read_once_through_restarts_and_cut_records(
    tmp_path: Path, journal: Path
) -> None:
    add(journal, 1, 3)
    assert read(tmp_path, 0) == []  # what was there at the very first start is passed over
    add(journal, 4, 50)
    assert read(tmp_path, 50, cut=150) == [*range(4, 54)]
    add(journal, 54, 5)
    assert read(tmp_path, 55) == [*range(4, 59)]
