"""Lines of devices without a clock, far from the time that a log is of."""

from datetime import UTC, datetime, timedelta

from whence.analysis._log_interval import Interval
from whence.analysis.log_body import Bucket, body, far_away_words

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
WEEK = [(MONDAY + n * HOUR, 100) for n in range(168)]
WHOLE = Interval(MONDAY, MONDAY + 168 * HOUR)


def january(lines: int) -> list[Bucket]:
    return [(datetime(2026, 1, 1, tzinfo=UTC), lines)]


def test_a_few_lines_of_january_are_not_of_a_week_in_march() -> None:
    assert body(january(15) + WEEK, HOUR) == WHOLE
    assert body([*WEEK, (datetime(2036, 2, 7, tzinfo=UTC), 2)], HOUR) == WHOLE


def test_many_lines_are_a_log_with_a_gap() -> None:
    assert body(january(5000) + WEEK, HOUR) is None


def test_weekends_and_holidays_are_gaps_that_logs_have() -> None:
    after = [(MONDAY + timedelta(days=11, hours=n), 1) for n in range(5)]
    assert body(WEEK + after, HOUR) is None
    assert body(january(3) + WEEK + after, HOUR) == Interval(MONDAY, after[-1][0] + HOUR)


def test_a_log_without_gaps_is_of_all_its_time() -> None:
    assert body(WEEK, HOUR) is None
    assert body([], HOUR) is None
    assert body([(MONDAY + timedelta(days=7 * n), 1) for n in range(9)], HOUR) is None


def test_what_is_left_out_is_said() -> None:
    assert far_away_words(15, ["ap5"], datetime(2026, 1, 1, 0, 0, 12, tzinfo=UTC)) == (
        "15 lines of ap5 say times far from all others, as 2026-01-01 00:00:12 UTC: a clock that "
        "was not set, or an older log; left out"
    )
