"""``whence case …``: what is kept of the inquiries."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

import click

from whence import api
from whence.cli.answer import as_document, show_answer
from whence.cli.say import safe
from whence.cli.types import ANY_PATH, Digest
from whence.model import ecs
from whence.model.plural import many


@click.group(name="case")
def command() -> None:
    """List, show, note, export, import, verify, replay or forget cases."""


@command.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def list_(as_json: bool) -> int:
    """List the cases, the newest last."""
    found = api.cases().list()
    for row in found.cases:
        verdict, sentence = row.verdict or ("open", str(row.subject))
        if as_json:
            click.echo(ecs.encode(_as_document(row)))
        else:
            click.echo(safe(f"{row.id}  {verdict:12}  {sentence}"))
    if not (found.cases or found.unreadable):
        click.echo("there is no case yet; begin with: whence TARGET", err=True)
    for path, reason in found.unreadable:
        click.echo(safe(f"{path}: {reason}: {reason.because}"), err=True)
    return 0


@command.command()
@click.argument("case_id", default="last")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with ECS field names.")
@click.option("--all", "everything", is_flag=True, help="Show every fact, not the lineage alone.")
def show(case_id: str, as_json: bool, everything: bool) -> int:
    """Show a case: its answer, the chain, the notes."""
    with api.case(case_id) as case:
        answer = api.answer_of(case)
        if as_json:
            click.echo(ecs.encode(as_document(answer)))
            return 0
        show_answer(answer, everything=everything, waited=None)
        for row in case.notes():
            click.echo(safe(f"note by {row.author}, {row.when:%Y-%m-%d %H:%M}: {row.text}"))
    return 0


@command.command()
@click.argument("case_id")
@click.argument("text")
def note(case_id: str, text: str) -> int:
    """Write a note of your own into a case."""
    if not text.strip():
        raise click.UsageError("a note needs words")
    with api.case(case_id) as case:
        case.note(text, author=_author())
    return 0


@command.command(short_help="Write a case into one file that others can import.")
@click.argument("case_id", default="last")
@click.option("-o", "--output", type=ANY_PATH, required=True, help="The file to write.")
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there.")
def export(case_id: str, output: Path, overwrite: bool) -> int:
    """Write a case into one file that others can import, verify and replay."""
    api.export_case(case_id, output, overwrite=overwrite)
    click.echo(f"wrote {safe(output)}", err=True)
    return 0


@command.command(name="import")
@click.argument("path", type=ANY_PATH)
def import_(path: Path) -> int:
    """Take in an exported case, after checking all of it."""
    click.echo(safe(api.import_case(path)))
    return 0


@command.command(short_help="Check that nothing in a case was changed.")
@click.argument("case_id", default="last")
@click.option("--head", type=Digest(), help="The head that you noted, or were told.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def verify(case_id: str, head: str | None, as_json: bool) -> int:
    """Check that nothing in a case was changed since it was written down.

    The chain alone cannot tell a case that was written anew, or cut off at its end, from the one
    that it was: give the head from the report, or from whoever sent the case, with --head.
    """
    verified = api.verify_case(case_id, head)
    if as_json:
        click.echo(ecs.encode({"whence": api.as_builtins(verified)}))
        return 65 if verified.problems else 0
    for problem in verified.problems:
        click.echo(safe(problem))
    if not verified.problems:
        entries = many(verified.entries, "entry", "entries")
        click.echo(f"nothing was changed: {entries}, head {verified.head}")
    if verified.noted:
        later = many(verified.entries - verified.noted, "entry was", "entries were")
        click.echo(
            f"the head that was noted is that of entry {verified.noted}; {later} added since"
        )
    return 65 if verified.problems else 0


@command.command(short_help="Ask all questions again of what was recorded.")
@click.argument("case_id", default="last")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with ECS field names.")
@click.option("--all", "everything", is_flag=True, help="Show every fact, not the lineage alone.")
def replay(case_id: str, as_json: bool, everything: bool) -> int:
    """Ask all questions again of what was recorded; say where the answer differs."""
    with api.case(case_id) as case:
        answer, differences = api.replay(case)
        believed, facts = len(api.taken_as_they_stand(case)), len(case.facts())
    if as_json:
        document = as_document(answer)
        document["whence"]["differences"] = differences
        document["whence"]["not_replayed"] = believed
        click.echo(ecs.encode(document))
        return 1 if differences else 0
    show_answer(answer, everything=everything, waited=None)
    for difference in differences:
        click.echo(safe(difference), err=True)
    if not differences:
        click.echo("the replay came to the same facts", err=True)
    if believed:
        click.echo(
            f"{believed} of {many(facts, 'fact')} could not be replayed, and stand as the case "
            "has them: nobody can watch it again, or this whence has no such question",
            err=True,
        )
    return 1 if differences else 0


@command.command(short_help="Write what a case read as a folder of files.")
@click.argument("case_id", default="last")
@click.argument("directory", type=ANY_PATH)
def record(case_id: str, directory: Path) -> int:
    """Write what a case read as a folder of files: a recording for a test."""
    count = api.record_case(case_id, directory)
    click.echo(f"wrote {many(count, 'reading')} into {safe(directory)}", err=True)
    return 0


@command.command()
@click.argument("case_ids", nargs=-1, required=True)
def forget(case_ids: tuple[str, ...]) -> int:
    """Delete cases for good."""
    for case_id in case_ids:
        for path in api.forget_case(case_id):
            click.echo(safe(f"deleted {path}"))
    return 0


def _author() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # in a container, a user may have a number only
        return f"user {os.geteuid()}"


def _as_document(row: api.CaseRow) -> ecs.Document:
    verdict, sentence = row.verdict or ("open", None)
    return {
        "@timestamp": ecs.time_text(row.changed),
        "event": {"kind": "state", "created": ecs.time_text(row.created)},
        "whence": {
            "case": row.id,
            "target": str(row.subject),
            "verdict": verdict,
            "sentence": sentence,
            "steps": row.steps,
        },
        "file": {"path": str(row.path)},
    }
