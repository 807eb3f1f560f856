"""``whence logs explain``: what makes the log so long."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import click

import whence.api.log_explaining as log_explaining  # and no more of the api: it is slow to import
from whence.analysis.log_changes import Change
from whence.analysis.log_explanation import before_words, whole_percents
from whence.cli.columns import lines, size
from whence.cli.log_clock_words import clock_words, steps_words
from whence.cli.say import Progress, safe
from whence.cli.source_zones import of_files, zone_option
from whence.cli.types import ANY_PATH, Moment
from whence.model.flow_documents import address_fields, time_text, without_empty
from whence.model.json_text import Document, encode
from whence.model.log_tables import ECS
from whence.model.plural import many

MOST_CAUSES = 3  # that are handed on to the forecast
LONGEST = 200  # characters of a line that is shown


class Window(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.3
    """A time: A..B, two moments; the second may be a time of the same day, or left out."""

    name = "window"

    def convert(
        self,
        value: str | log_explaining.Interval,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> log_explaining.Interval:
        """Read the text, or fail with the forms that are known."""
        if isinstance(value, log_explaining.Interval):
            return value
        first, dots, second = value.partition("..")
        if not dots:
            self.fail(f"“{value}” is no window: write A..B, as 03:00..05:00 of a day", param, ctx)
        begin: datetime = Moment().convert(first, param, ctx)
        if second.strip() and ":" in second and "-" not in second:
            second = f"{begin.astimezone():%Y-%m-%d} {second.strip()}"
        end = Moment().convert(second, param, ctx) if second.strip() else log_explaining.OPEN
        if end <= begin:
            self.fail(f"“{value}” ends before it begins", param, ctx)
        return log_explaining.Interval(begin, end)


@click.command(name="explain")
@click.argument("files", nargs=-1, type=ANY_PATH)
@click.option(
    "--window",
    type=Window(),
    metavar="A..B",
    help="Explain this time: “2026-08-17 03:00..05:00”. Else the most unusual one.",
)
@click.option(
    "--reference",
    "references",
    type=Window(),
    multiple=True,
    metavar="A..B",
    help="Compare with this time; may be given again. Else the same hours earlier.",
)
@click.option("--lake", type=ANY_PATH, help="The folder of another lake.")
@click.option(
    "--here",
    is_flag=True,
    help="The log is of this network: ask this machine's routes about the silent.",
)
@zone_option
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with ECS names.")
def command(
    files: tuple[Path, ...], window: log_explaining.Interval | None,
    references: tuple[log_explaining.Interval, ...], lake: Path | None, here: bool,
    zones: tuple[tuple[str, tzinfo], ...], as_json: bool,
) -> int:  # fmt: skip
    """Say what makes a log longer than usual, in shares that add up.

    Of FILES, or of the lake that `logs receive` and `logs load` fill. The time that is most unlike
    itself is found, to the second, and compared with the same hours of earlier weeks, else of
    earlier days, else with the time before. Events are counted: “repeated 5 times” is five.

    What was changed before is told if the log says so. It coincides; it need not be the cause.
    """
    progress = Progress()
    try:
        told = log_explaining.explain_logs(
            files, window=window, reference=references, folder=lake, here=here,
            zones=of_files(zones, files),
            hear=lambda count, read: progress.show(f"read {count:,} lines, {read / 1e6:,.0f} MB"),
        )  # fmt: skip
    finally:
        progress.clear()
    found = told.explanation
    if found is not None and found.found:
        if as_json:
            for document in _documents(found, told):
                click.echo(encode(document))
        else:
            for line in steps_words(told.steps):
                print(safe(line))
            _show(found)
            _show_where_to_go_on(told)
    elif as_json:
        if told.steps and told.whole:
            click.echo(encode(_document_of_clocks(told.whole, told.steps)))
    else:
        for line in steps_words(told.steps):
            print(safe(line))
        _show_nothing(told, given=window is not None)
    for line in (*told.left_out, *told.assumed):
        click.echo(f"whence: {safe(line)}", err=True)
    return 0 if found is not None and found.found else 1


def _show_nothing(told: log_explaining.Explained, *, given: bool) -> None:
    if told.whole is None:
        print(f"There is no line{' that says its time' if told.left_out else ''}.")
        return
    whole = f"{told.whole.begin:%Y-%m-%d %H:%M:%S} to {told.whole.end:%Y-%m-%d %H:%M:%S} UTC"
    print(f"Nothing stands out: {many(told.lines, 'line')}, {whole}.")
    if told.explanation is not None and (given or told.explanation.left_out_in):
        print(safe(told.explanation.sentence))
    if not given:
        print("Try --window “2026-08-17 03:00..05:00” for a time that you know of.")


def _show(found: log_explaining.Explanation) -> None:
    print(safe(found.sentence))
    print()
    if found.patterns:
        _table(found)
    for number, pattern in enumerate(found.patterns, start=1):
        print(f"{number}. {safe(pattern.label)}")
        _details(pattern)
    if found.decreases:
        print("fewer than usual:")
        for pattern in found.decreases:
            events = many(pattern.count, "event")
            events = many(pattern.count, "event")
            print(f"   {safe(pattern.label)}: {events}, {pattern.usual:,.0f} usual")
        print()
    if found.quiet:
        said = ", ".join(
            f"{safe(host)} ({now:,.0f} of {usual:,.0f})" for host, now, usual in found.quiet[:10]
        )
        more = f" and {len(found.quiet) - 10:,} more" if len(found.quiet) > 10 else ""
        print(f"gone quiet: {said}{more}\n")
    if found.changes:
        print("changed before (it coincides, and need not be the cause):")
        for line in lines(["", "", "", ""], [*map(_change_cells, found.changes)], "lrll"):
            if line:
                print(f"   {line}")
        print()
    print(_footer(found))


def _show_where_to_go_on(told: log_explaining.Explained) -> None:
    found = told.explanation
    assert found is not None
    if clock := told.clock:
        print(safe(clock_words(clock)))
    if began := told.began:
        going_on = f"whence changes --before '{began:%Y-%m-%d %H:%M:%S}Z'"
        print(f"→ {going_on}   # on each of these hosts: what was changed there before it began")
    if causes := [pattern for pattern in found.patterns if pattern.goes_on]:
        # Each is measured from its own first line to its last: together they may seem to be more.
        total = sum(pattern.bytes_per_hour for pattern in causes)
        most = found.bytes_per_hour * (1 - min(1.0, found.usual / found.now if found.now else 1.0))
        part = min(1.0, most / total) if total else 1.0
        given = " ".join(
            f"--cause {shlex.quote(f'{pattern.label}={pattern.bytes_per_hour * part:.0f}')}"
            for pattern in causes[:MOST_CAUSES]
        )
        going_on = f"whence logs forecast --rate {found.bytes_per_hour:.0f} {given}"
        print(f"→ {safe(going_on)}   # when is the disk full, with and without")


def _table(found: log_explaining.Explanation) -> None:
    compared = bool(found.reference.intervals)
    percents = whole_percents([*(pattern.share for pattern in found.patterns), found.rest])
    rows = []
    for number, (pattern, percent) in enumerate(
        zip(found.patterns, percents[:-1], strict=True), start=1
    ):
        until = "goes on" if pattern.goes_on else f"{pattern.last:%m-%d %H:%M:%S}"
        rows.append([
            f"{number}.", f"{percent} %", f"{pattern.count:,}",
            f"{pattern.usual:,.0f}" if compared else "", size(pattern.bytes_per_hour),
            f"{pattern.first:%m-%d %H:%M:%S}", until, pattern.label,
        ])  # fmt: skip
    if percents[-1]:
        rows.append(["", f"{percents[-1]} %", "", "", "", "", "", "the rest"])
    share = "share" if compared else "of all"
    heads = ["", share, "events", "usual" if compared else "", "log/h", "since", "until", ""]
    for line in lines(heads, rows, "rrrrrlll"):
        print(line)
    print()


def _details(pattern: log_explaining.LogPattern) -> None:
    for line in pattern.evidence:
        print(f"   {safe(line)}")
    for _, original in pattern.samples[:1]:
        shown = original if len(original) <= LONGEST else f"{original[:LONGEST]} …"
        print(f"   line: {safe(shown)}")
    if pattern.commands:
        print(f"   → {safe('; '.join(pattern.commands))}")
    print()


def _change_cells(change: Change) -> list[str]:
    near = "← the same host or address" if change.near else ""
    return [f"{change.time:%m-%d %H:%M:%S}", before_words(change),
            f"{change.host or '?'}: {change.words}", near]  # fmt: skip


def _footer(found: log_explaining.Explanation) -> str:
    begin, end = found.window.begin, found.window.end
    text = (
        f"{begin:%Y-%m-%d %H:%M:%S} to {end:%Y-%m-%d %H:%M:%S} UTC: "
        f"{many(round(found.now), 'event')}, "
    )
    if not found.reference.intervals:
        return f"{text}and nothing to compare them with"
    return f"{text}{found.usual:,.0f} usual; compared with {found.reference.words}"


def _documents(
    found: log_explaining.Explanation, told: log_explaining.Explained
) -> Iterator[Document]:
    clock = told.clock
    own = without_empty(
        sentence=found.sentence, events=round(found.now), usual=round(found.usual, 1),
        bytes_per_hour=round(found.bytes_per_hour),
        times_usual=round(found.now / found.usual, 2) if found.usual else None,
        rest=round(found.rest, 4), reference=found.reference.words,
        references=[{"start": time_text(each.begin), "end": time_text(each.end)}
                    for each in found.reference.intervals],
        clock=clock and {"host": clock.host, "seconds_behind": round(clock.behind.total_seconds())},
        **_clock_fields(told.steps),
        quiet=[{"host": host, "events": round(now), "usual": round(usual, 1)}
               for host, now, usual in found.quiet],
        changes=[without_empty(**{
            "@timestamp": time_text(change.time), "host": change.host, "what": change.words,
            "seconds_before": change.before.total_seconds(), "near": change.near,
            "original": change.original, "position": change.position,
        }) for change in found.changes],
    )  # fmt: skip
    yield {
        "@timestamp": time_text(found.window.end),
        "event": {"kind": "alert", "action": "log-explanation",
                  "start": time_text(found.window.begin), "end": time_text(found.window.end)},
        "whence": {"explanation": own},
    }  # fmt: skip
    for sign, patterns in ((1, found.patterns), (-1, found.decreases)):
        for rank, pattern in enumerate(patterns, start=1):
            yield _document(pattern, rank, sign)


def _document_of_clocks(
    whole: log_explaining.Interval, steps: Sequence[log_explaining.ClockStep]
) -> Document:
    """Write what there is to tell where nothing stands out."""
    return {
        "@timestamp": time_text(whole.end),
        "event": {"kind": "event", "action": "log-explanation",
                  "start": time_text(whole.begin), "end": time_text(whole.end)},
        "whence": {"explanation": without_empty(
            sentence="Nothing stands out.", **_clock_fields(steps))},
    }  # fmt: skip


def _clock_fields(steps: Sequence[log_explaining.ClockStep]) -> dict[str, list[Document]]:
    return {
        f"clocks_set_{way}": [
            without_empty(
                host=step.host, seconds=round(abs(step.back.total_seconds())),
                start=time_text(step.again.begin), end=time_text(step.again.end),
                lines_before=step.before, lines_after=step.after,
                corrected={
                    "start": time_text(step.said.begin), "end": time_text(step.said.end),
                    "seconds": -round(step.off.total_seconds()),
                },
            )
            for step in steps if (step.back < timedelta()) == (way == "forward")
        ]
        for way in ("back", "forward")
    }  # fmt: skip


def _document(pattern: log_explaining.LogPattern, rank: int, sign: int) -> Document:
    document: Document = {
        "@timestamp": time_text(pattern.last),
        "event": {"kind": "alert", "action": "log-increase" if sign > 0 else "log-decrease",
                  "start": time_text(pattern.first), "end": time_text(pattern.last)},
    }  # fmt: skip
    if pattern.source:
        document["source"] = address_fields(pattern.source)
    if pattern.destination:
        document["destination"] = address_fields(pattern.destination)
    if pattern.destination_port is not None:
        document.setdefault("destination", {})["port"] = pattern.destination_port
    for name in ("host", "program", "user"):
        values = pattern.attributes.get(name, ())
        if len(values) == 1:
            group, _, field = ECS[name].partition(".")
            document.setdefault(group, {})[field] = values[0]
    silent = pattern.silent
    document["whence"] = {
        "sentence": pattern.sentence,
        "confidence": str(pattern.confidence),
        "count": pattern.count,
        "evidence": list(pattern.evidence),
        "log_pattern": without_empty(
            rank=rank, label=pattern.label, share=round(pattern.share, 4),
            usual=round(pattern.usual, 1), goes_on=pattern.goes_on,
            bytes_per_hour=round(pattern.bytes_per_hour),
            attributes={name: list(values) for name, values in pattern.attributes.items()},
            made_of={name: [{"value": value, "share": round(share, 4)} for value, share in shares]
                     for name, shares in pattern.made_of.items()},
            attempts_without_answer=silent.attempts if silent else None,
            never_answered=list(silent.addresses) if silent else None,
            after=pattern.after and {
                "seconds": round(pattern.after.seconds), "late": round(pattern.after.late),
                "expected": round(pattern.after.expected, 1),
            },
            samples=[{"position": position, "original": original}
                     for position, original in pattern.samples],
            next=list(pattern.commands),
        ),
    }  # fmt: skip
    return document
