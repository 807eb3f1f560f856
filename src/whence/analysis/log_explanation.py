"""One sentence that says what makes a log so long, and all that it rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from whence.analysis._log_combos import at_positions
from whence.analysis._log_course import ALWAYS_KEPT, After, Course, afterwards, courses, label_lines
from whence.analysis._log_interval import LATER, Interval, quoted
from whence.analysis._log_silence import (
    End,
    Silence,
    Spread,
    authenticity,
    silence,
    spread,
    who_called_whom,
)
from whence.analysis._log_window import Reference, extent, reference_of, unusual_window
from whence.analysis._log_words import (
    NEARLY_ALL,
    after_words,
    course_words,
    in_common,
    label,
    made_of_words,
    message_of,
    silence_words,
    sweep_words,
)
from whence.analysis._words import listed, number, span
from whence.analysis.log_changes import Change, changes
from whence.analysis.log_increase import Increase, Part, increase
from whence.analysis.log_summer_time import LeftOut, never_left_out
from whence.model.facts import Confidence
from whence.model.findings import Finding
from whence.model.plural import many

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Unreachable = Callable[[Sequence[str]], Mapping[str, str]]

ASKED = 5  # addresses without answer that this machine's routes are asked about
ALIKE = 12  # lines of a kind, of its begin and of its end, that are laid over one another
SAMPLES = 2  # lines of each pattern that are shown
NEAR = timedelta(hours=1)  # before the onset: a change on the same host coincides
ANYWHERE = timedelta(minutes=10)  # … and one on any other host
COINCIDING = 2  # changes that the sentence names
SHORTEST = 10 / 3600  # hours that a rate is taken from, at least
TOGETHER = 3  # addresses that one source calls, each of which is asked about
SOME = 0.01  # of a part that has other addresses than those that are told
UNTOLD = "; a clock that was set forward looks the same, and only another log can tell"
STRIKING = 0.02  # of the increase: what has less is in the table, not in the sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPattern(Finding):
    """Lines of a log that became more, or fewer, and what they have in common."""

    kind: ClassVar[str] = "log-pattern"
    label: str  # what it is, in one phrase
    share: float  # of the whole increase, or decrease
    usual: float  # events that the reference leads to expect
    attributes: Mapping[str, tuple[str, ...]]
    made_of: Mapping[str, tuple[tuple[str, float], ...]]
    goes_on: bool | None  # until the end of the log; None: not known
    bytes_per_hour: float  # of log, as long as it lasts
    samples: tuple[tuple[int, str], ...]  # position and line
    silent: Silence | None = None
    commands: tuple[str, ...] = ()  # to go on with
    after: After | None = None  # since it ended


@dataclass(frozen=True, slots=True)
class Explanation:
    """What makes the lines of a window more, or fewer, than usual."""

    sentence: str
    window: Interval
    reference: Reference
    now: float
    usual: float
    bytes_per_hour: float  # of log, in the window
    patterns: tuple[LogPattern, ...]  # that became more, the largest first
    decreases: tuple[LogPattern, ...]
    rest: float  # share of the increase that no pattern explains
    quiet: tuple[tuple[str, float, float], ...]  # hosts: events, and usual ones
    changes: tuple[Change, ...]
    left_out_in: str | None = None  # a zone whose clocks leave the window out: it is no silence

    @property
    def found(self) -> bool:
        """Say whether anything was found to tell."""
        return bool(self.patterns or self.decreases)


def explanation(
    tables: DuckDBPyConnection,
    window: Interval | None = None,
    reference: Sequence[Interval] | None = None,
    whole: Interval | None = None,
    unreachable: Unreachable | None = None,
    left_out: LeftOut = never_left_out,
) -> Explanation | None:
    """Explain ``logs`` in a window, or in the time that is most unusual; None where none is.

    ``whole`` is from when to when the log has lines, where ``logs`` holds only a part of it;
    ``unreachable`` says, of addresses, why this machine cannot reach them; ``left_out`` where
    clocks left out a time in which there was no line.
    """
    whole = whole or extent(tables)
    if whole is None:
        return None
    window = window or unusual_window(tables, whole)
    if window is None:
        return None
    compared = (
        Reference(tuple(reference), "the time given")
        if reference
        else reference_of(tables, window, whole)
    )
    told = increase(tables, window, compared.intervals)
    if not told.now and (zone := left_out(window.begin, window.end)):
        sentence = _not_on_the_wall(told, zone)
        return Explanation(
            sentence, window, compared, told.now, told.usual, 0.0, (), (), 0.0, (), (), zone
        )
    parts = (*told.more, *told.less)
    if parts:
        label_lines(tables, parts, window)
    found = courses(tables, told.more, window, whole.end) if told.more else []
    happened = _onset(told, found)
    until = min(whole.end, window.end + LATER)
    changed = tuple(changes(tables, happened, told.more))
    sizes = _sizes(tables, parts)
    alike = _alike(tables, told.more, window)
    shown = [positions for _, positions in sizes]
    lines = _lines(tables, [each for some in (*shown, *alike.values()) for each in some])
    wordings = _wordings(alike, lines)
    samples = [_samples(positions, lines) for positions in shown]
    asked = who_called_whom(tables, told.more, window) if told.more else []
    patterns = tuple(
        _pattern(
            tables, part, course, told, compared, sizes[number][0], samples[number],
            asked[number], wordings, unreachable, until,
        )
        for number, (part, course) in enumerate(zip(told.more, found, strict=True))
    )  # fmt: skip
    fallen = tuple(
        _fallen(part, told, compared, sizes[number][0], samples[number])
        for number, part in enumerate(told.less, len(patterns))
    )
    goes_on = window.end >= whole.end or any(pattern.goes_on for pattern in patterns)
    return Explanation(
        _sentence(told, patterns, fallen, compared, happened, changed, goes_on),
        window,
        compared,
        told.now,
        told.usual,
        _bytes_per_hour(tables, window),
        patterns,
        fallen,
        told.rest,
        told.quiet,
        changed,
    )


def _onset(told: Increase, found: Sequence[Course | None]) -> datetime:
    """Say when the largest part began: the window may have been given roughly."""
    first = found[0] if found else None
    return first.onset if first else told.window.begin


def _bytes_per_hour(tables: DuckDBPyConnection, window: Interval) -> float:
    [(size,)] = tables.execute(
        f"SELECT coalesce(sum(size), 0)::DOUBLE FROM logs WHERE {window.sql()}"
    ).fetchall()
    return float(size) / max(window.length.total_seconds() / 3600, SHORTEST)


def _sizes(tables: DuckDBPyConnection, parts: Sequence[Part]) -> list[tuple[float, Sequence[int]]]:
    """Give, of each part, its bytes in the window, and where some of its lines are."""
    if not parts:
        return []
    rows = tables.execute(
        f"""SELECT part, sum(bytes), list_concat(min(first, {SAMPLES}), min(kept, {SAMPLES}))
        FROM log_parts WHERE inside GROUP BY part"""
    ).fetchall()
    known = {part: (size or 0.0, positions or ()) for part, size, positions in rows}
    return [known.get(n, (0.0, ())) for n in range(len(parts))]


def _samples(positions: Sequence[int], lines: Mapping[int, str]) -> tuple[tuple[int, str], ...]:
    """Give a few of the lines at these positions, the first ones that were kept."""
    found = sorted({each for each in positions if each in lines})
    return tuple((each, lines[each]) for each in found[:SAMPLES])


def _lines(tables: DuckDBPyConnection, positions: Sequence[int]) -> dict[int, str]:
    """Give the lines at these positions, as far as they are kept."""
    if not positions:
        return {}
    there = at_positions([(position,) for position in set(positions)])
    rows = tables.execute(
        f'SELECT "position", any_value(original) FROM logs WHERE {there} GROUP BY 1'
    ).fetchall()
    return {position: line for position, line in rows if line is not None}


def _alike(
    tables: DuckDBPyConnection, parts: Sequence[Part], window: Interval
) -> dict[str, Sequence[int]]:
    """Say where lines are of each kind that has no id of a vendor, of the first and of the last."""
    kinds = {kind for part in parts for kind in part.attributes.get("template", ())}
    kinds |= {kind for part in parts for kind, _ in part.made_of.get("template", ())}
    unnamed = sorted(kind for kind in kinds if ":" not in kind)
    if not unnamed:
        return {}
    rows = tables.execute(
        f"""SELECT coalesce(template, code) AS kind, list_concat(
            min("position", {ALIKE}), max("position", {ALIKE}),
            min("position", {ALIKE}) FILTER ({ALWAYS_KEPT}),
            max("position", {ALIKE}) FILTER ({ALWAYS_KEPT}))
        FROM logs WHERE {window.sql()} AND kind IN ({", ".join(map(quoted, unnamed))}) GROUP BY 1"""
    ).fetchall()
    return dict(rows)


def _wordings(alike: Mapping[str, Sequence[int]], lines: Mapping[int, str]) -> dict[str, str]:
    """Give what the lines of each kind have in common."""
    found = {
        kind: [message_of(lines[each]) for each in positions if each in lines]
        for kind, positions in alike.items()
    }
    return {kind: in_common(said) for kind, said in found.items() if said}


def _pattern(
    tables: DuckDBPyConnection,
    part: Part,
    course: Course | None,
    told: Increase,
    compared: Reference,
    size: float,
    samples: tuple[tuple[int, str], ...],
    asked: Mapping[str, End],
    wordings: Mapping[str, str],
    unreachable: Unreachable | None,
    until: datetime,
) -> LogPattern:
    ends = spread(tables, part)
    called = asked.get("destination") if ends.destinations else None
    silent = silence(tables, called) if called else None
    text = label(part, ends, wordings)
    evidence = [
        course_words(part, course, compared.words if compared.intervals else ""),
        *made_of_words(part, wordings),
    ]
    after = afterwards(tables, part, course, until)
    if after:
        evidence.insert(1, after_words(after))
    if silent:
        evidence.append(_silence_words(silent))
        known = unreachable(silent.addresses[:ASKED]) if unreachable else {}
        evidence += [f"this machine has {why} for {address}" for address, why in known.items()]
    elif swept := sweep_words(ends):
        evidence.append(swept)
    if true := authenticity(tables, part, ends, asked.get("source")):
        evidence.append(true)
    first = course.onset if course else told.window.begin
    last = course.last if course else told.window.end
    hours = max(((last - first).total_seconds() + 1) / 3600, SHORTEST)
    return LogPattern(
        sentence=f"{_share(part.share)} of the increase is {text}"
        + (f" ({silent.words})" if silent else "") + ".",
        confidence=Confidence.CERTAIN,
        first=first,
        last=last,
        count=round(part.now),
        source=_only(part, "source"),
        destination=_only(part, "destination"),
        destination_port=_port(part),
        evidence=tuple(evidence),
        label=text,
        share=part.share,
        usual=part.usual,
        attributes=part.attributes,
        made_of=part.made_of,
        goes_on=course.goes_on if course else None,
        bytes_per_hour=size / hours,
        samples=samples,
        silent=silent,
        commands=tuple(_commands(part)),
        after=after,
    )  # fmt: skip


def _fallen(
    part: Part,
    told: Increase,
    compared: Reference,
    size: float,
    samples: tuple[tuple[int, str], ...],
) -> LogPattern:
    text = label(part, Spread(0, 0, 0, ()), {})
    return LogPattern(
        sentence=f"{_share(part.share)} of the decrease is {text}.",
        confidence=Confidence.CERTAIN,
        first=told.window.begin,
        last=told.window.end,
        count=round(part.now),
        source=_only(part, "source"),
        destination=_only(part, "destination"),
        destination_port=_port(part),
        evidence=(course_words(part, None, compared.words),),
        label=text,
        share=part.share,
        usual=part.usual,
        attributes=part.attributes,
        made_of=part.made_of,
        goes_on=None,
        bytes_per_hour=size / max(told.window.length.total_seconds() / 3600, SHORTEST),
        samples=samples,
    )


def _silence_words(silent: Silence) -> str:
    where = "private addresses that are" if silent.private else "they are"
    return (
        f"{silent.words}: {where} never the source of a line, and no connection to them ever had "
        "a byte; whether they exist, a log cannot say"
    )


def _only(part: Part, name: str) -> str | None:
    values = part.attributes.get(name, ())
    return values[0] if len(values) == 1 else None


def _port(part: Part) -> int | None:
    text = _only(part, "destination_port")
    return int(text) if text and text.isdigit() and int(text) < 1 << 16 else None


def _commands(part: Part) -> list[str]:
    """Name what goes on from here: with the largest source, and with what it calls.

    Each address of a few may be configured in a place of its own; of many, one is enough.
    """
    sources = part.attributes.get("source") or [v for v, _ in part.made_of.get("source", ())]
    called = part.attributes.get("destination") or [
        value for value, _ in part.made_of.get("destination", ())
    ]
    told = sum(share for _, share in part.made_of.get("destination", ()))
    every = "destination" in part.attributes or told > 1 - SOME
    commands = [f"whence {source}" for source in sources[:1]]
    port = _port(part)
    for address in called if every and len(called) <= TOGETHER else called[:1]:
        end = f"[{address}]" if ":" in address else address
        commands.append(f"whence {end}:{port}" if port else f"whence {end}")
    return commands


def _share(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "<1 %"


def whole_percents(shares: Sequence[float]) -> list[int]:
    """Round shares to whole per cents so that they still add up (largest remainder method)."""
    above = [max(0.0, share) for share in shares]
    total = sum(above)
    if not total:
        return [0] * len(above)
    exact = [100 * share / total for share in above]
    rounded = [int(value) for value in exact]
    order = sorted(range(len(exact)), key=lambda n: rounded[n] - exact[n])
    for position in order[: 100 - sum(rounded)]:
        rounded[position] += 1
    return rounded


def _sentence(
    told: Increase,
    patterns: Sequence[LogPattern],
    fallen: Sequence[LogPattern],
    compared: Reference,
    happened: datetime,
    changed: Sequence[Change],
    goes_on: bool,
) -> str:
    begin = f"{happened:%Y-%m-%d %H:%M:%S} UTC"
    since = f"Since {begin} the log has" if goes_on else (
        f"From {begin} to {told.window.end:%H:%M:%S} the log had"
    )  # fmt: skip
    if not compared.intervals:
        since = (
            "There is nothing to compare with: the log begins with it. "
            f"Of {many(round(told.now), 'line')}"
        )
        if not patterns:
            return f"{since}, no kind stands out."
        return f"{since} {_listing([p.share for p in patterns], patterns, told.rest, 'are')}."
    if not told.usual:
        times = f"{many(round(told.now), 'line')} where none are usual"
    elif told.now:
        times = f"{number(round(told.now / told.usual, 1))} times its usual lines"
    else:
        times = f"no line where {number(round(told.usual))} are usual"
    if told.gross <= 0 or not patterns:
        if silent := _gone_quiet(told):
            return f"{since} {times}: {silent}{'' if told.now else UNTOLD}."
        if not fallen:
            return f"{since} {times}, and no pattern explains it{'' if told.now else UNTOLD}."
        shares = [each.share for each in fallen]
        text = _listing(shares, fallen, 1 - sum(shares), "of the decrease is")
        return f"{since} {times}: {text}{'' if told.now else UNTOLD}."
    said = _listing([p.share for p in patterns], patterns, told.rest, "of the increase is")
    return f"{since} {times}: {said}{_coinciding(changed)}{_since_then(patterns, goes_on)}."


def _not_on_the_wall(told: Increase, zone: str) -> str:
    return (
        f"From {told.window.begin:%Y-%m-%d %H:%M:%S} UTC to {told.window.end:%H:%M:%S} the log had "
        f"no line where {number(round(told.usual))} are usual: where summer time begins, as in "
        f"{zone}, clocks leave this hour out. The lines say no zone: if they are of there, nothing "
        f"is missing, and --zone {zone} reads them so."
    )


def _gone_quiet(told: Increase) -> str:
    """Name the hosts that log hardly anything any more, if that is what the decrease is."""
    lost = sum(usual - now for _, now, usual in told.quiet)
    if not told.quiet or lost < NEARLY_ALL * (told.usual - told.now):
        return ""
    hosts = [host for host, _, _ in told.quiet]
    [percent, _] = whole_percents([lost, max(0.0, told.usual - told.now - lost)])
    left = number(sum(now for _, now, _ in told.quiet))
    usual = number(round(sum(usual for _, _, usual in told.quiet)))
    return (
        f"{percent} % of the decrease is {listed(hosts)}, "
        f"which {'have' if hosts[1:] else 'has'} gone quiet ({left} lines, {usual} usual)"
    )


def _since_then(patterns: Sequence[LogPattern], goes_on: bool) -> str:
    """Say what came since all of it ended."""
    found = [pattern.after for pattern in patterns if pattern.after]
    if goes_on or not found:
        return ""
    latest = min(found, key=lambda after: after.seconds)
    expected = sum(after.expected / after.seconds for after in found) * latest.seconds
    return f"; it has ended: {silence_words(replace(latest, expected=expected))}"


def _listing(
    shares: Sequence[float], patterns: Sequence[LogPattern], rest: float, verb: str
) -> str:
    percents = whole_percents([*shares, rest])
    said: list[str] = []
    mixed = any(pattern.goes_on for pattern in patterns)
    left = percents[-1]
    for percent, share, pattern in zip(percents[:-1], shares, patterns, strict=True):
        if share < STRIKING and said:
            left += percent
            continue
        own = f" ({pattern.silent.words})" if pattern.silent else ""
        joined = f" {verb}" if not said else ""
        ended = f" (ended {pattern.last:%H:%M:%S})" if mixed and pattern.goes_on is False else ""
        said.append(f"{percent} %{joined} {pattern.label}{own}{ended}")
    if left >= 1:
        said.append(f"{left} % the rest")
    return ", ".join(said)


def _coinciding(changed: Sequence[Change]) -> str:
    near = [
        change for change in changed if abs(change.before) <= (NEAR if change.near else ANYWHERE)
    ]
    near.sort(key=lambda change: (abs(change.before), change.position))
    if not near:
        return ""
    said = [
        f"{change.host or 'a host'}: {change.words} ({before_words(change)})"
        for change in near[:COINCIDING]
    ]
    return f"; coincides with {' and '.join(said)}"


def before_words(change: Change) -> str:
    """Say how long before the onset a change was."""
    seconds = change.before.total_seconds()
    return f"{span(round(seconds))} before" if seconds >= 0 else f"{span(round(-seconds))} after"
