"""``whence changes``: what was changed before it began?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import click

import whence.api.changes as changes  # and no more of the api: it is slow to import
from whence.cli.on import asked_about, on_options
from whence.cli.say import duration, safe
from whence.cli.types import ANY_PATH, Count, Duration, Moment
from whence.model import ecs
from whence.model.flow_documents import time_text, without_empty
from whence.model.plural import many
from whence.world.ssh_shell import SshLogin

LONGEST = 160  # characters of a command line that are shown


@click.command(name="changes")
@click.option("--before", type=Moment(), help="When it was first seen; without it, now.")
@click.option(
    "--onset-not-before",
    "not_before",
    type=Moment(),
    metavar="MOMENT",
    help="When it was surely not there yet, or the recording began: the onset is in between.",
)
@click.option(
    "--window", type=Duration(), default="24h", show_default=True, help="Look back so far."
)
@click.option(
    "--touching",
    multiple=True,
    metavar="THING",
    help="A path, package, unit or account that has to do with it; may be given again.",
)
@click.option(
    "--case",
    "case",
    help="Take from this case what its chain touches, and keep the first changes in it; or “last”.",
)
@click.option("--lake", type=ANY_PATH, help="The folder of another lake of log lines.")
@click.option(
    "--count",
    type=Count(),
    default=15,
    show_default=True,
    help="Show no more than so many changes.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with ECS names.")
@on_options
def command(
    before: datetime | None,
    not_before: datetime | None,
    window: timedelta,
    touching: tuple[str, ...],
    case: str | None,
    lake: Path | None,
    count: int,
    as_json: bool,
    on: SshLogin | None,
) -> int:
    """Say what was changed on this machine before something began, the likeliest first.

    Packages with who and which command, reboots, kernels, units, schedules, files of /etc by
    ctime, accounts, commits of etckeeper, containers, pip, npm, certificates, DHCP leases, also in
    home folders; that something was removed from a folder of units or schedules; from log lines
    that were received, what devices logged. That a change is the cause is not said.
    """
    seen = before or changes.utc_now()
    if not_before and not_before > seen:
        raise click.UsageError("--onset-not-before is later than --before: nothing is in between")
    onset = changes.Onset(seen, not_before)
    with asked_about(on) as machine:
        found = changes.changes_before(
            onset, window, touching=touching, case=case, lake=lake, on=machine
        )
    for line in _documents(found, count) if as_json else _lines(found, count):
        print(line)
    return 0 if found.changes else 1


def _lines(found: changes.Timeline, count: int) -> Iterator[str]:
    total = len(found.changes)
    begin = f"{found.begin:%Y-%m-%d %H:%M:%S} UTC"
    yield f"{many(total, 'change')} from {begin} on; {found.onset}."
    for number, ranked in enumerate(found.changes[:count], start=1):
        change = ranked.change
        when = f"{duration(ranked.before)} before" if ranked.before else "in between"
        yield ""
        yield f"{number:3}  {change.at:%Y-%m-%d %H:%M:%S}  ({when})  {safe(change.what)}"
        if change.who or change.command:
            command = f": {change.command[:LONGEST]}" if change.command else ""
            yield f"     {safe(_whose(change))}{safe(command)}"
        reasons = [f"touches {ranked.touches}"] if ranked.touches else []
        reasons += [f"one of {ranked.like_it:,} of its sort"] if ranked.like_it > 1 else []
        reasons += ["came along with a package"] if change.along else []
        if reasons:
            yield f"     {safe('; '.join(reasons))}"
        read = change.evidence.source.partition(" below ")[0]
        yield f"     {safe(read)}, line {change.evidence.line}"
    if total > count:
        yield f"\n{total - count:,} more: --count {total}"
    if found.not_told or found.not_read:
        yield "\nnot asked:"
    for source in found.not_told:
        yield f"  {safe(source.tells)}  {safe(source.because)}"
    for reason, number in found.not_read.items():
        yield f"  {number:,}× {safe(reason)}"


def _whose(change: changes.Change) -> str:
    """Say who did it, or whose the file is: that is not always who wrote it."""
    if change.things and change.things[0].startswith("/") and not change.command:
        return f"the file is {change.who}'s" if change.kind != "commit" else f"by {change.who}"
    return f"by {change.who or 'somebody'}"


def _documents(found: changes.Timeline, count: int) -> Iterator[str]:
    for rank, ranked in enumerate(found.changes[:count], start=1):
        yield ecs.encode(_document(found, rank, ranked))
    yield ecs.encode(
        {
            "@timestamp": time_text(found.onset.seen),
            "event": {"kind": "state", "category": ["configuration"], "action": "searched"},
            "whence": {
                "changes": len(found.changes),
                "onset": _onset(found.onset),
                "not_told": [
                    {"question": source.tells, "because": source.because}
                    for source in found.not_told
                ],
                "not_read": found.not_read,
            },
        }
    )


def _document(found: changes.Timeline, rank: int, ranked: changes.Ranked) -> ecs.Document:
    change = ranked.change
    document: ecs.Document = {
        "@timestamp": time_text(change.at),
        "event": {
            "kind": "event",
            "category": [_CATEGORIES.get(change.kind, "configuration")],
            "type": ["change"],
            "reason": change.what,
        },
        "host": {"name": change.evidence.observer},
        "whence": {
            "change": without_empty(
                rank=rank, kind=change.kind, score=round(ranked.score, 4),
                seconds_before=round(ranked.before.total_seconds(), 1), touches=ranked.touches,
                like_it=ranked.like_it, things=list(change.things), along=change.along or None,
                source=change.evidence.source, line=change.evidence.line or None,
            ),
            "onset": _onset(found.onset),
        },
    }  # fmt: skip
    if change.who:
        document["user"] = {"name": change.who}
    if change.command:
        document["process"] = {"command_line": change.command}
    if change.kind == "package" and change.things:
        document["package"] = {"name": change.things[0]}
    if change.things and change.things[0].startswith("/"):
        document["file"] = {"path": change.things[0]}
    return document


_CATEGORIES = {"package": "package", "boot": "host", "kernel": "host", "account": "iam"}


def _onset(onset: changes.Onset) -> ecs.Document:
    not_before = time_text(onset.not_before) if onset.not_before else None
    return without_empty(seen=time_text(onset.seen), not_before=not_before)
