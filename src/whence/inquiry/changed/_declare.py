"""How a source of changes is declared: a function over a span, and what it tells of."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cached_property

from whence.model.changed import Change
from whence.probes._zones import time_zone
from whence.world import FileChanges, Host


@dataclass(frozen=True)
class Past:
    """The span that is asked about, and whom to ask."""

    begin: datetime
    end: datetime
    host: Host
    files: FileChanges
    not_read: dict[str, int] = field(default_factory=dict)

    def holds(self, moment: datetime) -> bool:
        """Say whether a moment is in the span."""
        return self.begin <= moment <= self.end

    @cached_property
    def zone(self) -> tzinfo:
        """The zone in which the host's logs tell the time."""
        return time_zone(self.host)


@dataclass(frozen=True, slots=True)
class ChangeSource:
    """A source of changes; it raises CannotAsk where the host has none such."""

    read: Callable[[Past], Iterable[Change]]

    @property
    def name(self) -> str:
        """The name of its function, which is the name of its file."""
        return self.read.__name__

    @property
    def tells(self) -> str:
        """What it tells of, in one line."""
        return (inspect.getdoc(self.read) or "").partition("\n")[0]


def change_source(read: Callable[[Past], Iterable[Change]]) -> ChangeSource:
    """Declare a source of changes."""
    return ChangeSource(read)
