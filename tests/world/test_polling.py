"""Looking again and again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from tests.sensors.test_tracefs import Table
from whence.model import Flow, SensorStatus, Sighting
from whence.world.polling import LONGEST, SHORTEST, SocketChanges, pause, poll
from whence.world.processes import LiveProcesses
from whence.world.socket_rows import SocketRow

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
ROW = SocketRow("udp", 7, "192.0.2.1", 50000, "0.0.0.0", 0, 0, 81, cookie=5)


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(LiveProcesses(lambda: NOON, str(tmp_path), "fw", lambda: 1.0), ROW)


def test_a_socket_is_new_once(table: Table) -> None:
    changes = SocketChanges(table)
    assert len([*changes.new()]) == 1
    assert not [*changes.new()]


def test_a_socket_that_got_a_peer_is_news(table: Table) -> None:
    changes = SocketChanges(table)
    list(changes.new())
    table.table = [SocketRow("udp", 1, "192.0.2.1", 50000, "203.0.113.7", 53, 0, 81, cookie=5)]
    (seen,) = changes.new()
    assert seen.flow == Flow("203.0.113.7", 53, "192.0.2.1", 50000, "udp")


def test_a_socket_that_nobody_holds_any_more_is_the_one_that_was_told_of(table: Table) -> None:
    held = SocketRow("tcp", 1, "192.0.2.1", 50000, "203.0.113.7", 443, 0, 82, cookie=6)
    changes = SocketChanges(table)
    table.table = [held]
    assert len([*changes.new()]) == 1
    table.table = []
    assert not [*changes.new()]
    table.table = [replace(held, state=6, inode=0)]
    assert not [*changes.new()]


def test_looking_takes_a_small_share_of_a_cpu() -> None:
    assert pause(0.0) == SHORTEST
    assert pause(0.02, share=0.05) == pytest.approx(0.38)
    assert pause(60.0) == LONGEST


class Minutes:
    """Changes of a world in which each look takes a minute, and finds nothing."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        self.time += timedelta(minutes=1)
        return self.time

    def new(self) -> Iterator[Sighting]:
        return iter(())


def test_a_sensor_that_sees_nothing_says_that_it_lives() -> None:
    events = poll(Minutes(), "sock_diag", ("UDP",), lambda _: None)
    told = [isinstance(one, SensorStatus) for one in islice(events, 6)]
    assert told == [True, True, False, True, False, True]  # after None it waits
