"""The native part does not look at signals while it reads: who waits for it can be interrupted."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from typing import TypeVar

T = TypeVar("T")
TICK = 0.2  # seconds between two words on how far it is


def read_apart(work: Callable[[], T], stop: Callable[[], None], hear: Callable[[], None]) -> T:
    """Do what reads on a thread of its own, and hear how far it is.

    Whatever interrupts the waiting stops the reading, which then ends soon, also of what is silent.
    """
    result: Future[T] = Future()
    Thread(target=_work, args=(work, result), name="reading", daemon=True).start()
    try:
        while not wait([result], TICK).done:
            hear()
    except BaseException:
        stop()
        wait([result])
        raise
    return result.result()


def _work(work: Callable[[], T], result: Future[T]) -> None:
    try:
        result.set_result(work())
    except BaseException as error:  # noqa: BLE001  it is raised where the result is asked for
        result.set_exception(error)
