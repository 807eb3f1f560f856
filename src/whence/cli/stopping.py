"""What would stop it, as a person reads it and as a machine does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from whence.cli.say import safe
from whence.model import Confidence, Evidence, ecs
from whence.model.suggestions import Invasive, Suggestion, typed

FIRST = 2  # that are shown; --all shows all


def stopping(suggestions: Sequence[Suggestion], case: str, *, everything: bool) -> Iterator[str]:
    """Show the least invasive suggestions, each with its commands and what undoes them."""
    if not suggestions:
        return
    shown = suggestions if everything else _first(suggestions)
    yield "\nwhat would stop it (whence does none of this):"
    for number, one in enumerate(shown, start=1):
        sure = "" if one.confidence is Confidence.CERTAIN else f"{one.confidence}: "
        yield f"  {number}. {safe(sure + one.text)}"
        for words in one.commands:
            yield f"       {safe(typed(words))}"
        yield from _undone(one)
        if one.breaks:
            yield f"     also stops: {safe('; '.join(one.breaks))}"
    if len(suggestions) > len(shown):
        yield f"  {len(suggestions) - len(shown)} more: whence case show {case} --all"
    if all(one.confidence is Confidence.REPORTED for one in shown):
        # Of another machine: no sensor here sees whether it ceased.
        yield (
            "  Afterwards, to prove it: whence import what is recorded there then; or where its "
            f"packets pass, begun before the change: whence {case} --until-silent 1m -i INTERFACE"
        )
    elif all(one.invasive is Invasive.ONE_MACHINE for one in shown):
        # What a whole machine sends has no socket here: packets tell whether it ceased.
        yield (
            f"  To prove it, begin before the change: whence {case} --until-silent 1m -i INTERFACE"
        )
    else:
        yield f"  Afterwards, to prove it: whence {case} --until-silent 24h"


def _first(suggestions: Sequence[Suggestion]) -> Sequence[Suggestion]:
    """Leave the last resorts to who asks for all."""
    mild = [one for one in suggestions if one.invasive < Invasive.PACKAGE]
    return (mild or suggestions)[:FIRST]


def _undone(one: Suggestion) -> Iterator[str]:
    head = "     undo: "
    for words in one.undo:
        yield f"{head}{safe(typed(words))}"
        head = "           "
    if one.undo_text:
        yield f"{head}{safe(one.undo_text)}"


def documents(
    suggestions: Sequence[Suggestion], labels: Mapping[Evidence, str]
) -> list[ecs.Document]:
    """Write suggestions as they stand under ``whence.remedies``."""
    return [
        {
            "text": one.text,
            "invasive": one.invasive.name.lower().replace("_", "-"),
            "confidence": str(one.confidence),
            "commands": [typed(words) for words in one.commands],
            "undo": [typed(words) for words in one.undo],
            "undo_text": one.undo_text,
            "also_stops": list(one.breaks),
            "evidence": [str(evidence) for evidence in one.evidence],
            "evidence_id": [labels[it] for it in one.evidence if it in labels],
        }
        for one in suggestions
    ]
