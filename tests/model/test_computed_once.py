from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier

from whence.model.computed_once import computed_once


def test_what_was_computed_is_kept() -> None:
    numbers = count(1)

    class Thing:
        @computed_once
        def number(self) -> int:
            """Count."""
            return next(numbers)

    first, second = Thing(), Thing()
    assert (first.number, first.number, second.number) == (1, 1, 2)
    assert Thing.number.__doc__ == "Count."


def test_one_thing_does_not_wait_for_another() -> None:
    both = Barrier(2, timeout=10)

    class Thing:
        @computed_once
        def arrival(self) -> int:
            return both.wait()

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(lambda thing: thing.arrival, [Thing(), Thing()])) == [0, 1]
