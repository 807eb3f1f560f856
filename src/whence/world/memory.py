"""How the C library keeps memory that is free again: mallopt(3)."""

from __future__ import annotations

import ctypes

M_MMAP_THRESHOLD = -3  # malloc.h
LARGE = 128 << 10  # bytes: the threshold that glibc begins with


def return_large_blocks() -> None:
    """Let large blocks go back to the system as soon as they are free, for this whole process.

    Otherwise glibc keeps those of up to 32 MB once one such block was freed, and two threads keep
    them apart: 25 MB more for a capture that two threads read. Other C libraries are left alone.
    """
    change = getattr(ctypes.CDLL(None), "mallopt", None)
    if change is not None:
        change(M_MMAP_THRESHOLD, LARGE)
