"""``whence remote IP[:PORT]``."""

from __future__ import annotations

from contextlib import closing, nullcontext

import click

from whence import api
from whence.cli.answer import give
from whence.cli.reach import reach_options
from whence.cli.reading import Wanted, captures
from whence.cli.say import Progress, safe
from whence.model import Flow, Observable, Remote
from whence.model.declare import Reach
from whence.model.special_ranges import is_public


@click.command(name="remote")
@click.argument("target", metavar="IP[:PORT]")
@reach_options(Reach.REMOTE, Reach.OTHER_END)
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
    reach: Reach,
    files: tuple[str, ...],
    as_json: bool,
    everything: bool,
) -> int:
    """Say who is at the other end: whose address it is, and what it is.

    Without an option nothing leaves this machine: what it knows itself is told, and what lies in
    tables here: special ranges, clouds, countries, networks.
    """
    progress = Progress()

    def hear(event: api.Waiting | api.Outcome) -> None:
        if isinstance(event, api.Outcome):
            progress.show(event.step.probe.question)

    reading = captures(Wanted(files, "", None, None)) if files else nullcontext()
    with reading as traffic, closing(api.open_remote(target)) as case:
        if reach is Reach.OTHER_END:
            warn_of_touch(case.subject)
        try:
            answer = api.explain(case, reach=reach, traffic=traffic, hear=hear)
        finally:
            progress.clear()
    return give(answer, as_json=as_json, everything=everything)


def warn_of_touch(subject: Observable) -> None:
    """Say, before one address is called at one port, that somebody outside will notice.

    Raises
    ------
    click.UsageError
        If the subject is not one address with a port.

    """
    match subject:
        case Flow(destination=str(address), destination_port=int(port)) if is_public(address):
            called = Remote(address, port)
        case Remote(port=int()):
            called = subject
        case _:
            raise click.UsageError(
                "--touch-remote calls one address outside at one port: "
                "whence remote 203.0.113.7:443 --touch-remote"
            )
    told = f"calling {safe(called)}; whoever is there sees this machine call"
    click.echo(f"whence: {told}", err=True)
