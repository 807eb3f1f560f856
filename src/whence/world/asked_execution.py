"""What a thread that waits in execve(2) asks for: its arguments, from its own memory.

The program has not begun yet, and one that ends within a millisecond could not be asked later.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, replace

from whence.model.secrets import redact_args

MOST_BYTES = 64 << 10  # of all arguments together; the kernel allows 2 MB and more
MOST = 4096  # arguments
PAGE = 4096

# Which system call it is, and which of its arguments are the file's name and the array:
# asm/unistd.h of x86-64, i386, x32 and arm64; arm64 has the numbers of asm-generic.
_CALLS = {
    "x86_64": {
        59: (1, 2, "Q"), 322: (2, 3, "Q"), 11: (1, 2, "I"), 358: (2, 3, "I"),
        0x40000208: (1, 2, "I"), 0x40000221: (2, 3, "I"),
    },
    "aarch64": {221: (1, 2, "Q"), 281: (2, 3, "Q"), 11: (1, 2, "I"), 387: (2, 3, "I")},
}  # fmt: skip
_KNOWN = _CALLS.get(os.uname().machine, {})


@dataclass(frozen=True, slots=True)
class AskedExecution:
    """What execve(2) was given."""

    file: str
    args: tuple[str, ...]
    args_bytes: int  # with those that were left out because they are too long

    def redacted(self) -> AskedExecution:
        """Give it without passwords; that takes long where arguments are long."""
        return replace(self, args=redact_args(self.args))


class NotAsleep(Exception):
    """The thread still runs; it goes to sleep as soon as it gets a processor."""


def asked_execution(thread: int, proc: str = "/proc") -> AskedExecution | None:
    """Read it; nothing where that is not permitted, or the thread is not in such a call.

    Whoever shows it, or keeps it, redacts it before.

    Raises
    ------
    NotAsleep
        If the thread has not gone to sleep in the call yet: we are told a moment before that.

    """
    try:
        fields = _system_call(f"{proc}/{thread}/syscall")
        name_at, array_at, pointer = _KNOWN[int(fields[0])]
        name, array = int(fields[name_at], 16), int(fields[array_at], 16)
        memory = os.open(f"{proc}/{thread}/mem", os.O_RDONLY | os.O_CLOEXEC)
    except (OSError, KeyError, ValueError, IndexError):
        return None
    try:
        file = _text(memory, name, PAGE)
        args, size = _arguments(memory, array, pointer)
    except (OSError, OverflowError):
        return None
    finally:
        os.close(memory)
    words = tuple(argument.decode("utf-8", "replace") for argument in args)
    return AskedExecution(file.decode("utf-8", "replace"), words, size)


def _arguments(memory: int, array: int, pointer: str) -> tuple[list[bytes], int]:
    args: list[bytes] = []
    size = 0
    for at in _pointers(memory, array, struct.Struct(f"={pointer}")):
        if len(args) == MOST or size >= MOST_BYTES:
            size += 1  # at least: whoever compares sees that it was cut short
            break
        argument = _text(memory, at, MOST_BYTES - size)
        args.append(argument)
        size += len(argument) + 1
    return args, size


def _pointers(memory: int, at: int, pointer: struct.Struct) -> list[int]:
    found: list[int] = []
    while len(found) <= MOST:
        piece = _piece(memory, at, PAGE)
        whole = len(piece) // pointer.size * pointer.size
        if not whole:
            return found
        for (value,) in pointer.iter_unpack(piece[:whole]):
            if not value:
                return found
            found.append(value)
        at += whole
    return found


def _text(memory: int, at: int, most: int) -> bytes:
    """Read up to the zero; a page may be the last one that is there."""
    text = b""
    while len(text) < most:
        piece = _piece(memory, at + len(text), PAGE)
        text += piece
        if b"\0" in piece or not piece:
            break
    return text.partition(b"\0")[0][:most]


def _piece(memory: int, at: int, most: int) -> bytes:
    """Read to the end of the page at most."""
    return os.pread(memory, min(most, PAGE - at % PAGE), at)


def _system_call(path: str) -> list[bytes]:
    """Read the system call that a thread is in, proc(5)."""
    fields = _contents(path, 256).split()
    if fields == [b"running"]:
        raise NotAsleep
    return fields


def _contents(path: str, limit: int) -> bytes:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(file, limit)
    finally:
        os.close(file)
