"""``whence case note``: write a note of your own into a case."""

from __future__ import annotations

import getpass
import os

import click

from whence import api


@click.command(name="note")
@click.argument("case_id")
@click.argument("text")
def command(case_id: str, text: str) -> int:
    """Write a note of your own into a case."""
    if not text.strip():
        raise click.UsageError("a note needs words")
    with api.case(case_id) as case:
        case.note(text, author=_author())
    return 0


def _author() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # in a container, a user may have a number only
        return f"user {os.geteuid()}"
