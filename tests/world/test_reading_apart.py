"""Reading on a thread of its own: interrupted at any step, it is stopped and waited for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import sleep
from types import FrameType
from typing import Any

import pytest

from whence.world import reading_apart
from whence.world.reading_apart import read_apart


class Reader:
    """Reads until it is stopped, or was heard twice; knows whether it still reads."""

    def __init__(self) -> None:
        self.begun = self.ended = 0
        self._heard = 0
        self._over = False

    def read(self) -> None:
        self.begun += 1
        while not self._over:
            sleep(0.001)
        self.ended += 1

    def stop(self) -> None:
        self._over = True

    def hear(self) -> None:
        self._heard += 1
        if self._heard == 2:
            self.stop()


def steps(work: Callable[[], object], interrupted: int | None = None) -> int:
    """Count the steps of Python in this thread, and interrupt it at one of them."""
    done = 0

    def at_step(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal done
        frame.f_trace_opcodes = True
        done += event == "opcode"
        if done == interrupted:
            sys.settrace(None)
            raise KeyboardInterrupt
        return at_step

    before = sys.gettrace()
    sys.settrace(at_step)
    try:
        work()
    finally:
        sys.settrace(before)
    return done


def test_what_was_read_is_given() -> None:
    assert read_apart(lambda: 7, lambda: None, lambda: None) == 7


def test_what_fails_is_raised() -> None:
    with pytest.raises(OSError, match="gone"):
        read_apart(_fail, lambda: None, lambda: None)


def _fail() -> None:
    raise OSError("gone")


def test_an_interrupt_at_any_step_is_raised_as_such_and_ends_the_reading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading_apart, "TICK", 0.01)

    def reading(reader: Reader) -> Callable[[], None]:
        return lambda: read_apart(reader.read, reader.stop, reader.hear)

    interrupted = 0
    for step in range(1, steps(reading(Reader())) + 1):
        reader = Reader()
        try:
            done = steps(reading(reader), interrupted=step)
        except KeyboardInterrupt:
            interrupted += 1
        else:
            assert done < step  # it was heard once less than when steps were counted
        assert reader.begun == reader.ended, f"interrupted at step {step}, it still reads"
    assert interrupted > 50
