"""What stands around the rows of Windows' netstat: owners of many words, empty looks, times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.inquiry.imports.reading import NOON, is_complete, read
from whence.inquiry.imports._declare import Given
from whence.inquiry.imports._look_times import look_time
from whence.model.reported import Owner, Socket

HEADING = """
Active Connections

  Proto  Local Address          Foreign Address        State
"""
ROWS = """\
  TCP    0.0.0.0:135            0.0.0.0:0              LISTENING
  RpcSs
 [svchost.exe]
  TCP    10.0.0.5:50001         203.0.113.7:443        ESTABLISHED
  Windows Push Notifications User Service_4a5b1
 [svchost.exe]
  TCP    10.0.0.5:50002         203.0.113.7:443        ESTABLISHED
 [setup[1].exe]
  TCP    10.0.0.5:50003         203.0.113.7:443        ESTABLISHED
 Can not obtain ownership information
  TCP    10.0.0.5:50004         203.0.113.7:443        ESTABLISHED     Internet
 [a.exe]
"""


def sockets(text: str) -> list[Socket]:
    rows, lines = read(text, "windows_netstat")
    assert lines.strange_lines == []
    assert is_complete(rows, lines)
    return [row for row in rows if isinstance(row, Socket)]


def test_owners_of_several_words_and_odd_names() -> None:
    found = sockets(HEADING + ROWS)
    assert {row.look for row in found} == {0}
    assert [(row.components, row.program, row.owner) for row in found] == [
        (("RpcSs",), "svchost.exe", Owner.NAMED),
        (("Windows Push Notifications User Service_4a5b1",), "svchost.exe", Owner.NAMED),
        ((), "setup[1].exe", Owner.NAMED),
        ((), None, Owner.UNAVAILABLE),
        ((), "a.exe", Owner.NAMED),
    ]
    assert found[-1].state == "ESTABLISHED"


def test_looks_that_found_nothing_are_counted() -> None:
    found = sockets(2 * HEADING + ROWS + 3 * HEADING + ROWS + "^C\n")
    assert [row.look for row in found] == 5 * [1] + 5 * [4]


@pytest.mark.parametrize(("state", "listens"), [("LISTENING", True), ("ABHÖREN", True),
                                                ("BOUND", False), ("CLOSED", False)])  # fmt: skip
def test_what_has_no_other_end_need_not_listen(state: str, listens: bool) -> None:
    (row,) = sockets(f"{HEADING}  TCP    0.0.0.0:49670          0.0.0.0:0              {state}\n")
    assert (row.state, row.listening) == (state, listens)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("Thu Nov 26 10:00:00 UTC 2026", 10),
        ("Thu 26 Nov 2026 10:00:00 AM CET", 9),
        ("Thursday, November 26, 2026 10:00:00 PM", 21),
        ("Do 26. Nov 10:00:00 CET 2026", 9),
        ("jeu. 26 nov. 2026 10:00:00", 9),
        ("jue 26 nov 2026 10:00:00 CET", 9),
        ("Thu, 26 Nov 2026 10:00:00 +0200", 8),
        ("2026-11-26 10:00:00 -0130", 11.5),
        ("26.11.2026 10:00:00,00", 9),
    ],
)
def test_moments_with_names_of_months_and_zones(text: str, hour: float) -> None:
    given = Given("x.txt", NOON, timezone(timedelta(hours=1)))
    at = look_time(text, given)
    assert at == (datetime(2026, 11, 26, tzinfo=UTC).timestamp() + hour * 3600) * 1_000_000


@pytest.mark.parametrize(("text", "month"), [("mar. 3 mars 2026 10:00:00", 3),
                                             ("mer. 1 juil. 2026 10:00:00", 7),
                                             ("lun. 1 juin 2026 10:00:00", 6),
                                             ("Mi 1. Okt 10:00:00 UTC 2026", 10)])  # fmt: skip
def test_days_of_the_week_are_no_months(text: str, month: int) -> None:
    at = look_time(text, Given("x.txt", NOON, UTC))
    assert at is not None
    assert datetime.fromtimestamp(at / 1e6, UTC).month == month


@pytest.mark.parametrize("text", ["Active Connections", "  Proto 10:00:00", "10:00:00 Nov",
                                  "99 Nov 2026 10:00:00"])  # fmt: skip
def test_what_is_no_moment(text: str) -> None:
    assert look_time(text, Given("x.txt", NOON, UTC)) is None
