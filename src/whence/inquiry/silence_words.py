"""Whether it has ceased, in one sentence, and the figures below it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from whence.model import Confidence
from whence.model.plural import many
from whence.model.silence import Silence

UNITS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"))
FEW = 2  # contacts, below which nothing can be said of a rate


def statement(target: str, silence: Silence, again: str, *, done: bool) -> str:
    """Say it in one sentence: it is still there, it has ceased, or it is too early to say."""
    since = moment(silence.since)
    if again:
        return f"{target} goes on after the change of {since}: seen again {again}."
    watched = f"none in {span(silence.watched)} watched"
    if not silence.watched:
        return f"{target}: nobody watched since {since}, so that nothing can be said."
    if silence.contacts < FEW:
        said = f"{target} is silent since {since}: {watched}; "
        return said + "too little was seen before to say what was to be expected."
    came = f"{watched}, where {number(silence.expected)} were to be expected"
    if silence.confidence is Confidence.LIKELY:
        return f"{target} ceased after {since} (likely): {came}; {by_chance(silence.chance)}."
    ending = f"; {by_chance(silence.chance)}"
    if silence.confidence is Confidence.POSSIBLE:
        return f"{target} may have ceased after {since} (possible): {came}{ending}{_wait(silence)}."
    word = "silent" if done else "silent so far"
    return f"{target} is {word} since {since}: {came}{ending}, too early to say{_wait(silence)}."


def figures(silence: Silence) -> Iterator[tuple[str, str]]:
    """Give what it rests on: before, after, and what was not watched."""
    if silence.contacts:
        often = (
            f"every {span(silence.period)} ± {silence.jitter * 100:.0f} %" if silence.period else ""
        )
        if not often and silence.contacts >= FEW:
            mean = silence.watched_before / (silence.contacts - 1)
            often = f"one in {span(mean)} on average, at most {span(silence.longest)} apart"
        seen = many(silence.contacts, "contact")
        if silence.connections != silence.contacts:
            seen += f" ({many(silence.connections, 'connection')})"
        parts = [f"{seen} in {span(silence.watched_before)} watched" if often else seen, often]
        parts.append(f"the last {moment(silence.last)}" if silence.last else "")
        yield "before", ", ".join(filter(None, parts))
    else:
        yield "before", "nobody saw it"
    by = f" by {' and '.join(silence.sensors)}" if silence.sensors else ""
    yield "after", f"{span(silence.watched)} watched{by}, {many(silence.lost, 'sighting')} lost"
    if silence.not_watched >= 1:
        yield "not watched", f"{span(silence.not_watched)} after the change: nobody knows"
    if silence.contacts >= FEW:
        yield "expected", f"{number(silence.expected)}; {by_chance(silence.chance)}"
    if silence.confidence is not Confidence.LIKELY and silence.enough_at:
        yield "be sure", f"from {moment(silence.enough_at)} on, if it is watched until then"


def by_chance(chance: float) -> str:
    """Say how often so long a silence is chance."""
    if chance >= 0.01:
        return f"so long a silence is chance in {chance * 100:.0f} % of the cases"
    if chance < 1e-6:
        return "so long a silence is chance in less than 1 of 1,000,000 cases"
    return f"so long a silence is chance in 1 of {round(1 / chance):,} cases"


def span(seconds: float) -> str:
    """Write a time span as people say it, the two largest units."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    rest = round(seconds / 60) * 60.0
    parts: list[str] = []
    for unit, name in UNITS:
        count, rest = divmod(rest, unit)
        if count or parts:
            parts.append(f"{count:.0f} {name}")
    return " ".join(part for part in parts[:2] if not part.startswith("0 "))


def number(value: float) -> str:
    """Write a number of contacts: 0.3, 2.5, 24."""
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"


def moment(at: datetime) -> str:
    """Write a moment."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _wait(silence: Silence) -> str:
    if silence.enough_at is None or silence.enough_at <= silence.now:
        return ""
    return f"; to be sure, watch until {moment(silence.enough_at)}"
