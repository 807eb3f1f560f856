"""``whence report``: what a case came to, to be read by others."""

from __future__ import annotations

import sys
from itertools import zip_longest
from pathlib import Path

import click

from whence.cli.say import safe
from whence.cli.types import ANY_PATH

REDACT = {"own": "OWN", "all": "ALL"}
FORMATS = ("html", "md", "json", "pdf", "stix", "ecs", "ocsf", "pcapng")


class Redacting(click.Command):
    """A command whose --redact has a word of its own only where that is one of REDACT.

    Click alone gives an option with an optional value whatever comes next, here the case.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Write out what a bare --redact means."""
        end = args.index("--") if "--" in args else len(args)
        options = [
            "--redact=own" if word == "--redact" and (after or "").lower() not in REDACT else word
            for word, after in zip_longest(args[:end], args[1:end])
        ]
        return super().parse_args(ctx, [*options, *args[end:]])


@click.command(name="report", cls=Redacting)
@click.argument("case_id", metavar="[CASE]", default="last")
@click.option("-o", "--output", type=ANY_PATH, help="The file; - is standard output.")
@click.option("--format", "form", type=click.Choice(FORMATS, case_sensitive=False),
              help="Without it, the ending says.")  # fmt: skip
@click.option("--redact", type=click.Choice([*REDACT], case_sensitive=False), metavar="[all]",
              help="Hide users, hosts, own addresses and homes; all: everybody's.")  # fmt: skip
@click.option("--read", "capture", type=ANY_PATH, help="The capture that pcapng comments.")
@click.option("--overwrite", is_flag=True, help="Replace the file if it is there.")
def command(
    case_id: str,
    output: Path | None,
    form: str | None,
    redact: str | None,
    capture: Path | None,
    overwrite: bool,
) -> int:
    """Write a report of CASE, or of the last one: what it came to, and what that rests on.

    The ending of the file says the form: .html and .pdf to read and print, .md for tickets, .json
    with all there is; .stix.json, .ecs.ndjson and .ocsf.ndjson for other programs; .pcapng, with
    --read, has the process in the comment of each packet. Without a file it is Markdown.

    Exit status 65: the case is damaged. Where it can be told at all, the report says so first.
    """
    from whence.api import reporting  # not before: other commands need none of it
    from whence.inquiry.reporting.report import Redaction

    to_stdout = output is None or str(output) == "-"
    if form:
        chosen = reporting.Format(form)
    elif output is not None and not to_stdout:
        chosen = reporting.format_of(output.name)
    else:
        chosen = reporting.Format.MARKDOWN
    if capture and chosen is not reporting.Format.PCAPNG:
        raise click.UsageError("--read is for the pcapng form: -o report.pcapng")
    if to_stdout and not chosen.is_text and sys.stdout.isatty():
        raise click.UsageError(f"{chosen} is not for a terminal: add -o report.{chosen}")
    if output is not None and not to_stdout:
        _check_free(output, overwrite)
    if output is None and reporting.has_ending(case_id):
        raise click.UsageError(f"{case_id} looks like a file to write: -o {case_id}")
    redaction = Redaction[REDACT[redact]] if redact else Redaction.NONE
    made = reporting.report(case_id, redaction)
    content = reporting.rendered(made, chosen, capture)
    if output is None or to_stdout:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        reporting.write(output, content)
        click.echo(f"wrote {safe(output)}", err=True)
    for problem in made.custody.problems:
        click.echo(f"whence: damaged: {safe(problem)}", err=True)
    return 65 if made.custody.problems else 0


def _check_free(output: Path, overwrite: bool) -> None:
    from whence.model import BadInput

    if output.exists() and not output.is_file():
        raise BadInput(f"{output} is no ordinary file", try_="name another file")
    if output.exists() and not overwrite:
        raise BadInput(f"{output} is there already", try_="name another file, or add --overwrite")
