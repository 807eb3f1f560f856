from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from whence.analysis.log_baseline import judged
from whence.api.log_picture import MOST_BARS, picture

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
SVG = "{http://www.w3.org/2000/svg}"
EVENT = [100.0] * 500 + [900.0, 0.0]


def drawn(values: list[float], title: str = "Log lines", notes: tuple[str, ...] = ()) -> str:
    return picture(judged(values, MONDAY, HOUR), HOUR, UTC, title=title, unit="lines", notes=notes)


def test_a_bar_for_each_bucket_and_marks_that_are_no_colour() -> None:
    root = ElementTree.fromstring(drawn(EVENT))
    bars = [one for one in root.iter(f"{SVG}rect") if one.get("class") != "ground"]
    assert len(bars) == len(EVENT)
    assert [one.get("class") for one in bars[-2:]] == ["high", "low"]
    assert [one.get("class") for one in root.iter(f"{SVG}path")] == ["high", "low"]
    label = bars[-2].find(f"{SVG}title")
    assert label is not None
    assert label.text == "2026-03-22 20:00, 60 min: 900 lines, usual 100"


def test_more_buckets_than_bars_keep_what_is_unusual() -> None:
    values = [100.0] * 5000
    values[4321] = 5000.0
    root = ElementTree.fromstring(drawn(values))
    bars = [one.get("class") for one in root.iter(f"{SVG}rect")]
    assert len(bars) <= MOST_BARS + 1
    assert "high" in bars


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=40), st.lists(st.text(max_size=40), max_size=3))
def test_any_text_is_only_text(title: str, notes: list[str]) -> None:
    hostile = title + "</title><script>alert(1)</script>\x1b[2J\u202e\u061c&amp;\ud800\x00"
    text = drawn(EVENT[-30:], hostile, (*notes, hostile))
    text.encode()
    root = ElementTree.fromstring(text)
    assert "<script" not in text
    assert not {"\x1b", "\u202e", "\u061c", "\x00"} & {*text}
    names = {one.tag.removeprefix(SVG) for one in root.iter()}
    assert names <= {"svg", "title", "desc", "style", "rect", "text", "line", "path", "polyline"}
    assert not [key for one in root.iter() for key in one.keys() if key.startswith("on")]  # noqa: SIM118


def test_nothing_to_draw() -> None:
    assert ElementTree.fromstring(drawn([])).tag == f"{SVG}svg"
