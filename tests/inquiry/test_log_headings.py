"""Files whose heads name their columns, followed for days: what comes later is read by them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

pytest.importorskip("whence._native")

from tests.sensors.test_log_tails import Follower, add
from whence.inquiry.log_keeping import LogKeeping
from whence.store.log_lake import LogLake
from whence.world.log_spool import segments

HEAD = ("#Software: Microsoft Internet Information Services 10.0", "#Version: 1.0",
        "#Date: 2026-03-03 10:00:00", "#Fields: date time s-ip cs-uri-stem c-ip")  # fmt: skip
SWAPPED = "#Fields: date time c-ip cs-uri-stem s-ip"
SERVER = "192.0.2.1"


class Receiver:
    """Who follows files and who keeps what they say, as two processes that can be killed."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder, self.log = folder, log
        self.begin(from_start=True)

    def begin(self, *, from_start: bool = False) -> None:
        self.follower = Follower(self.folder, str(self.log), from_start=from_start)
        self.keeping = LogKeeping(self.folder / "spool", self.folder / "lake")

    def end(self) -> None:
        self.follower.stop()
        self.keeping.close()

    def take(self) -> list[tuple[str | None, str | None]]:
        """Follow and keep; give source and destination of each line that says a page."""
        self.follower.read()
        while self.keeping.step(at_once=True):
            pass
        with LogLake(self.folder / "lake") as lake, duckdb.connect() as connection:
            lines = lake.relation(connection).filter("original LIKE '%/page%'").order("position")
            return lines.select("source, destination").fetchall()


def line(client: int, *, swapped: bool = False) -> str:
    ends = [SERVER, "/page", f"10.0.0.{client}"]
    return " ".join(["2026-03-03", "10:11:12", *(reversed(ends) if swapped else ends)])


def calls(*clients: int) -> list[tuple[str | None, str | None]]:
    return [(f"10.0.0.{client}", SERVER) for client in clients]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "u_ex.log"


@pytest.fixture
def receiver(tmp_path: Path, log: Path) -> Iterator[Receiver]:
    made = Receiver(tmp_path, log)
    yield made
    made.end()


def test_what_comes_seconds_later_is_read_by_the_head(receiver: Receiver, log: Path) -> None:
    add(log, *HEAD, line(1))
    assert receiver.take() == calls(1)
    add(log, line(2))
    assert receiver.take() == calls(1, 2)


def test_a_head_that_was_passed_over_counts(tmp_path: Path, log: Path) -> None:
    add(log, *HEAD, line(1))
    receiver = Receiver(tmp_path, tmp_path / "none.log")
    receiver.take()
    receiver.end()
    receiver.log = log
    receiver.begin()
    assert receiver.take() == []
    add(log, line(2))
    assert receiver.take() == calls(2)
    receiver.end()


def test_after_both_were_killed_the_head_is_known(receiver: Receiver, log: Path) -> None:
    add(log, "#Version: 1.0")
    receiver.take()
    add(log, *HEAD[2:], line(1))
    assert receiver.take() == calls(1)
    receiver.end()
    receiver.begin()
    add(log, line(2))
    assert receiver.take() == calls(1, 2)


def test_a_segment_begins_with_the_heads_of_all_files(receiver: Receiver, log: Path) -> None:
    add(log, *HEAD)
    clients = [*range(1, 201)]
    for client in clients:
        add(log, line(client))
        receiver.follower.read()
        if client == 100:
            assert receiver.take() == calls(*clients[:100])
    assert len(segments(receiver.folder / "spool")) > 1
    receiver.end()
    receiver.begin()
    assert receiver.take() == calls(*clients)


def test_a_head_may_change_in_the_middle(receiver: Receiver, log: Path) -> None:
    add(log, *HEAD, line(1))
    receiver.take()
    add(log, "#Version: 1.0", SWAPPED, line(2, swapped=True))
    assert receiver.take() == calls(1, 2)
    add(log, line(3, swapped=True))
    receiver.end()
    receiver.begin()
    assert receiver.take() == calls(1, 2, 3)


def test_each_of_two_files_of_a_name_has_its_head(receiver: Receiver, log: Path) -> None:
    add(log, *HEAD, line(1))
    receiver.take()
    log.rename(log.with_suffix(".1"))
    add(log, "#Version: 1.0", SWAPPED, line(2, swapped=True))
    assert receiver.take() == calls(1, 2)
    add(log.with_suffix(".1"), line(3))
    add(log, line(4, swapped=True))
    assert sorted(receiver.take()) == calls(1, 2, 3, 4)


def test_a_file_that_is_emptied_loses_its_head(receiver: Receiver, log: Path) -> None:
    add(log, *HEAD, line(1))
    receiver.take()
    log.write_text("")
    receiver.take()
    add(log, line(2))
    assert receiver.take() == [*calls(1), ("10.0.0.2", None)]


def test_a_flow_log_says_its_columns_with_their_names_alone(receiver: Receiver, log: Path) -> None:
    names = "version srcaddr dstaddr srcport dstport protocol bytes start end action log-status"
    add(log, names)
    receiver.take()
    clients = [*range(1, 101)]
    for client in clients:
        add(log, f"2 10.0.0.{client} 192.0.2.1 4711 /page 6 20 1772532672 1772532673 ACCEPT OK")
        receiver.follower.read()
    assert len(segments(receiver.folder / "spool")) > 1
    assert receiver.take() == calls(*clients)


def test_a_long_head_after_much_text_is_known_in_the_next_segment(
    receiver: Receiver, log: Path
) -> None:
    add(log, *["text before it"] * 2000, *HEAD)
    receiver.take()
    clients = [*range(1, 101)]
    for client in clients:
        add(log, line(client))
        receiver.follower.read()
    receiver.end()
    receiver.begin()
    assert receiver.take() == calls(*clients)


def test_a_head_in_utf_16_is_known_in_the_next_segment(receiver: Receiver, log: Path) -> None:
    with log.open("w", encoding="utf-16-le", newline="") as file:
        file.write("\N{BOM}" + "\r\n".join([*HEAD, ""]))
    receiver.take()
    clients = [*range(1, 101)]
    for client in clients:
        with log.open("a", encoding="utf-16-le", newline="") as file:
            file.write(line(client) + "\r\n")
        receiver.follower.read()
    assert len(segments(receiver.folder / "spool")) > 1
    assert receiver.take() == calls(*clients)
    receiver.end()
    receiver.begin()
    with log.open("a", encoding="utf-16-le", newline="") as file:
        file.write(line(101) + "\r\n")
    assert receiver.take() == calls(*clients, 101)
