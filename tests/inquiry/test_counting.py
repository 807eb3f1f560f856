from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Self

import pytest

from whence.inquiry import counting
from whence.world.packet_counts import Counts


class Process:
    """Counts without an end, of frames that are not IP; one more is told when it is ended."""

    def __init__(self, _interfaces: Sequence[str]) -> None:
        self.told = 0
        self.ended = False

    def counts(self, _seconds: float) -> Iterator[Counts]:
        while True:
            yield self._next()

    def rest(self) -> Iterator[Counts]:
        if not self.ended:
            self.ended = True
            yield self._next()

    def _next(self) -> Counts:
        self.told += 1
        return Counts(b"", self.told, self.told, {}, "tcx", 0, 0, self.told, 60 * self.told)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.ended = True


def test_counting_that_is_ended_early_tells_what_was_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counting, "CountingProcess", Process)
    wishes = iter([False, False, True])
    counted = counting.count_once(["eth0"], timedelta(hours=1), lambda: next(wishes))
    assert counted.not_ip == 4  # the last ones were asked for
