"""``whence station IP|MAC``."""

from __future__ import annotations

from contextlib import closing, nullcontext
from pathlib import Path

import click

from whence import api
from whence.cli.answer import give
from whence.cli.reach import reach_options
from whence.cli.reading import Wanted, captures
from whence.cli.say import Progress
from whence.cli.types import ANY_PATH
from whence.model.declare import Reach


@click.command(name="station")
@click.argument("target", metavar="IP|MAC")
@reach_options(Reach.LOCAL_NET, Reach.DEVICE, Reach.REMOTE)
@click.option(
    "--switch",
    "switches",
    multiple=True,
    metavar="URL",
    help="With --ask-devices: ask this switch, instead of those in "
    "~/.config/whence/switches.toml; may be given again.",
)
@click.option(
    "--leases",
    multiple=True,
    type=ANY_PATH,
    metavar="FILE",
    help="Leases of a DHCP server, in place of those of this machine; may be given again.",
)
@click.option(
    "--read",
    "files",
    multiple=True,
    metavar="FILE",
    help="Take a capture as evidence, too; may be given again.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with ECS field names.")
@click.option("--all", "everything", is_flag=True, help="Show every fact.")
def command(
    target: str,
    reach: Reach,
    switches: tuple[str, ...],
    leases: tuple[Path, ...],
    files: tuple[str, ...],
    as_json: bool,
    everything: bool,
) -> int:
    """Say which machine has an address: its network card, its names, what it may be.

    Reads what this machine knows: its neighbours, DHCP leases, captures. More is asked only where
    you allow it. The target may also be a case to go on with.
    """
    if switches and reach < Reach.DEVICE:
        raise click.UsageError("--switch goes with --ask-devices")
    progress = Progress()

    def hear(event: api.Waiting | api.Outcome) -> None:
        if isinstance(event, api.Outcome):
            progress.show(event.step.probe.question)

    reading = captures(Wanted(files, "", None, None)) if files else nullcontext()
    with reading as traffic, closing(api.open_station(target, leases)) as case:
        try:
            answer = api.explain(
                case,
                reach=reach,
                traffic=traffic,
                leases=leases,
                switches=switches,
                on=api.beside(target),
                hear=hear,
            )
        finally:
            progress.clear()
    return give(answer, as_json=as_json, everything=everything)
