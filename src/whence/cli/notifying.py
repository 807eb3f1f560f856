"""``--notify URL``: tell somebody, beside showing it here."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self, TypeVar

import click

from whence import api
from whence.cli.answer import as_document
from whence.cli.say import explain_error
from whence.cli.types import ANY_PATH
from whence.model import Sighting, WhenceError

_URL = click.option(
    "--notify",
    multiple=True,
    metavar="URL",
    help="Tell somebody too: mailto:…, https://…, syslog:…; may be given again.",
)
_CA = click.option(
    "--notify-ca",
    type=ANY_PATH,
    metavar="FILE",
    help="Of those who are told, trust only certificates of the authorities in this PEM file.",
)
Command = TypeVar("Command", bound=Callable[..., object])


def notify_options(command: Command) -> Command:
    """Give a command the options ``notify`` and ``notify_ca``."""
    return _URL(_CA(command))


class Notifications:
    """Everybody who is to be told, for a ``with`` block. A bad URL fails before anything starts."""

    def __init__(self, urls: tuple[str, ...], ca: Path | None) -> None:
        if ca and not urls:
            raise click.UsageError("--notify-ca says whom to trust, but --notify names nobody")
        self._stack = ExitStack()
        self._notifiers = [self._stack.enter_context(api.notifier(url, _warn, ca)) for url in urls]

    def hear(self, event: object) -> None:
        """Tell of a sighting; anything else is none of their business."""
        if isinstance(event, Sighting):
            for notifier in self._notifiers:
                notifier.tell(event)

    def announce(self, answer: api.Answer) -> None:
        """Tell what a case came to."""
        story = answer.story
        subject = f"whence: {answer.subject}: {story.verdict}"
        case = f"whence case show {answer.case}"
        text = "\n".join((story.sentence, *story.others, f"verdict: {story.verdict}; see: {case}"))
        for notifier in self._notifiers:
            notifier.announce(subject, text, (as_document(answer),))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)


def _warn(error: WhenceError) -> None:
    explain_error(error)
