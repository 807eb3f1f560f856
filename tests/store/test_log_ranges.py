from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from whence.store.log_ranges import Range, Segment, not_in, past, segment, that_count, to_merge

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ends = st.integers(0, 60)
ranges = st.tuples(ends, ends).filter(lambda span: span[0] < span[1])


def points(spans: list[Range]) -> list[int]:
    return [point for begin, end in spans for point in range(begin, end)]


@given(ranges, st.lists(ranges))
def test_what_is_left_of_a_range_is_what_no_other_has(span: Range, taken: list[Range]) -> None:
    left = not_in(span, taken)
    assert points(left) == sorted({*range(*span)} - {*points(taken)})
    assert all(begin < end for begin, end in left)
    assert all(a[1] < b[0] for a, b in pairwise(left))


@given(st.lists(ranges, unique=True))
def test_of_nested_segments_the_widest_counts(spans: list[Range]) -> None:
    counted, covered = that_count(segment(span, NOON, NOON) for span in spans)
    assert len(counted) + len(covered) == len(spans)
    chosen = [one.range for one in counted]
    assert {*points(chosen)} == {*points(spans)}
    assert all(any(c[0] <= a and b <= c[1] for c in chosen) for a, b in spans)
    assert not any(a != b and b[0] <= a[0] and a[1] <= b[1] for a in chosen for b in chosen)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 9), st.integers(1, 50)), max_size=40))
def test_only_segments_without_a_gap_are_merged(steps: list[tuple[int, int, int]]) -> None:
    sizes, at = [], 0
    for gap, length, size in steps:
        sizes.append((segment((at + gap, at + gap + length), NOON, NOON), size))
        at += gap + length
    merged = [*to_merge(sizes, 3, 40)]
    for run in merged:
        assert len(run) >= 3
        assert all(a.end == b.begin for a, b in pairwise(run))
        assert all(size < 40 for one, size in sizes if one in run)
    together = [one for run in merged for one in run]
    assert len({*together}) == len(together)


def test_what_was_merged_already_is_not_merged_again_for_a_little() -> None:
    large = (segment((0, 10), NOON, NOON), 1000)
    small = [(segment((10 + n, 11 + n), NOON, NOON), 10) for n in range(9)]
    [run] = to_merge([large, *small], 8, 1 << 20)
    assert large[0] not in run
    [run] = to_merge([large, *((one, 200) for one, _ in small)], 8, 1 << 20)
    assert large[0] in run


@given(
    st.integers(0, (1 << 64) - 1),
    st.integers(0, (1 << 64) - 1),
    st.none() | st.datetimes(datetime(1970, 1, 1), datetime(9998, 1, 1)),  # noqa: DTZ001
    st.sampled_from(["rows", "sums", "loudest"]),
)
def test_a_name_says_what_it_was_made_of(
    begin: int, end: int, moment: datetime | None, kind: str
) -> None:
    aware = moment and moment.replace(tzinfo=UTC)
    named = segment((begin, end), aware, aware, kind)  # type: ignore[arg-type]
    assert Segment.of(str(named)) == named


def test_other_names_are_none_of_the_lakes() -> None:
    right = str(segment((0, 1), NOON, NOON))
    assert Segment.of(right)
    for name in (
        "notes.txt", f".{right}", f"{right}.draft", right.replace("rows", "cols"),
        right.replace("20261124", "20260231"), right.replace("-", "_"), "",
    ):  # fmt: skip
        assert Segment.of(name) is None, name


def test_a_clock_that_jumped_ahead_for_a_day_drops_nothing() -> None:
    def of_day(number: int, day: date) -> Segment:
        moment = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
        return segment((number, number + 1), moment, moment)

    days = [date(2026, 11, 1) + timedelta(days=n) for n in range(10)]
    segments = [of_day(n, day) for n, day in enumerate(days)]
    segments.append(of_day(10, date(2036, 1, 1)))
    assert not past(segments, date(2036, 1, 1), timedelta(days=30))
    dropped = past(segments, date(2026, 11, 11), timedelta(days=3))
    assert [one.last and one.last.date() for one in dropped] == days[:5]
