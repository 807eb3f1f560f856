"""What recvmmsg(2) and sendmmsg(2) take: hundreds of datagrams with one call of the kernel."""

from __future__ import annotations

import ctypes


class Part(ctypes.Structure):
    """A struct iovec: where the bytes of a datagram lie."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class MessageHeader(ctypes.Structure):
    """A struct msghdr, recvmsg(2)."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("parts", ctypes.c_void_p),
        ("part_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class Message(ctypes.Structure):
    """A struct mmsghdr: the header, and how many bytes came or went."""

    _fields_ = (("header", MessageHeader), ("length", ctypes.c_uint32))
