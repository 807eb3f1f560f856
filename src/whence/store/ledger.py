"""What the entries of a journal add up to: facts, steps, notes, a verdict. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from whence.model import BadInput, CannotAsk, Evidence, Fact, Observable, WhenceError
from whence.store.bodies import (
    from_error,
    from_evidence,
    from_fact,
    from_observable,
    text_of,
    to_error,
    to_evidence,
    to_fact,
    to_observable,
    to_refusal,
)
from whence.store.journal import Body, Entry, read_moment

VERDICTS = ("explained", "benign", "suspicious", "insufficient")


@dataclass(frozen=True, slots=True)
class StepRow:
    """A question that was asked, and what came of it."""

    probe: str
    about: Observable
    when: datetime
    facts: tuple[Fact, ...] = ()
    refused: WhenceError | None = None  # why there is no answer: its three parts

    @property
    def outcome(self) -> str:
        """One of "facts", "nothing" and "refused"."""
        if self.refused:
            return "refused"
        return "facts" if self.facts else "nothing"


@dataclass(frozen=True, slots=True)
class NoteRow:
    """What a person wrote into the case."""

    when: datetime
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Look:
    """A reading, without its text: that is stored by its digest."""

    source: str
    digest: str
    taken: datetime
    observer: str


@dataclass(slots=True)
class Ledger:
    """The sum of the entries that were added, in their order."""

    subject: Observable | None = None
    title: str = ""
    last: Entry | None = None
    facts: list[Fact] = field(default_factory=list)
    steps: list[StepRow] = field(default_factory=list)
    notes: list[NoteRow] = field(default_factory=list)
    verdict: tuple[str, str] | None = None
    evidence: list[Evidence] = field(default_factory=list)  # E1 is the first
    numbers: dict[Evidence, int] = field(default_factory=dict)
    answers: list[tuple[str, Look | CannotAsk]] = field(default_factory=list)
    resumed: list[int] = field(default_factory=list)  # how many answers there were, each time

    def add(self, entry: Entry) -> None:
        """Take in the next entry. Kinds that are not known here change nothing.

        Raises
        ------
        BadInput
            If the entry does not say what its kind must say.

        """
        try:
            self._take(entry, entry.content)
        except (KeyError, IndexError, TypeError, ValueError, RecursionError) as e:
            raise BadInput(f"entry {entry.seq} of the case makes no sense", because=repr(e)) from e
        self.last = entry

    def step_body(
        self, probe: str, about: Observable, outcome: Sequence[Fact] | WhenceError
    ) -> Body:
        """Write a step; evidence that appears for the first time gets the next numbers."""
        body: Body = {"probe": probe, "about": from_observable(about)}
        if isinstance(outcome, WhenceError):
            return body | {"refused": from_error(outcome)}
        numbers = dict(self.numbers)
        for piece in (piece for fact in outcome for piece in fact.evidence):
            numbers.setdefault(piece, len(numbers) + 1)
        fresh = [*numbers.items()][len(self.numbers) :]
        return body | {
            "evidence": [from_evidence(piece, number) for piece, number in fresh],
            "facts": [from_fact(fact, numbers.__getitem__) for fact in outcome],
        }

    def _take(self, entry: Entry, body: Body) -> None:
        match entry.kind:
            case "opened" if self.last is None:
                self.subject = to_observable(body["subject"])
                self.title = text_of(body, "title")
            case "reading":
                self.answers.append((text_of(body, "asked"), _look(body)))
            case "refused":
                self.answers.append((text_of(body, "asked"), to_refusal(body)))
            case "step":
                self._take_step(entry, body)
            case "resumed":
                self.resumed.append(len(self.answers))
            case "verdict":
                self.verdict = (_verdict(body), text_of(body, "sentence"))
            case "note":
                author, text = text_of(body, "author"), text_of(body, "text")
                self.notes.append(NoteRow(entry.moment, author, text))
            case "interrupted":
                text_of(body, "because")
            case "imported":
                text_of(body, "file")
            case "clock-went-back":
                text_of(body, "from")

    def _take_step(self, entry: Entry, body: Body) -> None:
        for number, fresh in enumerate(body.get("evidence", ()), start=len(self.evidence) + 1):
            if fresh["number"] != number:
                raise ValueError(f"E{number} is missing")
            piece = to_evidence(fresh)
            self.evidence.append(piece)
            self.numbers[piece] = number
        facts = tuple(to_fact(fact, self._numbered) for fact in body.get("facts", ()))
        refused = to_error(body["refused"]) if "refused" in body else None
        about = to_observable(body["about"])
        self.facts += facts
        self.steps.append(StepRow(text_of(body, "probe"), about, entry.moment, facts, refused))

    def _numbered(self, number: int) -> Evidence:
        if number < 1:
            raise IndexError(f"there is no E{number}")
        return self.evidence[number - 1]


def _verdict(body: Body) -> str:
    verdict = text_of(body, "verdict")
    if verdict not in VERDICTS:
        raise ValueError(f"{verdict!r} is none of {VERDICTS}")
    return verdict


def _look(body: Body) -> Look:
    return Look(
        text_of(body, "source"),
        text_of(body, "digest"),
        read_moment(body["taken"]),
        text_of(body, "observer"),
    )
