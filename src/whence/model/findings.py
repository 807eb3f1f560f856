"""What analysis makes of traffic: each finding says what, how sure, and on what it rests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from whence.model.facts import Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something in the traffic that a person should know."""

    kind: ClassVar[str]
    sentence: str
    confidence: Confidence
    first: datetime  # of what it rests on
    last: datetime
    count: int = 1  # how many flows, questions or events it stands for
    source: str | None = None  # the address that does it: IP, or MAC where there is no IP
    destination: str | None = None
    destination_port: int | None = None
    transport: str | None = None
    evidence: tuple[str, ...] = ()  # what was seen, a sentence each
