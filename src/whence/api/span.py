"""The time that a question is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a question is about; an end that is None is open."""

    since: datetime | None = None
    until: datetime | None = None  # if given, what is there now is no answer
