"""A rate as a picture: SVG without scripts, to be put into a page or opened as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta, tzinfo
from html import escape

from whence.analysis.log_baseline import Bucket, Judgement
from whence.model.visible_text import visible

WIDTH, HEIGHT = 960, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 14, 44, 42
MOST_BARS = 800
_STYLE = """
svg { font: 12px system-ui, sans-serif; color-scheme: light dark; }
.ground { fill: #fff; } text { fill: #222; } .axis { stroke: #888; }
.bar { fill: #4477aa; } .high { fill: #cc3311; } .low { fill: #997700; }
.usual { fill: none; stroke: #222; stroke-dasharray: 4 3; }
@media (prefers-color-scheme: dark) {
  .ground { fill: #16181c; } text { fill: #ddd; } .axis { stroke: #777; }
  .bar { fill: #77aadd; } .high { fill: #ee8866; } .low { fill: #ddcc77; } .usual { stroke: #ddd; }
}"""


def picture(
    buckets: Sequence[Bucket],
    every: timedelta,
    zone: tzinfo,
    *,
    title: str,
    unit: str,
    notes: Sequence[str] = (),
) -> str:
    """Draw buckets as bars, what is usual as a dashed line, and mark what is not usual.

    What is more than usual is marked by a triangle that points up, what is less by one that
    points down: colour is not the only sign. Notes stand below, a line each.
    """
    bars = list(_bars(buckets))
    most = max([1.0, *(bar.value for bar in bars), *(bar.expected for bar in bars)])
    below = HEIGHT + 18 * len(notes)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {below}" role="img">',
        f"<title>{_text(title)}</title>",
        f"<desc>{_text(_described(buckets, unit))}</desc>",
        f"<style>{_STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{below}"/>',
        f'<text x="{_LEFT}" y="20" font-weight="600">{_text(title)}</text>',
        *_axes(bars, most, zone, unit),
        *_columns(bars, most, every, unit, zone),
        *(f'<text x="{_LEFT}" y="{HEIGHT + 12 + 18 * row}">{_text(note)}</text>'
          for row, note in enumerate(notes)),
        "</svg>\n",
    ]  # fmt: skip
    return "\n".join(parts)


def _bars(buckets: Sequence[Bucket]) -> Iterator[Bucket]:
    """Give the buckets; where there are too many, of those of a bar what is furthest off."""
    each = max(1, -(-len(buckets) // MOST_BARS))
    for at in range(0, len(buckets), each):
        yield max(
            buckets[at : at + each],
            key=lambda one: (one.judgement in (Judgement.HIGH, Judgement.LOW), abs(one.distance)),
        )


def _columns(
    bars: Sequence[Bucket], most: float, every: timedelta, unit: str, zone: tzinfo
) -> Iterator[str]:
    step = _step(bars)
    for number, bar in enumerate(bars):
        x, y = _LEFT + number * step, _y(bar.value, most)
        kind = {Judgement.HIGH: "high", Judgement.LOW: "low"}.get(bar.judgement, "bar")
        label = (
            f"{bar.begin.astimezone(zone):%Y-%m-%d %H:%M}, {every.total_seconds() / 60:g} min: "
            f"{bar.value:,.0f} {unit}, usual {bar.expected:,.0f}"
        )
        yield (
            f'<rect class="{kind}" x="{x:.2f}" y="{y:.2f}" width="{max(0.5, step * 0.9):.2f}" '
            f'height="{_y(0, most) - y:.2f}"><title>{_text(label)}</title></rect>'
        )
        if kind != "bar":
            middle, tip = x + step / 2, max(_TOP - 2, y - 10) if kind == "high" else y - 3
            foot = tip + 7 if kind == "high" else tip - 7
            yield (
                f'<path class="{kind}" d="M{middle:.2f} {tip:.2f}L{middle - 4:.2f} {foot:.2f}'
                f'L{middle + 4:.2f} {foot:.2f}Z"/>'
            )
    known = [(n, bar) for n, bar in enumerate(bars) if bar.judgement is not Judgement.UNJUDGED]
    if known:
        points = " ".join(
            f"{_LEFT + (n + 0.5) * step:.2f},{_y(bar.expected, most):.2f}" for n, bar in known
        )
        yield f'<polyline class="usual" points="{points}"/>'


def _axes(bars: Sequence[Bucket], most: float, zone: tzinfo, unit: str) -> Iterator[str]:
    floor, right = _y(0, most), WIDTH - _RIGHT
    yield f'<line class="axis" x1="{_LEFT}" y1="{floor}" x2="{right}" y2="{floor}"/>'
    for share in (0.0, 0.5, 1.0):
        y = _y(most * share, most) + 4
        yield f'<text x="{_LEFT - 6}" y="{y:.1f}" text-anchor="end">{most * share:,.0f}</text>'
    yield f'<text x="{_LEFT}" y="36">{_text(unit)}; dashed: usual</text>'
    step, written = _step(bars), -200.0
    for number, bar in enumerate(bars):
        moment = bar.begin.astimezone(zone)
        midnight = number and moment.date() != bars[number - 1].begin.astimezone(zone).date()
        x = _LEFT + number * step
        if (number == 0 or midnight) and x - written >= 76 and x < right - 60:
            yield f'<text x="{x:.1f}" y="{floor + 18}">{moment:%m-%d %H:%M}</text>'
            yield f'<line class="axis" x1="{x:.1f}" y1="{floor}" x2="{x:.1f}" y2="{floor + 5}"/>'
            written = x


def _step(bars: Sequence[Bucket]) -> float:
    return (WIDTH - _LEFT - _RIGHT) / max(1, len(bars))


def _y(value: float, most: float) -> float:
    return HEIGHT - _BOTTOM - value / most * (HEIGHT - _TOP - _BOTTOM)


def _described(buckets: Sequence[Bucket], unit: str) -> str:
    unusual = sum(one.judgement in (Judgement.HIGH, Judgement.LOW) for one in buckets)
    return f"{len(buckets)} buckets of {unit}, of which {unusual} are not as usual."


def _text(text: str) -> str:
    return escape(visible(text))
