"""``whence program PATH|PID``."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from whence import api
from whence.cli.answer import give
from whence.cli.on import asked_about, on_options
from whence.cli.reach import reach_options
from whence.cli.say import Progress
from whence.cli.types import GivenFile
from whence.model import BadInput
from whence.model.declare import Reach
from whence.world.ssh_shell import SshLogin


@click.command(name="program")
@click.argument("target", metavar="PATH|PID")
@reach_options(Reach.REMOTE)
@click.option(
    "--rules",
    type=GivenFile(),
    metavar="FILE",
    help="Match it with these rules of YARA.",
)
@click.option(
    "--run-help", is_flag=True, help="Run it with --help, where it can change and reach nothing."
)
@click.option(
    "--any-owner",
    is_flag=True,
    help="Let --run-help run also what no package brought, or what was changed.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with ECS field names.")
@click.option("--all", "everything", is_flag=True, help="Show every fact.")
@on_options
def command(
    target: str,
    reach: Reach,
    rules: Path | None,
    run_help: bool,
    any_owner: bool,
    as_json: bool,
    everything: bool,
    on: SshLogin | None,
) -> int:
    """Say whose program a file is, what it is for, what it names, and whether it is intact.

    Of a process it is the script that it runs, or else its executable, also when that was deleted.
    Nothing is run and nothing leaves this machine without an option. With --online a service
    learns the SHA-256 of the file. With --on the file is summed there, and its first 32 MB are
    fetched and read here.
    """
    if on and run_help:
        raise BadInput(
            "a program of another machine is not run",
            because="there nothing would keep it from changing or calling something",
            try_="leave out --run-help, or run whence there",
        )
    if any_owner and not run_help:
        raise click.UsageError("--any-owner says what --run-help may run: give both")
    progress = Progress()

    def hear(event: api.Waiting | api.Outcome) -> None:
        if isinstance(event, api.Outcome):
            progress.show(event.step.probe.question)

    allowed = api.Allowed(run_help, any_owner, rules)
    with asked_about(on) as machine, closing(api.open_program(target, on=machine)) as case:
        try:
            answer = api.explain(case, reach=reach, allowed=allowed, on=machine, hear=hear)
        finally:
            progress.clear()
    return give(answer, as_json=as_json, everything=everything)
