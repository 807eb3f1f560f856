"""``whence find ADDRESS``: where is it configured?"""

from __future__ import annotations

from collections.abc import Iterator

import click

import whence.api.finding_addresses as finding  # and no more of the api: it is slow to import
from whence.api.finding_addresses import Hunt, Outcome, Place, Waiting
from whence.cli.on import asked_about, on_options
from whence.cli.say import Progress, safe
from whence.cli.stopping import documents, stopping
from whence.model import ecs
from whence.model.flow_documents import time_text, without_empty
from whence.world.ssh_shell import SshLogin


@click.command(name="find")
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS")
@click.option("--pid", type=click.IntRange(min=1), help="The process that talks to it.")
@click.option("--program", metavar="PATH", help="The program that talks to it; it need not run.")
@click.option("--name", "names", multiple=True, help="A name of it; may be given again.")
@click.option("--deep", is_flag=True, help="Look through the memory of the process, too.")
@click.option("--everywhere", is_flag=True, help="Look through all disks of this machine, too.")
@click.option(
    "--database",
    default="",
    metavar="URL",
    help="Look through a database, too: postgresql://USER@HOST/NAME or mysql://… It is only read. "
    "The password is better given as PGPASSWORD or MYSQL_PWD.",
)
@click.option("--online", is_flag=True, help="Allow a name to be resolved by DNS.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with ECS names.")
@on_options
def command(
    addresses: tuple[str, ...],
    pid: int | None,
    program: str | None,
    names: tuple[str, ...],
    deep: bool,
    everywhere: bool,
    database: str,
    online: bool,
    as_json: bool,
    on: SshLogin | None,
) -> int:
    """Say where on this machine an address is configured, the likeliest place first.

    Looked at are the command line, environment, unit and open files of the process that talks to
    it, its package's files, /etc, and schedules; in SQLite, dbm and compressed files, too. The
    address is known in many forms: hexadecimal, as an integer, by name, in ranges that hold it …
    """
    if pid and program:
        raise click.UsageError("--pid or --program, not both")
    address, *more = addresses
    if more:
        raise click.UsageError(
            f"one address is looked for, so what is {safe(more[0])}? Where is looked is not told: "
            "/etc, schedules and what belongs to the program are looked through anyway, and all "
            f"disks by: whence find {safe(address)} --everywhere"
        )
    progress = Progress()

    def hear(event: Waiting | Outcome) -> None:
        if isinstance(event, Outcome):
            progress.show(event.step.probe.question)

    try:
        with asked_about(on) as machine:
            hunt = finding.find_address(
                address, pid=pid, program=program, names=names, online=online,
                depth=finding.Depth(deep, everywhere, database), on=machine,
                hear=hear,
            )  # fmt: skip
    finally:
        progress.clear()
    for line in _documents(hunt) if as_json else _lines(hunt):
        print(line)
    return 0 if hunt.places else 1


def _lines(hunt: Hunt) -> Iterator[str]:
    yield safe(hunt.sentence)
    yield f"case: {hunt.case}"
    for place in hunt.places:
        why = f"  [{place.setting.why}]" if place.setting.why else ""
        yield ""
        yield f"  {place.evidence:4} {place.confidence:9} {safe(place.setting)}{safe(why)}"
        yield f"       {safe(place.says)}"
        more = f"; {place.mention.more} more in it" if place.mention.more else ""
        yield f"       written as {safe(place.mention.form)}: {safe(place.mention.written)}{more}"
        for label, text in (
            ("package", place.package),
            ("changed", place.changed),
            ("commit", place.committed),
        ):
            if text:
                yield f"       {label:8} {safe(text)}"
    for text in hunt.more:
        yield f"\n  {safe(text)}"
    yield from stopping(hunt.suggestions, hunt.case, everything=False)
    yield from _left_out(hunt)


def _left_out(hunt: Hunt) -> Iterator[str]:
    if hunt.not_looked_into:
        yield "\nnot looked into:"
        yield from (f"  {safe(text)}" for text in hunt.not_looked_into)
    if hunt.not_checked:
        yield "\nnot checked:"
    for entry in hunt.not_checked:
        advice = f"  → {entry.try_}" if entry.try_ else ""
        yield f"  {safe(entry.question)}  {safe(entry.because)}{safe(advice)}"


def _documents(hunt: Hunt) -> Iterator[str]:
    for rank, place in enumerate(hunt.places, start=1):
        yield ecs.encode(_document(hunt, rank, place))
    yield ecs.encode(
        {
            "@timestamp": time_text(hunt.at),
            "event": {"kind": "state", "category": ["configuration"], "action": "searched"},
            "destination": {"ip": hunt.address},
            "whence": {
                "case": hunt.case,
                "sentence": hunt.sentence,
                "more": list(hunt.more),
                "remedies": documents(hunt.suggestions, {}),
                "not_looked_into": list(hunt.not_looked_into),
                "not_checked": [
                    {"question": entry.question, "because": entry.because, "try": entry.try_}
                    for entry in hunt.not_checked
                ],
            },
        }
    )


def _document(hunt: Hunt, rank: int, place: Place) -> ecs.Document:
    mention = place.mention
    is_file = mention.place.startswith("/")
    document: ecs.Document = {
        "@timestamp": time_text(hunt.at),
        "event": {"kind": "state", "category": ["configuration"], "action": "found"},
        "destination": {"ip": hunt.address},
        "host": {"name": place.setting.host},
        "whence": {
            "case": hunt.case,
            "setting": without_empty(
                rank=rank, place=mention.place, line=mention.line or None, part=mention.part,
                text=mention.text, form=mention.form, written=mention.written,
                free_bits=mention.free_bits or None, more=mention.more or None,
                why=place.setting.why, confidence=place.confidence, evidence_id=place.evidence,
                package=place.package, changed=place.changed, committed=place.committed,
            ),
        },
    }  # fmt: skip
    if is_file:
        document["file"] = without_empty(
            path=mention.place, size=mention.size, uid=str(mention.owner)
        )
    return document
