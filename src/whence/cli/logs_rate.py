"""``whence logs rate``: how many lines, and what of it is not as usual."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import get_args

import click

import whence.api.log_picture as log_picture  # and no more of the api: the rest is slow to import
import whence.api.log_rates as log_rates
from whence.analysis.log_baseline import Basis, Bucket, Judgement
from whence.analysis.log_rate import Measure, RateChange
from whence.cli.columns import lines, size
from whence.cli.log_chart import MARKS, chart
from whence.cli.log_clock_words import clock_words, steps_words
from whence.cli.say import Progress, safe
from whence.cli.source_zones import of_files, zone_option
from whence.cli.types import ANY_PATH, Duration, Moment
from whence.model import CannotStore, ecs
from whence.model.findings import Finding
from whence.model.flow_documents import time_text, without_empty
from whence.model.json_text import encode
from whence.model.plural import many
from whence.world.local_time import local_zone

SHOWN = timedelta(days=2)  # of the lake, if not said
ROWS = 26
COLD = {
    Basis.DAY: "less than a week is known: hours are compared with the same time of other days",
    Basis.RECENT: "less than a day is known: hours are compared with those before them",
    Basis.NOTHING: "too little is known to say what is usual",
}


@click.command(name="rate")
@click.argument("files", nargs=-1, type=ANY_PATH)
@click.option("--lake", type=ANY_PATH, help="The folder of another lake.")
@click.option(
    "--every", type=Duration(), default="1h", show_default=True,
    help="How long a bucket is: 5m, 10m, 15m, 30m or 1h.",
)  # fmt: skip
@click.option("--since", type=Moment(), help="Show what was received from this moment on.")
@click.option("--until", type=Moment(), help="… and before this one.")
@click.option(
    "--measure", type=click.Choice(get_args(Measure)), default="lines", show_default=True,
    help="What the chart shows.",
)  # fmt: skip
@click.option("--svg", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write the chart as a picture, too.")  # fmt: skip
@zone_option
@click.option("--all", "everything", is_flag=True, help=f"All rows, not only {ROWS}.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with ECS names.")
def command(
    files: tuple[Path, ...], lake: Path | None, every: timedelta, since: datetime | None,
    until: datetime | None, measure: Measure, svg: Path | None,
    zones: tuple[tuple[str, tzinfo], ...], everything: bool, as_json: bool,
) -> int:  # fmt: skip
    """Say how many log lines, events and bytes there are, and which hours are not as usual.

    Of FILES, or of the lake that `logs receive` and `logs load` fill; of the lake, the last two
    days are shown. Totals are compared with the same time of the week in up to four weeks before,
    at the level of the last day. Of sources is told what makes up a change, and who went quiet:
    a receiver that was stopped looks the same as silence.

    Times of files are corrected where the order of lines shows that a clock was wrong or was set.

    An event is what a line stands for: “message repeated 5 times” is five.
    """
    progress = Progress()
    try:
        judged = log_rates.judged_rates(
            files, every=every, since=since, until=until, folder=lake,
            zones=of_files(zones, files),
            hear=lambda count, read: progress.show(f"read {count:,} lines, {read / 1e6:,.0f} MB"),
        )  # fmt: skip
    finally:
        progress.clear()
    if judged is None:
        click.echo("whence: no line says its time", err=True)
        return 1
    begin = since if since or files else judged.rates.end - SHOWN
    shown = {
        name: [one for one in buckets if begin is None or one.begin + every > begin]
        for name, buckets in judged.totals.items()
    }
    findings = [one for one in judged.findings if begin is None or one.last > begin]
    zone = local_zone()
    if svg:
        _write_picture(svg, shown[measure], every, zone, measure, findings)
    if as_json:
        _show_json(shown, every, findings)
    else:
        _show(shown, every, findings, zone, measure, everything=everything)
    if judged.rates.without_time:
        click.echo(
            f"whence: {many(judged.rates.without_time, 'line says', 'lines say')} no time", err=True
        )
    wrong = judged.clocks
    of_clocks = [*steps_words(wrong.steps), *([clock_words(wrong.clock)] if wrong.clock else [])]
    for line in (*judged.left_out, *of_clocks, *judged.assumed):
        click.echo(f"whence: {safe(line)}", err=True)
    return 0 if shown["lines"] else 1


def _show(
    shown: dict[Measure, list[Bucket]],
    every: timedelta,
    findings: Sequence[Finding],
    zone: tzinfo,
    measure: Measure,
    *,
    everything: bool,
) -> None:
    if not shown["lines"]:
        print("no lines in this time")
        return
    for finding in findings:
        print(f"{finding.confidence:9} {safe(finding.sentence)}")
        for line in finding.evidence:
            print(f"            {safe(line)}")
    if not findings:
        print("Nothing unusual.")
    print()
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 80
    per = f"{measure} every {every.total_seconds() / 60:g} min"
    called = shown["lines"][-1].begin.astimezone(zone).tzname()
    print(f"{per}; · is usual; times below are {safe(called)}")
    for line in chart(shown[measure], every, width, zone, in_bytes=measure == "bytes"):
        print(line)
    print()
    _show_table(shown, zone, everything=everything)
    if note := COLD.get(shown["lines"][-1].basis):
        print(f"\n{note}")


def _show_table(shown: dict[Measure, list[Bucket]], zone: tzinfo, *, everything: bool) -> None:
    rows = []
    for one, events, of_bytes in zip(*shown.values(), strict=True):
        judgements = [bucket.judgement for bucket in (one, events, of_bytes)]
        mark = next((MARKS[judgement] for judgement in judgements if judgement in MARKS), "")
        known = one.judgement is not Judgement.UNJUDGED
        times = f"{one.value / one.expected:,.1f}" if known and one.expected else ""
        rows.append([
            f"{one.begin.astimezone(zone):%Y-%m-%d %H:%M}", f"{one.value:,.0f}",
            f"{one.expected:,.0f}" if known else "?", times, mark, f"{events.value:,.0f}",
            size(of_bytes.value),
        ])  # fmt: skip
    left = 0 if everything else max(0, len(rows) - ROWS)
    heads = ["begin", "lines", "usual", "×", "", "events", "bytes"]
    for line in lines(heads, rows[left:], "lrrrlrr"):
        print(line)
    if left:
        print(f"… and {left:,} before; --all shows them")


def _show_json(
    shown: dict[Measure, list[Bucket]], every: timedelta, findings: Sequence[Finding]
) -> None:
    for buckets in zip(*shown.values(), strict=True):
        own = {
            measure: without_empty(
                count=round(one.value), usual=round(one.expected, 1),
                threshold=round(one.threshold, 2), distance=round(one.distance, 2),
                basis=str(one.basis), judgement=str(one.judgement),
            )
            for measure, one in zip(shown, buckets, strict=True)
        }  # fmt: skip
        click.echo(encode({
            "@timestamp": time_text(buckets[0].begin),
            "event": {"kind": "metric", "start": time_text(buckets[0].begin),
                      "end": time_text(buckets[0].begin + every)},
            "whence": {"rate": own},
        }))  # fmt: skip
    for finding in findings:
        click.echo(ecs.encode({
            "@timestamp": time_text(finding.last),
            "event": {"kind": "alert", "action": finding.kind,
                      "start": time_text(finding.first), "end": time_text(finding.last)},
            "whence": without_empty(
                sentence=finding.sentence, confidence=str(finding.confidence),
                count=finding.count, evidence=list(finding.evidence),
                times_usual=finding.times if isinstance(finding, RateChange) else None,
            ),
        }))  # fmt: skip


def _write_picture(
    path: Path, shown: Sequence[Bucket], every: timedelta, zone: tzinfo, measure: Measure,
    findings: Sequence[Finding],
) -> None:  # fmt: skip
    text = log_picture.picture(
        shown, every, zone,
        title=f"Log {measure} every {every.total_seconds() / 60:g} minutes",
        unit=measure, notes=[finding.sentence for finding in findings],
    )  # fmt: skip
    try:
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as e:
        raise CannotStore(f"could not write {path}", because=e.strerror or os.fspath(path)) from e
