"""A wrong clock is told by the order of lines, and by nothing less."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from whence.analysis.log_clock import wrong_clock

NOW = datetime(2026, 11, 26, 8, 20, tzinfo=UTC)
Rows = list[tuple[str, datetime]]


def lines(behind: float, *, share: float = 0.9, pause: float = 0.2, count: int = 400) -> Rows:
    """Lines of a firewall and of others until now; its clock is so many seconds behind."""
    dice = random.Random(3)
    rows: Rows = []
    for number in range(count):
        at = NOW - timedelta(seconds=pause * (count - number))
        is_wall = dice.random() < share
        said = at - timedelta(seconds=behind) if is_wall else at
        rows.append(("fw" if is_wall else f"app{number % 3}", said))
    return rows


@pytest.mark.parametrize("behind", [312, -417, 45, -7200])
def test_the_clock_of_who_logs_most_is_wrong(behind: int) -> None:
    found = wrong_clock(lines(behind), NOW)
    assert found is not None
    assert found.host == "fw"
    assert abs(found.behind.total_seconds() - behind) <= 2


@pytest.mark.parametrize("behind", [0, 5, -20])
def test_a_few_seconds_are_no_wrong_clock(behind: int) -> None:
    assert wrong_clock(lines(behind), NOW) is None


def test_a_copy_of_an_old_file_tells_nothing() -> None:
    assert wrong_clock(lines(0), NOW + timedelta(minutes=40)) is None
    assert wrong_clock(lines(312), NOW + timedelta(minutes=40)) is None


def test_one_host_alone_tells_nothing() -> None:
    assert wrong_clock(lines(312, share=1), NOW) is None


def test_lines_that_are_far_between_tell_nothing() -> None:
    assert wrong_clock(lines(40, share=0.5, pause=600, count=60), NOW) is None


def test_if_all_others_are_wrong_it_is_not_the_busiest() -> None:
    others_behind = [
        (host, at if host == "fw" else at - timedelta(seconds=300)) for host, at in lines(0)
    ]
    assert wrong_clock(others_behind, NOW) is None


def test_no_lines() -> None:
    assert wrong_clock([], NOW) is None
