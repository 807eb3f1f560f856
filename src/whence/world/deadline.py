"""A process that others wait for is killed when it hangs, or when the one it works for has ended.

The one is timer_create(2) with SIGKILL, the other PR_SET_PDEATHSIG of prctl(2).

The kernel keeps the time. So it also works when the process is stopped, by SIGSTOP or a debugger,
when it is frozen with its cgroup, and when nobody is left who would watch it.
"""

from __future__ import annotations

import ctypes
import os
import signal

from whence.model import CannotAsk

CLOCK_MONOTONIC = 1
SIGEV_SIGNAL = 0
PR_SET_PDEATHSIG = 1  # linux/prctl.h

_libc = ctypes.CDLL(None, use_errno=True)


class _SigEvent(ctypes.Structure):
    """struct sigevent of asm-generic/siginfo.h: 64 bytes."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signo", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("rest", ctypes.c_char * (64 - 2 * ctypes.sizeof(ctypes.c_int) - 8)),
    )


class _TimerSpec(ctypes.Structure):
    """struct itimerspec."""

    _fields_ = tuple((name, ctypes.c_long) for name in ("every", "every_ns", "first", "first_ns"))


class Deadline:
    """Kills this process, unless ``renew`` is called at least once in so many seconds."""

    def __init__(self, seconds: int) -> None:
        self._timer = ctypes.c_void_p()
        self._spec = _TimerSpec(0, 0, seconds, 0)
        event = _SigEvent(None, signal.SIGKILL, SIGEV_SIGNAL)
        made = _libc.timer_create(CLOCK_MONOTONIC, ctypes.byref(event), ctypes.byref(self._timer))
        if made:
            because = os.strerror(ctypes.get_errno())
            raise CannotAsk("the kernel gives no timer that would end us", because=because)
        self.renew()

    def renew(self) -> None:
        """Say that all is well."""
        if _libc.timer_settime(self._timer, 0, ctypes.byref(self._spec), None):
            because = os.strerror(ctypes.get_errno())
            raise CannotAsk("the timer that would end us cannot be set", because=because)

    def cancel(self) -> None:
        """Say that nobody waits any more."""
        _libc.timer_delete(self._timer)


def end_with_parent(parent: int) -> None:
    """Let the kernel kill this process as soon as the one that forked it ends, however it ends."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
