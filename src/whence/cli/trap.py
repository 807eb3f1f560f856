"""``whence trap PROGRAM``: report each run of a program."""

from __future__ import annotations

import signal
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from whence.cli import trap_kept
from whence.cli.say import duration, safe
from whence.cli.trap_output import output_lines
from whence.cli.trap_rows import all_of, began, ended
from whence.cli.types import Duration, Level, Size
from whence.model import WhenceError, ecs
from whence.model.plural import many
from whence.model.trap_words import Tally, document, sentence
from whence.world import utc_now

if TYPE_CHECKING:
    from whence.api.trapping import Run, Trapped

SET = "set"
OPTIONS = ("-h", "--help", "--restore-all")
DAY = timedelta(days=1)
ENDING = (signal.SIGINT, signal.SIGTERM)


class OfAProgram(click.Group):
    """Commands about traps; anything else is a program to set one for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put “set” before what is not a command."""
        if args and args[0] not in self.commands and args[0] not in OPTIONS:
            args = [SET, *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands, in the order in which they are written here."""
        return [*self.commands]


@click.group(name="trap", cls=OfAProgram, invoke_without_command=True)
@click.option(
    "--restore-all",
    is_flag=True,
    help="Put back each program that a killed whence left with a shim; the same as `whence undo`.",
)
@click.pass_context
def command(context: click.Context, restore_all: bool) -> int | None:
    """Report each run of a program: who ran it, how it ended, where it connected to.

    \b
    whence trap /usr/bin/curl --for 1h     is short for: whence trap set /usr/bin/curl --for 1h
    whence trap ls                         the traps that there were

    The kernel asks whence before the program is executed, and whoever runs it waits for less than a
    millisecond. No file is touched. When whence ends, also by kill -9, the program runs as ever.
    """
    if context.invoked_subcommand is not None:
        return None
    if not restore_all:
        click.echo(context.get_help())
        return 0
    from whence.cli.undo import command as undo

    return context.invoke(undo, everything=True)  # type: ignore[no-any-return]


@command.command(name=SET, short_help="Report each run of PROGRAM, as it begins and as it ends.")
@click.argument("program")
@click.option("--for", "span", type=Duration(), help="End after this long; else with ^C.")
@click.option("--runs", "most", type=click.IntRange(min=1), help="End after so many runs.")
@click.option(
    "--level", default="auto", type=Level(), help="Which sensor sees where it connects to."
)
@click.option(
    "--script",
    "by_shim",
    is_flag=True,
    help="Where the kernel cannot ask: put a shim in its place, by dpkg-divert. A day at most.",
)
@click.option("--no-connections", is_flag=True, help="Do not look where it connects to.")
@click.option("--output", is_flag=True, help="Show and keep what it writes to stdout and stderr.")
@click.option(
    "--output-bytes",
    "limit",
    type=Size(),
    help="So many bytes of each of the two in each run, with --output: 64K, at most 1M.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with ECS names.")
def set_(
    program: str,
    span: timedelta | None,
    most: int | None,
    level: str,
    by_shim: bool,
    no_connections: bool,
    output: bool,
    limit: int | None,
    as_json: bool,
) -> int:
    """Report each run of PROGRAM, as it begins and when it has ended, and sum up in the end.

    PROGRAM is a path, or a name that is looked for in PATH; a link is followed. An upgrade while
    it is trapped is noticed, and the new program trapped. What was seen is kept: whence trap show.

    \b
    whence trap /opt/acme/bin/agent --for 1h
    whence trap curl --runs 3 --json
    whence trap /opt/acme/bin/agent --output --output-bytes 256K
    """
    from whence.api import trapping  # not before: `whence trap ls` needs little

    if limit is not None and not output:
        raise click.UsageError("--output-bytes is for --output")
    if limit is not None and not 0 < limit <= trapping.MOST:
        raise click.BadParameter("from 1 byte to 1M", param_hint="--output-bytes")
    kept = (limit or trapping.LIMIT) if output else 0
    found = trapping.find_program(program)
    if str(found) != program:
        click.echo(safe(f"{program} is {found}"), err=True)
    seen = Tally()
    if by_shim:
        span = min(span or DAY, DAY)
    until = utc_now() + (span or DAY) if by_shim else None
    with trapping.Trapped(
        found, level, connections=not no_connections, until=until, output=kept
    ) as trapped:
        for number in ENDING:
            signal.signal(number, lambda *_: trapped.end())
        failed: WhenceError | None = None
        try:
            _follow(trapped, span, most, seen, as_json=as_json)
        except WhenceError as reason:
            if trapped.status is None:
                raise
            failed = reason  # what was seen until then is told first
        for run in trapped.finish():
            seen.add(run)
            _show(run, trapped, as_json=as_json, action="end")
        for said in trapped.put_back:
            click.echo(safe(said), err=True)
        _sum_up(trapped, seen, as_json=as_json)
    if failed:
        raise failed
    return 0 if seen.count else 1


for _other in (trap_kept.list_, trap_kept.show, trap_kept.rm):
    command.add_command(_other)


def _follow(
    trapped: Trapped, span: timedelta | None, most: int | None, seen: Tally, *, as_json: bool
) -> None:
    introduced = False
    problem = told = ""
    for run in trapped.runs(span, most):
        if run is not None:
            if run.ended:
                seen.add(run)
            _show(run, trapped, as_json=as_json)
        status = trapped.status
        if status and not introduced:
            introduced, told = True, trapped.blind
            _introduce(trapped)
        elif introduced and trapped.blind != told:
            told = trapped.blind
            click.echo(safe(f"where it connects to is not seen any more: {told}"), err=True)
        found = (status.problem if status else "") or trapped.output_problem
        if found != problem:
            problem = found
            click.echo(safe(problem or f"{trapped.program} is watched again"), err=True)


def _introduce(trapped: Trapped) -> None:
    from whence.api.trapping import CANNOT_SEE, OUTPUT_CANNOT_SEE, SHIM_CANNOT_SEE

    blind = [*(SHIM_CANNOT_SEE if trapped.until else CANNOT_SEE)]
    if trapped.until:
        until = f"{trapped.until:%Y-%m-%d %H:%M} UTC"
        diverted = f"{trapped.program} is diverted, until {until} at the latest"
        told = f"{diverted}; whatever happens, `whence undo` puts it back; {trapped.at_boot}"
        click.echo(safe(told), err=True)
    if trapped.sees_output:
        blind.append(OUTPUT_CANNOT_SEE)
    if trapped.blind:
        blind.append(f"where it connects to ({trapped.blind})")
    if trapped.status and trapped.status.blind:
        blind.append(trapped.status.blind)
    waits = f"waiting for runs of {trapped.program}, times are UTC"
    click.echo(safe(f"{waits}; cannot see: {'; '.join(blind)}"), err=True)


def _show(run: Run, trapped: Trapped, *, as_json: bool, action: str = "") -> None:
    action = action or ("end" if run.ended else "exec")
    if as_json:
        line = ecs.encode(document(run, trapped.program, trapped.host, action=action))
    else:
        told = [safe(ended(run) if action == "end" else began(run))]
        if action == "end":
            told += output_lines(run.output, all_of(trapped.name))
        line = "\n".join(told)
    # With PYTHONUNBUFFERED, Python drops the rest of a write that a signal cuts short.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        click.echo(line)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def _sum_up(trapped: Trapped, seen: Tally, *, as_json: bool) -> None:
    told = sentence(trapped.program, seen, duration(trapped.watched))
    status = trapped.status
    lost = {
        "not_kept": trapped.unkept,
        "went_by_unseen": status.overflows if status else 0,
        "ends_not_told": status.ends_lost if status else 0,
        "not_read_in_time": status.unwritten if status else 0,
        "not_told": max(0, status.runs - seen.count) if status else 0,
        "not_asked_what_launched_them": trapped.unasked,
        "outputs_not_followed": trapped.outputs_missed,
        "connections_lost": trapped.connections_lost,
        "connections_of_too_many_peers": trapped.connections_untold,
    }
    if as_json:
        trap: dict[str, Any] = {"program": trapped.program, "sentence": told, "runs": seen.count}
        trap |= {"lost": lost, "replaced": status.replaced if status else 0}
        click.echo(ecs.encode({"event": {"kind": "state"}, "whence": {"trap": trap}}))
        return
    click.echo(safe(told))
    if status and status.replaced:
        click.echo(f"the program was replaced {many(status.replaced, 'time')} meanwhile")
    for what, count in lost.items():
        if count:
            click.echo(f"{what.replace('_', ' ')}: {count}", err=True)
    if trapped.why_unkept:
        click.echo(safe(trapped.why_unkept), err=True)
    if trapped.name and seen.count:
        click.echo(f"kept: whence trap show {trapped.name}", err=True)
