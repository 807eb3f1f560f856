"""When a run is told of to its end: not before all is read that it wrote, if that can be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from whence.inquiry.trapped import LATE, LATEST, Trap, _Following
from whence.model.trapped import Run


class Outputs:
    """A sensor that has told all until a moment."""

    def __init__(self, until: float, *, all_of: bool = False) -> None:
        self._until = until
        self._all_of = all_of

    def has_all_of(self, number: int) -> bool:
        return self._all_of

    def reached(self) -> float:
        return self._until


@pytest.mark.parametrize(
    ("outputs", "after", "over"),
    [
        (None, 0.0, True),
        (Outputs(0.0, all_of=True), 0.0, True),
        (Outputs(1.0), 0.0, False),  # whom it started may still write
        (Outputs(1.0), LATE, True),  # that is still alive
        (Outputs(-1.0), LATE, False),  # behind: a busy machine
        (Outputs(-1.0), LATEST, True),
    ],
)
def test_a_run_is_over(outputs: Outputs | None, after: float, over: bool) -> None:
    trap: Any = Trap.__new__(Trap)
    trap.outputs, trap.connections = outputs, None
    run = Run(1, datetime(2026, 1, 1, tzinfo=UTC), ())
    assert trap._is_over(_Following(run, due=0.0), after) is over
