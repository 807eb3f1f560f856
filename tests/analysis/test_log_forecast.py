from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whence.analysis.log_forecast import Cause, forecast
from whence.analysis.log_rotation import Cycle, Growth, Old, cycle_of, grown, since_rotation
from whence.model.log_room import FileSeen, Look, Room

NOW = datetime(2026, 11, 24, 22, 10, tzinfo=UTC)
DAY = timedelta(days=1)
G = 10**9


def room(free: int, free_inodes: int = 1000) -> Room:
    return Room("/var/log", 100 * G, free, 5 * G, 2000, free_inodes)


def look(at: datetime, *files: tuple[str, int, int, timedelta]) -> Look:
    """Make a look: name, inode, size, and how long ago the file was changed."""
    return Look(
        at, tuple(FileSeen(name, inode, size, at - ago) for name, inode, size, ago in files)
    )


def test_a_rate_and_its_causes() -> None:
    told = forecast(
        room(11 * G), Growth(2e9, "a watch"), [Cause("X", 1.9e9), Cause("Y", 0.05e9)], usual=0.1e9
    )
    assert told.now
    assert (told.now.left, told.now.words) == (timedelta(hours=5.5), "full in 5.5 h")
    said = [(one.label, one.left and one.left / timedelta(hours=1)) for one in told.without]
    assert [label for label, _ in said] == [
        "without X", "without Y", "without all of these", "at the usual rate"
    ]  # fmt: skip
    assert [hours for _, hours in said] == pytest.approx([110, 11 / 1.95, 220, 110])
    assert any("reserved" in line or "root alone" in line for line in told.assumed)


def test_what_does_not_grow_gets_no_date() -> None:
    for growth in (None, Growth(0.0, "the folder, which took 0 bytes more in 10 s")):
        told = forecast(room(G), growth)
        assert told.now is None
        assert told.assumed


def test_what_is_full_is_full_now() -> None:
    for growth in (None, Growth(1e6, "a watch")):
        told = forecast(room(0), growth)
        assert told.now
        assert told.now.words == "full now"


def test_a_cause_that_is_more_than_all_is_said() -> None:
    told = forecast(room(G), Growth(1e6, "a watch"), [Cause("X", 2e6)])
    assert told.without[0].words == "not full within two years"
    assert "causes make more" in told.assumed[-1]


def test_inodes_may_be_gone_first() -> None:
    told = forecast(room(50 * G, 600), Growth(1e6, "a watch", files_per_hour=100.0))
    assert told.inodes
    assert told.inodes.left == timedelta(hours=6)
    none_left = forecast(room(50 * G, 0), Growth(1e6, "a watch")).inodes
    assert none_left
    assert none_left.left == timedelta()


def test_rotation_and_compression_between_two_looks_are_no_growth() -> None:
    before = look(NOW, ("app.log", 1, 900, timedelta()), ("app.log.1", 2, 5000, DAY))
    after = look(
        NOW + timedelta(hours=1),
        ("app.log", 4, 100, timedelta()),  # new
        ("app.log.1", 1, 1000, timedelta(minutes=30)),  # 100 more, then it was renamed
        ("app.log.2.gz", 3, 400, timedelta(minutes=29)),  # made of number 2, which is gone
    )
    growth = grown(before, after)
    assert (growth.bytes_per_hour, growth.files_per_hour) == (200.0, 1.0)


def test_how_fast_it_grows_since_the_last_rotation() -> None:
    files = [("app.log", 1, 24_000_000, timedelta())]
    files += [(f"app.log.{n}", 1 + n, 3_000_000, n * DAY) for n in (1, 2, 3)]
    growth = since_rotation(look(NOW, *files))
    assert growth
    assert growth.bytes_per_hour == pytest.approx(1e6)
    assert growth.cycle
    assert (growth.cycle.period, growth.cycle.full, growth.cycle.share) == (DAY, True, 1.0)
    assert since_rotation(look(NOW, ("app.log", 1, 1000, timedelta()))) is None


def test_dates_in_names_are_rotation_too() -> None:
    seen = look(
        NOW,
        ("app.log", 1, 100, timedelta()),
        ("app.log-20261124.gz", 2, 10, DAY),
        ("app.log-20261117.gz", 3, 10, 8 * DAY),
        ("ssl-443", 4, 9999, timedelta()),
    )
    cycle = cycle_of(seen)
    assert cycle
    assert (cycle.name, cycle.period, cycle.full) == ("app.log", 7 * DAY, False)


def cycle(old: int, sizes: int, current: int = 0, share: float = 1.0) -> Cycle:
    kept = tuple(Old(sizes, packed=share < 1) for _ in range(old))
    return Cycle("app.log", DAY, timedelta(), True, share, current, kept)


def test_rotation_keeps_a_steady_rate_below() -> None:
    growth = Growth(1e6, "a watch", cycle=cycle(7, 24_000_000))
    told = forecast(room(30_000_000), growth)
    assert told.now
    assert told.now.levels_off


def test_rotation_does_not_help_against_a_flood() -> None:
    growth = Growth(1e7, "a watch", cycle=cycle(7, 24_000_000))
    told = forecast(room(1 * G), growth, [Cause("X", 9e6)])
    assert told.now
    assert told.now.left
    # 240 MB a day come and 24 MB go: 1 GB lasts 4 days and a part of the fifth.
    assert timedelta(days=4) < told.now.left < timedelta(days=5)
    assert told.without[0].levels_off


def test_compressed_generations_take_less() -> None:
    growth = Growth(1e7, "a watch", cycle=cycle(7, 24_000_000, share=0.1))
    told = forecast(room(1 * G), growth)
    assert told.now
    assert told.now.levels_off


@settings(max_examples=200)
@given(
    st.integers(0, 10**13), st.floats(0, 1e12), st.floats(0, 1e12), st.integers(2, 9),
    st.floats(0.01, 1), st.booleans(), st.integers(0, 10**10),
)  # fmt: skip
def test_less_is_never_full_sooner(
    free: int, rate: float, less: float, old: int, share: float, full: bool, size: int
) -> None:
    kept = tuple(Old(size, packed=False) for _ in range(old))
    turning = Cycle("app.log", DAY, timedelta(hours=3), full, share, size, kept)
    for one in (turning, None):
        told = forecast(room(free), Growth(rate, "a watch", cycle=one), [Cause("X", less)])
        if told.now is None or not told.without:
            continue
        never = timedelta.max
        assert (told.without[0].left or (never if free else timedelta())) >= (
            told.now.left or (never if told.now.left is None else timedelta())
        )
