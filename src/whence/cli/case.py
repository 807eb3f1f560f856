"""``whence case``: what is kept of the inquiries."""

from __future__ import annotations

import click

from whence.cli.on_call import OnCall

COMMANDS = {
    "list": ("case_list", "List the cases, the newest last."),
    "show": ("case_show", "Show a case: its answer, the chain, the notes."),
    "note": ("case_note", "Write a note of your own into a case."),
    "export": ("case_export", "Write a case into one file that others can import."),
    "import": ("case_import", "Take in an exported case, after checking all of it."),
    "verify": ("case_verify", "Check that nothing in a case was changed."),
    "replay": ("case_replay", "Ask all questions again of what was recorded."),
    "record": ("case_record", "Write what a case read as a folder of files."),
    "forget": ("case_forget", "Delete cases for good."),
}


@click.command(cls=OnCall, table=COMMANDS)
def command() -> None:
    """List, show, note, export, import, verify, replay or forget cases."""
