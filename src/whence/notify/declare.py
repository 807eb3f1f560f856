"""How a channel is declared: the schemes of its addresses, and who makes it ready."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from whence.model.ecs import Document
from whence.notify.settings import Settings


@dataclass(frozen=True, slots=True)
class Message:
    """What people, or their machines, are told."""

    subject: str  # one line
    text: str
    documents: tuple[Document, ...]  # ECS; "message" is the line of the text about it
    at: datetime
    notes: tuple[str, ...] = ()  # what else has to be said: a sentence each
    sightings: int = 0  # how many it stands for

    @property
    def identity(self) -> str:
        """A name that stays the same when the message is sent again."""
        whole = f"{self.at.isoformat()}\n{self.subject}\n{self.text}"
        return hashlib.sha256(whole.encode("utf-8", "backslashreplace")).hexdigest()[:32]


Deliver = Callable[[Message, datetime], None]
"""Delivers a message, now, and returns when somebody has taken it.

Raises whence.world.post.Undelivered where it makes sense to try again, Refused where not.
"""


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to tell somebody. A file that declares one is found by being there."""

    section: str  # its part of the settings file
    schemes: tuple[str, ...]  # what the addresses begin with
    prepare: Callable[[str, Settings], Deliver]  # raises BadSettings, before anything is watched
