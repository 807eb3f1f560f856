"""Facts, evidence, things and errors as they stand in a journal, and back without loss."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import msgspec

from whence.model import (
    KINDS,
    BadInput,
    BadSettings,
    CannotAsk,
    CannotStore,
    Confidence,
    Evidence,
    Fact,
    NotPermitted,
    Observable,
    WhenceError,
)
from whence.store.journal import Body, moment_text

ERRORS = {
    kind.__name__: kind
    for kind in (WhenceError, CannotAsk, NotPermitted, BadInput, BadSettings, CannotStore)
}

_RELATION = re.compile(r"[a-z][a-z0-9-]{0,60}")


def from_observable(thing: Observable) -> Body:
    """Write a thing: its kind, and its fields."""
    return {"kind": thing.kind, **msgspec.to_builtins(thing)}


def to_observable(body: Body) -> Observable:
    """Read a thing.

    Raises
    ------
    BadInput
        If this version of whence has no such kind of thing.

    """
    kind = KINDS.get(body["kind"])
    if kind is None:
        raise BadInput(
            f"the case speaks of a {body['kind']!r}",
            because="this whence does not know such a thing",
            try_="update whence, or add the plug-in that knows it",
        )
    return msgspec.convert(body, kind)


def from_value(value: Observable | str) -> Body | str:
    """Write the value of a fact: a thing, or plain words."""
    return value if isinstance(value, str) else from_observable(value)


def to_value(body: Body | str) -> Observable | str:
    """Read the value of a fact."""
    return body if isinstance(body, str) else to_observable(body)


def from_fact(fact: Fact, number: Callable[[Evidence], int]) -> Body:
    """Write a fact; its evidence by number."""
    return {
        "subject": from_observable(fact.subject),
        "relation": fact.relation,
        "value": from_value(fact.value),
        "confidence": str(fact.confidence),
        "evidence": [number(piece) for piece in fact.evidence],
    }


def to_fact(body: Body, numbered: Callable[[int], Evidence]) -> Fact:
    """Read a fact."""
    relation = text_of(body, "relation")
    if not _RELATION.fullmatch(relation):  # faces show it as words of ours
        raise ValueError(f"{relation!r} is no relation")
    return Fact(
        to_observable(body["subject"]),
        relation,
        to_value(body["value"]),
        tuple(numbered(number) for number in body["evidence"]),
        Confidence(body["confidence"]),
    )


def from_evidence(evidence: Evidence, number: int) -> Body:
    """Write a piece of evidence with the number it has in its case."""
    return {
        "number": number,
        "reading": evidence.reading,
        "source": evidence.source,
        "line": evidence.line,
        "excerpt": evidence.excerpt,
        "taken": moment_text(evidence.taken),
        "observer": evidence.observer,
    }


def to_evidence(body: Body) -> Evidence:
    """Read a piece of evidence."""
    return msgspec.convert(body, Evidence)


def from_error(error: WhenceError) -> Body:
    """Write an error: its kind and its three parts."""
    known = next(kind for kind in type(error).__mro__ if kind.__name__ in ERRORS)
    return {
        "error": known.__name__,
        "what": str(error),
        "because": error.because,
        "try": error.try_,
    }


def to_error(body: Body) -> WhenceError:
    """Read an error."""
    kind = ERRORS.get(body["error"], WhenceError)
    what, because, try_ = (text_of(body, part) for part in ("what", "because", "try"))
    return kind(what, because=because, try_=try_)


def to_refusal(body: Body) -> CannotAsk:
    """Read why a question could not be put."""
    error = to_error(body)
    if isinstance(error, CannotAsk):
        return error
    return CannotAsk(str(error), because=error.because, try_=error.try_)


def text_of(body: Body, name: str) -> str:
    """Take words out of a body.

    Raises
    ------
    TypeError
        If there is something else in their place.

    """
    words: Any = body[name]
    if not isinstance(words, str):
        raise TypeError(f"{name} is not text")
    return words
