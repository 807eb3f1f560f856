"""Many switches of the lab side by side, for searches that mostly wait; goes on where it was left.

Each finished search is a line of a file, so that it can be stopped at any time.
"""

from __future__ import annotations

import multiprocessing
import queue
import signal
import time
from collections.abc import Iterable, Iterator
from multiprocessing.queues import Queue
from pathlib import Path

from bench.bisect.kept import append, engine, read
from bench.bisect.live import Run, Way, search_once, ways

from whence.lab.office_switch import Kind, office_switch
from whence.model import WhenceError

Job = tuple[Way, int]
GROUPS = list(dict.fromkeys((way.kind, way.ports) for way in ways()))
BUILT = 10  # times, by a worker
FORK = multiprocessing.get_context("fork")


def search_all(file: Path, runs: int, offices: int, until: float) -> Iterator[Run]:
    """Search so many times in each way, on so many switches at once; write and yield each search.

    Parameters
    ----------
    file
        What was found so far, of which nothing is done again.
    runs
        Of each row of the table.
    offices
        How many switches are up at once.
    until
        When to stop, s since 1970.

    """
    jobs = {group: FORK.Queue() for group in GROUPS}
    done = {(run.way, run.number) for run in read(file, Run, engine())}
    left = 0
    for number in range(runs):  # a run of each row, then another: rows grow alike
        for way in ways():
            if (way, number) not in done:
                jobs[way.kind, way.ports].put((way, number))
                left += 1
    ended: Queue[Run] = FORK.Queue()
    workers = []
    for at in range(offices):
        group = GROUPS[at % len(GROUPS)]
        worker = FORK.Process(target=_work, args=(*group, jobs[group], ended, until))
        worker.start()
        workers.append(worker)
    try:
        while left and any(worker.is_alive() for worker in workers):
            try:
                run = ended.get(timeout=1)
            except queue.Empty:
                continue
            left -= 1
            append(file, run)
            yield run
    finally:
        _end(workers, [*jobs.values(), ended])


def _work(kind: Kind, ports: int, jobs: Queue[Job], ended: Queue[Run], until: float) -> None:
    """Keep a switch up, and search on it for one port after the other; build it anew if it dies."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, max(1.0, until - time.time()))
    for _ in range(BUILT):
        with office_switch(ports, kind) as switch:
            try:
                for way, number in _taken(jobs):
                    ended.put(search_once(switch, way, number))
                return
            except WhenceError as e:
                print(f"a switch is given up: {e}: {e.because}", flush=True)


def _taken(jobs: Queue[Job]) -> Iterator[Job]:
    while True:
        try:
            yield jobs.get(timeout=2)
        except queue.Empty:
            return


def _stop(number: int, _: object) -> None:
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit


def _end(workers: Iterable[multiprocessing.process.BaseProcess], queues: Iterable[Queue]) -> None:
    for worker in workers:
        if worker.is_alive():
            worker.terminate()
    for worker in workers:
        worker.join(20)
    for one in queues:
        one.cancel_join_thread()
