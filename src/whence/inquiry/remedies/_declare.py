"""How a kind of remedy is declared: a function from a chain of facts to suggestions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from whence.inquiry.chain import launchers
from whence.inquiry.known import Known
from whence.model import Fact, Flow, Observable, Process
from whence.model.suggestions import Suggestion

MAKERS = ("made-by", "answered-by")
MOST_MAKERS = 3  # processes whose stopping is thought about


@dataclass(frozen=True)
class Chain:
    """What is known of a piece of traffic, for who thinks about how to stop it."""

    subject: Observable
    known: Known
    facts: tuple[Fact, ...]
    switches: Mapping[str, str] = field(default_factory=dict)  # name → what it speaks

    @property
    def flow(self) -> Flow | None:
        """The traffic, where the case is about some."""
        return self.subject if isinstance(self.subject, Flow) else None

    def makers(self) -> list[Fact]:
        """Give who makes it, each process once; last, what may have been stopped already."""
        found = self.known.about(self.subject, *MAKERS)
        once = {fact.value: fact for fact in found if isinstance(fact.value, Process)}
        return sorted(once.values(), key=self._has_lost_its_job)[:MOST_MAKERS]

    def _has_lost_its_job(self, maker: Fact) -> bool:
        """Whether no line starts it any more that is known."""
        process = maker.value
        assert isinstance(process, Process)
        return any(self.known.about(one, "job-unknown") for one in self.known.ancestors(process))

    def processes(self) -> list[Process]:
        """Give the processes that make it, or the one that was asked about."""
        if isinstance(self.subject, Process):
            return [self.subject]
        return [fact.value for fact in self.makers() if isinstance(fact.value, Process)]

    def asked_processes(self) -> list[Process]:
        """Give those of them whose machine was asked itself, as what is imported was not."""
        return [process for process in self.processes() if not process.is_reported]

    def launches(self) -> Iterator[tuple[Process, Fact]]:
        """Give each maker with what started it, and with what triggers that."""
        for process in self.asked_processes():
            for fact in launchers(self.known, process):
                yield process, fact


@dataclass(frozen=True, slots=True)
class Remedy:
    """A kind of remedy."""

    suggest: Callable[[Chain], Iterator[Suggestion]]

    @property
    def name(self) -> str:
        """The name of its function, which is the name of its file."""
        return self.suggest.__name__

    @property
    def does(self) -> str:
        """What it does, in one line."""
        return (inspect.getdoc(self.suggest) or "").partition("\n")[0]


def remedy(suggest: Callable[[Chain], Iterator[Suggestion]]) -> Remedy:
    """Declare a kind of remedy."""
    return Remedy(suggest)
