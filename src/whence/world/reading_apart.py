"""The native part does not look at signals while it reads: who waits for it can be interrupted."""

from __future__ import annotations

from _thread import start_new_thread
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import TypeVar

T = TypeVar("T")
TICK = 0.2  # seconds between two words on how far it is


def read_apart(work: Callable[[], T], stop: Callable[[], None], hear: Callable[[], None]) -> T:
    """Do what reads on a thread of its own, and hear how far it is.

    Whatever interrupts the waiting stops the reading, which then ends soon, also of what is silent.
    An interrupt within `threading.Condition` can leave a lock held, or raise that it is not held;
    so nothing but bare locks, which know no state between, is shared with the thread.
    """
    begun, over = Lock(), Lock()
    results: list[Future[T]] = []
    over.acquire()
    try:
        start_new_thread(_work, (work, begun, results, over))
        while not over.acquire(timeout=TICK):
            hear()
    except BaseException:
        stop()
        has_begun = not begun.acquire(blocking=False)  # otherwise it never will
        if has_begun and not results:
            over.acquire()
        raise
    return results[0].result()


def _work(work: Callable[[], T], begun: Lock, results: list[Future[T]], over: Lock) -> None:
    if not begun.acquire(blocking=False):
        return
    result: Future[T] = Future()
    try:
        result.set_result(work())
    except BaseException as error:  # noqa: BLE001  it is raised where the result is asked for
        result.set_exception(error)
    results.append(result)
    over.release()
