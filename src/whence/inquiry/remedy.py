"""What would stop it: all remedies that facts support, from the least invasive on. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import whence.inquiry.remedies
from whence.inquiry.known import Known
from whence.inquiry.remedies._declare import Chain, Remedy
from whence.model import Confidence, Fact, Observable
from whence.model.discovery import discover
from whence.model.suggestions import Suggestion


@cache
def remedies() -> tuple[Remedy, ...]:
    """Give all kinds of remedies."""
    return (*discover(whence.inquiry.remedies, Remedy),)


def suggestions(
    subject: Observable, facts: Sequence[Fact], switches: Mapping[str, str] | None = None
) -> tuple[Suggestion, ...]:
    """Suggest what would stop it, the least invasive first; nothing where nobody makes it.

    ``switches`` says what each switch speaks: a name of ``remedies.shut_the_port.SPOKEN``.
    """
    chain = Chain(subject, Known(facts), tuple(facts), switches or {})
    order = [*Confidence]
    found: dict[tuple[object, ...], Suggestion] = {}
    for kind in remedies():
        for one in kind.suggest(chain):
            found.setdefault((one.text, one.commands), one)
    return tuple(
        sorted(found.values(), key=lambda one: (one.invasive, order.index(one.confidence)))
    )
