"""What to capture for a target: its own addresses, and those that a case found for it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from whence.model import BadInput, Fact, Flow, Ip, Mac, Observable
from whence.model.capture import Pattern


def patterns_of(subject: Observable, facts: Iterable[Fact] = ()) -> tuple[Pattern, ...]:
    """Describe the packets of a subject.

    Of the facts those count that are about the subject itself, or about the address of its flow,
    and that name addresses: where it answers, with whom it talks.

    Raises
    ------
    BadInput
        If neither the subject nor a fact about it has an address or a port.

    """
    about = {subject, *_addresses(subject)}
    found = {*_patterns(subject)}
    for fact in facts:
        if fact.subject in about and isinstance(fact.value, Observable):
            found.update(_patterns(fact.value))
    if not found:
        raise BadInput(
            f"there is nothing to capture for {subject}",
            because="neither it nor what is known of it has an address or a port",
            try_="whence capture 203.0.113.7:443",
        )
    return tuple(sorted(found))


def _addresses(subject: Observable) -> Iterator[Observable]:
    if isinstance(subject, Flow):
        yield from (Ip(end) for end in (subject.destination, subject.source) if end)


def _patterns(thing: Observable) -> Iterator[Pattern]:
    if isinstance(thing, Ip):
        yield Pattern(thing.address)
    elif isinstance(thing, Mac):
        yield Pattern(mac=thing.address)
    elif isinstance(thing, Flow) and (thing.destination or thing.destination_port):
        yield Pattern(
            thing.destination or "",
            thing.destination_port or 0,
            thing.source or "",
            thing.source_port or 0,
            thing.transport or "",
        )
