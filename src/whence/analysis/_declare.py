"""How a finding is declared: a function over the tables, and its question."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from whence.model.findings import Finding

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Context:
    """What is known beside the traffic; none of it has to be."""

    known_until: datetime | None = None  # what was not seen before this moment is new
    unreachable: Mapping[str, str] = field(default_factory=dict)  # address → "no route", "no ARP"
    prefixes: tuple[str, ...] = ()  # the networks of the links that were listened on


@dataclass(frozen=True, slots=True)
class Analysis:
    """A question about traffic, and the function that answers it."""

    find: Callable[[DuckDBPyConnection, Context], Iterable[Finding]]

    @property
    def name(self) -> str:
        """What the user types to ask for it alone."""
        return self.find.__name__.replace("_", "-")

    @property
    def question(self) -> str:
        """The question as the user reads it: the first line of the docstring."""
        return (inspect.getdoc(self.find) or "").partition("\n")[0]

    @property
    def limits(self) -> str:
        """What it cannot tell and why: the rest of the docstring."""
        return (inspect.getdoc(self.find) or "").partition("\n")[2].strip()

    def __call__(self, tables: DuckDBPyConnection, context: Context) -> Iterable[Finding]:
        return self.find(tables, context)


def analysis(find: Callable[[DuckDBPyConnection, Context], Iterable[Finding]]) -> Analysis:
    """Declare an analysis: its name is that of its function, its docstring is the question."""
    return Analysis(find)
