"""``whence TARGET``: the main job."""

from __future__ import annotations

import sys
from contextlib import closing, nullcontext
from datetime import datetime, timedelta

import click

from whence import api
from whence.cli.answer import as_document, show_answer
from whence.cli.notifying import Notifications, notify_option
from whence.cli.reading import Wanted, captures
from whence.cli.say import Progress, duration
from whence.cli.types import Duration, Moment
from whence.model import ecs


@click.command(name="explain")
@click.argument("target")
@click.option(
    "--wait", type=Duration(), help="If it is not seen, wait this long until it happens again."
)
@click.option("--since", type=Moment(), help="Look back no further: 2026-11-17, or 2h for ago.")
@click.option("--until", type=Moment(), help="Look at nothing later than this.")
@click.option("--online", is_flag=True, help="Allow questions that are heard outside.")
@click.option("--level", default="auto", help="Which sensor waits; see `whence doctor`.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with ECS field names.")
@click.option("--all", "everything", is_flag=True, help="Show every fact, not the lineage alone.")
@click.option(
    "--read",
    "files",
    multiple=True,
    metavar="FILE",
    help="Take a capture as evidence, too; may be given again.",
)
@notify_option
def command(
    target: str,
    wait: timedelta | None,
    since: datetime | None,
    until: datetime | None,
    online: bool,
    level: str,
    as_json: bool,
    everything: bool,
    files: tuple[str, ...],
    notify: tuple[str, ...],
) -> int:
    """Explain this traffic: who makes it, from which program, started by what.

    TARGET is an address, address:port, :port, a host name, a pid, a case, or - for a log line.
    """
    text = sys.stdin.readline() if target == "-" else target
    progress = Progress()

    def hear(event: api.Waiting | api.Outcome) -> None:
        if isinstance(event, api.Waiting):
            sensor = event.status.sensor if event.status else "the sensor, which is starting"
            progress.show(f"waiting for {text.strip()} with {sensor}, {duration(event.left)} left")
        else:
            progress.show(event.step.probe.question)

    reading = captures(Wanted(files, "", since, until)) if files else nullcontext()
    with (
        Notifications(notify) as tell,
        reading as traffic,
        closing(api.open_case(text, online=online, log_line=target == "-")) as case,
    ):
        try:
            span = api.Span(since, until)
            answer = api.explain(
                case, wait=wait, span=span, online=online, level=level, traffic=traffic, hear=hear
            )
        except KeyboardInterrupt:
            progress.clear()
            case.note_interrupted("the user ended it")
            click.echo(f"whence: interrupted; go on with: whence {case.id} --wait 1h", err=True)
            return 130
        finally:
            progress.clear()
        tell.announce(answer)
    if as_json:
        click.echo(ecs.encode(as_document(answer)))
    else:
        show_answer(answer, everything=everything, waited=wait)
    return 0 if answer.story.verdict != api.Verdict.INSUFFICIENT else 1
