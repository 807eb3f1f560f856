"""What is known: facts about observables, each with its evidence."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from whence.model.evidence import Evidence


class Confidence(enum.StrEnum):
    """How sure, as a word."""

    CERTAIN = "certain"  # the kernel or a file said so
    LIKELY = "likely"  # two independent signs
    POSSIBLE = "possible"  # one sign
    REPORTED = "reported"  # a third party said so
    UNKNOWN = "unknown"


class Observable:
    """Something that can be pointed at; ``str()`` of it is how people write it."""

    __slots__ = ()
    kind: ClassVar[str]

    def fact(
        self,
        relation: str,
        value: Observable | str,
        *evidence: Evidence,
        confidence: Confidence = Confidence.CERTAIN,
    ) -> Fact:
        """State that this thing stands in ``relation`` to ``value``."""
        return Fact(self, relation, value, evidence, confidence)


@dataclass(frozen=True, slots=True)
class Fact:
    """Subject, relation, value, the evidence it rests on, and how sure it is."""

    subject: Observable
    relation: str
    value: Observable | str
    evidence: tuple[Evidence, ...]
    confidence: Confidence = Confidence.CERTAIN

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError(f"a fact without evidence: {self}")

    @property
    def at(self) -> datetime:
        """When the first piece of its evidence was read."""
        return self.evidence[0].taken

    def __str__(self) -> str:
        return f"{self.subject} {self.relation} {self.value}"
