from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from whence.analysis.log_rate import Rates, Row, changes, growth, judged_totals, quiet, rates
from whence.model.facts import Confidence

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = 24


def rows(hours: int, skip: dict[str, range] | None = None, factor: float = 1.0) -> list[Row]:
    """Make hourly sums of three sources."""
    chance = random.Random(5)
    made = []
    for hour in range(hours):
        for host, rate in (("fw-a", 300), ("fw-b", 200), ("app07", 50)):
            if skip and hour in skip.get(host, range(0)):
                continue
            lines = round(chance.gauss(rate * factor**hour, rate / 15))
            made.append((MONDAY + hour * HOUR, host, lines, lines, lines * 120))
    return made


def known(made: list[Row], until: datetime | None = None) -> Rates:
    found = rates(made, HOUR, until=until)
    assert found
    return found


def test_no_lines_are_no_rates() -> None:
    assert rates([], HOUR) is None


def test_hours_without_lines_are_hours_too() -> None:
    made = known([(MONDAY, "a", 1, 2, 3), (MONDAY + 3 * HOUR, "b", 4, 5, 6)])
    assert made.totals == {"lines": [1, 0, 0, 4], "events": [2, 0, 0, 5], "bytes": [3, 0, 0, 6]}
    assert made.end == MONDAY + 4 * HOUR


def test_up_to_now_everything_is_silence() -> None:
    made = known([(MONDAY, "a", 1, 1, 1)], MONDAY + timedelta(hours=2, minutes=30))
    assert made.totals["lines"] == [1, 0, 0]
    assert known([(MONDAY, "a", 1, 1, 1)], MONDAY + 2 * HOUR).totals["lines"] == [1, 0]


def test_a_flood_is_told_once_with_its_source() -> None:
    at = 30 * DAY + 3
    made = rows(30 * DAY + 10)
    made += [(MONDAY + hour * HOUR, "fw-b", 5000, 5000, 600_000) for hour in range(at, at + 4)]
    found = known(made)
    [spike] = changes(found, judged_totals(found))
    assert spike.first == MONDAY + at * HOUR
    assert spike.last == MONDAY + (at + 4) * HOUR
    assert spike.times
    assert 9 < spike.times < 12
    assert spike.confidence is Confidence.LIKELY
    assert [*spike.sources] == ["fw-b"]
    assert spike.sentence.startswith("9.9 times the usual: 5,5")
    assert "5," in spike.evidence[1]


def test_on_the_first_day_sources_are_compared_with_what_is_known_of_them() -> None:
    made = rows(12)
    made += [(MONDAY + hour * HOUR, "app07", 2000, 2000, 240_000) for hour in (9, 10)]
    [spike] = changes(known(made), judged_totals(known(made)))
    [(now, usual)] = spike.sources.values()
    assert now > 2000
    assert 40 < usual < 60
    assert spike.evidence[1].startswith("app07: 2,0")


def test_repeated_events_in_few_lines_are_told() -> None:
    at = 30 * DAY
    made = rows(31 * DAY)
    made.append((MONDAY + at * HOUR, "fw-a", 1, 60_000, 120))
    found = known(made)
    [spike] = changes(found, judged_totals(found))
    assert (spike.measure, spike.direction) == ("events", "spike")


def test_silence_of_all_is_told_of_the_total_alone() -> None:
    found = known(rows(30 * DAY), MONDAY + (30 * DAY + 3) * HOUR)
    [silence] = changes(found, judged_totals(found))
    assert (silence.direction, silence.ongoing) == ("silence", True)
    assert silence.sentence.startswith("No lines at all")
    assert not [*quiet(found)]


def test_a_source_that_went_quiet_is_told_though_the_total_is_usual() -> None:
    end = 20 * DAY
    found = known(rows(end, {"app07": range(end - 5, end)}), MONDAY + end * HOUR)
    [source] = quiet(found)
    assert (source.host, source.silence) == ("app07", timedelta(hours=4))  # the last is not over
    assert source.first == MONDAY + (end - 5) * HOUR


def test_a_source_that_is_often_quiet_is_not_told() -> None:
    end = 20 * DAY
    made = rows(end, {"app07": range(0)})
    made = [row for row in made if row[1] != "app07" or row[0].hour < 12]
    assert not [*quiet(known(made, MONDAY + end * HOUR))]


def test_growth_from_week_to_week() -> None:
    found = known(rows(28 * DAY, factor=1.0008))
    grows = {one.measure: one.per_week for one in growth(found)}
    assert {*grows} == {"lines", "events", "bytes"}
    assert 1.1 < grows["lines"] < 1.2
    assert not [*growth(known(rows(28 * DAY)))]


def test_a_step_is_no_growth() -> None:
    made = [(moment, host, lines * (3 if moment >= MONDAY + timedelta(days=24) else 1), 1, 1)
            for moment, host, lines, _, _ in rows(28 * DAY)]  # fmt: skip
    assert not [one for one in growth(known(made)) if one.measure == "lines"]
