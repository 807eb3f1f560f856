"""Giving up rights: an ordinary user with a few capabilities instead of root, capabilities(7)."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable

from whence.model import NotPermitted

CAP_DAC_READ_SEARCH, CAP_SETGID, CAP_SETUID, CAP_SETPCAP = 2, 6, 7, 8
CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_PTRACE, CAP_PERFMON, CAP_BPF = 12, 13, 19, 38, 39
NAMES = {
    CAP_DAC_READ_SEARCH: "CAP_DAC_READ_SEARCH",
    CAP_SETGID: "CAP_SETGID",
    CAP_SETUID: "CAP_SETUID",
    CAP_SETPCAP: "CAP_SETPCAP",
    CAP_NET_ADMIN: "CAP_NET_ADMIN",
    CAP_NET_RAW: "CAP_NET_RAW",
    CAP_SYS_PTRACE: "CAP_SYS_PTRACE",
    CAP_PERFMON: "CAP_PERFMON",
    CAP_BPF: "CAP_BPF",
}
NOBODY = 65534

_VERSION = 0x20080522  # _LINUX_CAPABILITY_VERSION_3 of include/uapi/linux/capability.h
_PR_SET_KEEPCAPS, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 8, 24, 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_LAST = 63  # capabilities that a set has room for

_libc = ctypes.CDLL(None, use_errno=True)


def held() -> frozenset[int]:
    """Say which capabilities this thread may use now."""
    effective, _, _ = _get()
    return frozenset(number for number in range(_LAST + 1) if effective >> number & 1)


def lower(capabilities: Iterable[int]) -> None:
    """Become nobody with these capabilities only, in a way that ``restore`` can undo.

    Raises
    ------
    NotPermitted
        If one of the capabilities is not held.

    """
    wanted = _wanted(capabilities)
    if CAP_SETUID in held() and os.geteuid() == 0:
        os.setresuid(-1, NOBODY, 0)  # the saved 0 is the way back
    _, permitted, inheritable = _get()
    _set(wanted, permitted, inheritable)


def restore() -> None:
    """Take back what ``lower`` laid down."""
    _, permitted, inheritable = _get()
    _set(permitted, permitted, inheritable)
    if os.getresuid()[2] == 0:
        os.setresuid(-1, 0, 0)
        _set(permitted, permitted, inheritable)


def give_up_all_but(capabilities: Iterable[int]) -> None:
    """Become nobody with these capabilities only, for good: no file executed gives more.

    Raises
    ------
    NotPermitted
        If one of the capabilities is not held.

    """
    restore()
    wanted = _wanted(capabilities)
    if CAP_SETPCAP in held():
        for number in range(_LAST + 1):
            if not wanted >> number & 1:
                _libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)
    _libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
    if CAP_SETGID in held():
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
    if CAP_SETUID in held() and os.geteuid() == 0:
        os.setresuid(NOBODY, NOBODY, NOBODY)
    _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    _set(wanted, wanted, 0)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def keep_only(capabilities: Iterable[int]) -> None:
    """Stay who we are, so that our files are ours, with these capabilities only, for good.

    Raises
    ------
    NotPermitted
        If one of the capabilities is not held.

    """
    wanted = _wanted(capabilities)
    if CAP_SETPCAP in held():
        for number in range(_LAST + 1):
            if not wanted >> number & 1:
                _libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)
    _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    _set(wanted, wanted, 0)
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _wanted(capabilities: Iterable[int]) -> int:
    _, permitted, _ = _get()
    numbers = sorted(capabilities)
    missing = [NAMES.get(n, f"capability {n}") for n in numbers if not permitted >> n & 1]
    if missing:
        raise NotPermitted(
            "this takes rights that we do not have",
            because=f"we lack {', '.join(missing)}",
            try_="run it as root, or give it those: setpriv(1), AmbientCapabilities= of systemd",
        )
    return sum(1 << number for number in numbers)


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Half(ctypes.Structure):
    """One half of the three sets: the lower 32 capabilities come first."""

    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def _get() -> tuple[int, int, int]:
    halves = (_Half * 2)()
    if _libc.capget(ctypes.byref(_Header(_VERSION, 0)), halves):
        raise OSError(ctypes.get_errno(), "capget")
    low, high = halves
    return (
        low.effective | high.effective << 32,
        low.permitted | high.permitted << 32,
        low.inheritable | high.inheritable << 32,
    )


def _set(effective: int, permitted: int, inheritable: int) -> None:
    halves = (_Half * 2)(
        *(
            _Half(*(sets >> shift & 0xFFFFFFFF for sets in (effective, permitted, inheritable)))
            for shift in (0, 32)
        )
    )
    if _libc.capset(ctypes.byref(_Header(_VERSION, 0)), halves):
        raise NotPermitted(
            "could not set our capabilities",
            because=os.strerror(ctypes.get_errno()),
            try_="run it as root",
        )
