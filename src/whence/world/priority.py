"""Running before others: what ends within a millisecond has to be read within it."""

from __future__ import annotations

import contextlib
import os
import resource
import threading
from pathlib import Path

BEFORE_OTHERS = -8  # setpriority(2); auditd raises itself likewise, by its priority_boost
RESTLESS = 2_000_000  # microseconds


def go_first() -> None:
    """Let this thread, and those that it starts, run before ordinary work, if this user may."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEFORE_OTHERS)


def session_goes_first() -> None:
    """Let the session of this process run before others, if this user may.

    Where the scheduler shares time among sessions first, what a thread has means little: sched(7).
    """
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(BEFORE_OTHERS))


def run_at_once(ahead: int = 0) -> None:
    """Run before all ordinary work as soon as there is something to do, if this user may.

    Those that are further ``ahead`` also run before others that do; one may fall back without
    rights.

    For a process that others wait for, and that does little: SCHED_RR of sched(7). If it should
    ever go on without a rest, it is killed: RLIMIT_RTTIME of getrlimit(2).
    """
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_RTTIME, (RESTLESS, RESTLESS))
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1 + ahead))
