"""``whence TARGET``: the main job."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, closing, nullcontext
from datetime import datetime, timedelta
from pathlib import Path

import click

from whence import api
from whence.cli.answer import give
from whence.cli.interface_option import interface_option
from whence.cli.notifying import Notifications, notify_options
from whence.cli.on import asked_about, on_options
from whence.cli.reach import reach_options
from whence.cli.say import Progress, duration
from whence.cli.types import Duration, Level, Moment
from whence.model.declare import Reach
from whence.world import utc_now
from whence.world.ssh_shell import SshLogin


@click.command(name="explain")
@click.argument("target")
@click.option(
    "--wait", type=Duration(), help="If it is not seen, wait this long until it happens again."
)
@click.option("--since", type=Moment(), help="Look back no further: 2026-11-17, or 2h for ago.")
@click.option("--until", type=Moment(), help="Look at nothing later than this.")
@reach_options(Reach.LOCAL_NET, Reach.DEVICE, Reach.REMOTE, Reach.OTHER_END)
@click.option(
    "--level", default="auto", type=Level(), help="Which sensor waits; see `whence doctor`."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with ECS field names.")
@click.option("--all", "everything", is_flag=True, help="Show every fact, not the lineage alone.")
@click.option(
    "--read",
    "files",
    multiple=True,
    metavar="FILE",
    help="Take a capture as evidence, too; may be given again.",
)
@click.option(
    "--until-silent",
    "quiet",
    type=Duration(),
    help="After a change: watch whether it has ceased, so long from the change on.",
)
@click.option("--after", type=Moment(), help="When the change was made; without it, now.")
@click.option(
    "--grace",
    type=Duration(),
    default="1m",
    show_default=True,
    help="How long after the change what ran already may take to end.",
)
@interface_option(
    "With --until-silent: count the packets of this interface, of what only passes it, too."
)
@on_options
@notify_options
def command(
    target: str,
    wait: timedelta | None,
    since: datetime | None,
    until: datetime | None,
    reach: Reach,
    level: str,
    as_json: bool,
    everything: bool,
    files: tuple[str, ...],
    quiet: timedelta | None,
    after: datetime | None,
    grace: timedelta,
    interfaces: tuple[str, ...],
    on: SshLogin | None,
    notify: tuple[str, ...],
    notify_ca: Path | None,
) -> int:
    """Explain this traffic: who makes it, from which program, started by what.

    TARGET is an address, address:port, :port, a host name, a pid, a neighbour's MAC address, a
    case, or - for a log line.
    """
    _check_span(since, until, wait)
    if on and quiet is not None:
        raise click.UsageError(
            "--until-silent watches the machine that whence runs on: leave out --on"
        )
    _check_silence(quiet, after, wait)
    if interfaces and quiet is None:
        raise click.UsageError("-i goes with --until-silent: whence live -i IF shows what passes")
    text = _log_line() if target == "-" else target
    progress = Progress()

    def hear(event: api.Waiting | api.Outcome) -> None:
        if isinstance(event, api.Waiting):
            sensor = event.status.sensor if event.status else "the sensor, which is starting"
            progress.show(f"waiting for {text.strip()} with {sensor}, {duration(event.left)} left")
        else:
            progress.show(event.step.probe.question)

    reading: AbstractContextManager[api.Traffic | None] = nullcontext()
    if files:
        from whence.cli.reading import Wanted, captures  # not before: it is slow to import

        reading = captures(Wanted(files, "", since, until))
    with (
        Notifications(notify, notify_ca) as tell,
        reading as traffic,
        asked_about(on) as machine,
        closing(
            api.open_case(text, online=reach >= Reach.REMOTE, log_line=target == "-", on=machine)
        ) as case,
    ):
        try:
            if quiet is not None and interfaces:
                return _silence_on(case, interfaces, quiet, after, grace, as_json=as_json)
            if quiet is not None and case.verdict() is not None:
                return _silence(case, quiet, after, grace, level, as_json=as_json)
            span = api.Span(since, until)
            if reach is Reach.OTHER_END:
                from whence.cli.remote import warn_of_touch  # not before, as above

                warn_of_touch(case.subject)
            answer = api.explain(
                case,
                wait=wait,
                span=span,
                reach=reach,
                level=level,
                traffic=traffic,
                on=machine,
                hear=hear,
            )
        except KeyboardInterrupt:
            progress.clear()
            case.note_interrupted("the user ended it")
            click.echo(f"whence: interrupted; go on with: whence {case.id} --wait 1h", err=True)
            return 130
        finally:
            progress.clear()
        tell.announce(answer)
        if quiet is not None:
            return _silence(case, quiet, after, grace, level, as_json=as_json)
    return give(answer, as_json=as_json, everything=everything, waited=wait)


def _silence(
    case: api.CaseFile,
    quiet: timedelta,
    after: datetime | None,
    grace: timedelta,
    level: str,
    *,
    as_json: bool,
) -> int:
    from whence.cli.silence import watch_for_silence  # not before: few ask for it

    return watch_for_silence(case, quiet, after=after, grace=grace, level=level, as_json=as_json)


def _silence_on(
    case: api.CaseFile,
    interfaces: tuple[str, ...],
    quiet: timedelta,
    after: datetime | None,
    grace: timedelta,
    *,
    as_json: bool,
) -> int:
    from whence.cli.packet_silence import watch_packets_for_silence  # not before, as above

    return watch_packets_for_silence(
        case, interfaces, quiet, after=after, grace=grace, as_json=as_json
    )


def _log_line() -> str:
    """Read the first line that says something."""
    lines = sys.stdin or ()  # None where it is closed
    return next((line for line in lines if line.strip()), "")


def _check_silence(quiet: timedelta | None, after: datetime | None, wait: timedelta | None) -> None:
    if quiet is None and after is not None:
        raise click.UsageError("--after needs --until-silent: it says when a change was made")
    if quiet is not None and wait is not None:
        raise click.UsageError("--wait waits until it comes, and --until-silent that it does not")
    if quiet is not None and quiet <= timedelta():
        raise click.UsageError("--until-silent needs a time span, such as 24h")
    if after is not None and after > utc_now():
        raise click.UsageError("--after is in the future: a change is made before one watches")


def _check_span(since: datetime | None, until: datetime | None, wait: timedelta | None) -> None:
    if since and since > utc_now():
        raise click.UsageError("--since is in the future: there is nothing to look back on")
    if since and until and since > until:
        raise click.UsageError("--since is later than --until: there is nothing between them")
    if wait is not None and until:
        raise click.UsageError("--until asks about the past, and --wait about what comes")
