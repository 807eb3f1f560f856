"""Facts one below the other: evidence, confidence, what is said, and of what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from whence.cli.say import safe
from whence.inquiry.remote_story import registry
from whence.model import Fact

LONGEST = 300  # characters of a fact; --all shows all
NARROWEST, WIDEST = 12, 24  # characters of the column of relations
_ARTICLES = ("a ", "an ")


@dataclass(frozen=True, slots=True)
class FactRow:
    """A fact, and how it is shown."""

    fact: Fact
    label: str  # of its evidence: E7
    is_below: bool  # about what the fact above led to, and set in

    @property
    def relation(self) -> str:
        """What is said of it, in words."""
        return self.fact.relation.replace("-", " ")

    @property
    def value(self) -> str:
        """Of what it is said, and which registry says so; “is a” has its article already."""
        text = f"{self.fact.value}"
        if by := registry(self.fact):
            text += f" ({by})"
        article = next((one for one in _ARTICLES if text.startswith(one)), "")
        return text.removeprefix(article) if self.relation.endswith(" a") else text


def widest(rows: Iterable[FactRow]) -> int:
    """Say how wide the column of relations is: as the widest of them, within bounds."""
    wide = max((len(row.relation) for row in rows if not row.is_below), default=0)
    return max(NARROWEST, min(wide, WIDEST))


def fact_row(row: FactRow, wide: int, *, everything: bool) -> str:
    """Write a row, its column of relations so wide."""
    text = f"    {row.relation} {row.value}"
    if not row.is_below:
        text = f"{row.relation:{wide}} {row.value}"
    text = text if everything or len(text) <= LONGEST else f"{text[:LONGEST]} …"
    return f"  {row.label:4} {row.fact.confidence:9} {safe(text)}"


def fact_rows(rows: Sequence[FactRow], *, everything: bool) -> Iterator[str]:
    """Write rows that stand together."""
    wide = widest(rows)
    return (fact_row(row, wide, everything=everything) for row in rows)
