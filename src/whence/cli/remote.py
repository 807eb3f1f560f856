"""``whence remote IP[:PORT]``."""

from __future__ import annotations

from contextlib import closing, nullcontext

import click

from whence import api
from whence.cli.answer import give
from whence.cli.reading import Wanted, captures
from whence.cli.say import Progress, safe
from whence.model import Reach, Remote


@click.command(name="remote")
@click.argument("target", metavar="IP[:PORT]")
@click.option(
    "--online",
    is_flag=True,
    help="Ask name servers and registries: DNS, RDAP, whois. They learn of the address.",
)
@click.option(
    "--touch-remote",
    is_flag=True,
    help="Also call the other end, which notices: certificate, banner. Allows --online, too.",
)
@click.option(
    "--read",
    "files",
    multiple=True,
    metavar="FILE",
    help="Take the names in a capture, too; may be given again.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with ECS field names.")
@click.option("--all", "everything", is_flag=True, help="Show every fact.")
def command(
    target: str,
    online: bool,
    touch_remote: bool,
    files: tuple[str, ...],
    as_json: bool,
    everything: bool,
) -> int:
    """Say who is at the other end: whose address it is, and what it is.

    Without an option nothing leaves this machine: what it knows itself is told, and what lies in
    tables here: special ranges, clouds, countries, networks.
    """
    progress = Progress()
    reading = captures(Wanted(files, "", None, None)) if files else nullcontext()
    with reading as traffic, closing(api.open_remote(target)) as case:
        if touch_remote:
            _check_port(case.subject)
            warn_of_touch(str(case.subject))
        try:
            answer = api.explain(
                case,
                reach=_reach(online, touch_remote),
                traffic=traffic,
                hear=lambda event: progress.show(_doing(event)),
            )
        finally:
            progress.clear()
    return give(answer, as_json=as_json, everything=everything)


def warn_of_touch(target: str) -> None:
    """Say before it is done that somebody outside will notice."""
    click.echo(f"whence: calling {safe(target)}; whoever is there sees this machine call", err=True)


def _reach(online: bool, touch_remote: bool) -> Reach:
    return Reach.OTHER_END if touch_remote else Reach.REMOTE if online else Reach.SILENT


def _check_port(subject: object) -> None:
    if isinstance(subject, Remote) and subject.port is None:
        raise click.UsageError(f"--touch-remote wants a port: whence remote {subject}:443")


def _doing(event: api.Waiting | api.Outcome) -> str:
    return event.step.probe.question if isinstance(event, api.Outcome) else ""
