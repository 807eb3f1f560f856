"""A program's file as it is: its bytes, their sums, the rights it carries; nothing of it is run."""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from whence.model import BadInput, CannotAsk
from whence.model.binary_names import binary_names
from whence.model.build_info import build_said
from whence.model.compiled_python import header_of, said_by_compiled
from whence.model.elf import MAGIC, BadElf, read_elf
from whence.model.program_contents import Said, once
from whence.model.script_text import SHELLS, interpreter_line, script_said
from whence.world.python_source import python_said
from whence.world.this_host import asking_for

LARGEST = 96 << 20  # bytes that are looked into; sums are of all
LARGEST_TEXT = 4 << 20
QUICK = 3 << 20  # bytes of a file that are looked into where no more than a blink may pass
CAPABILITIES = "security.capability"  # xattr(7)
# The first 41 bits of a set, in their order: capabilities(7).
CAPABILITY_NAMES = (
    "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable "
    "net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio "
    "sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time "
    "sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog "
    "wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore"
)


@contextmanager
def opened(path: str) -> Iterator[IO[bytes]]:
    """Open an ordinary file; never one that hangs, such as a fifo.

    Raises
    ------
    CannotAsk
        If there is none, or it may not be read.
    BadInput
        If it is something else.

    """
    with asking_for(path):
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
        descriptor = os.open(path, flags)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise BadInput(f"{path} is no ordinary file")
        yield file


def sums(path: str) -> str:
    """Give the sums of a file's bytes, its size, and its capabilities, as JSON."""
    with asking_for(path), opened(path) as file:
        sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        size = 0
        while piece := file.read(1 << 20):
            size += len(piece)
            sha256.update(piece)
            md5.update(piece)
        told = {"size": size, "sha256": sha256.hexdigest(), "md5": md5.hexdigest()}
        if carried := _capabilities(file.fileno()):
            told["capabilities"] = carried
    return json.dumps(told)


def _capabilities(descriptor: int) -> str:
    """Read what a file adds to the rights of whoever starts it, in the kernel's form."""
    try:
        value = os.getxattr(descriptor, CAPABILITIES)
    except OSError:
        return ""
    words = struct.unpack(f"<{len(value) // 4}I", value[: len(value) // 4 * 4])
    permitted = words[1] | (words[3] << 32 if len(words) > 3 else 0) if len(words) > 1 else 0
    names = [name for bit, name in enumerate(CAPABILITY_NAMES.split()) if permitted >> bit & 1]
    return ",".join(f"cap_{name}" for name in names) or f"unknown: {value.hex()}"


def contents(path: str) -> Iterator[Said]:
    """Say what a file is and what it names, each once."""
    with asking_for(path), opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        data = _bytes(file)
    yield from once(_said(data, path))
    if size > len(data):
        yield Said("not-read", f"what comes after its first {len(data) >> 20} MB")


def names(path: str) -> Iterator[Said]:
    """Say what a file names, in no more than a blink: Python, too, is read line by line.

    Raises
    ------
    CannotAsk
        If it is too large for that.

    """
    with asking_for(path), opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > QUICK:
            because = f"it has {size >> 20} MB, and over {QUICK >> 20} MB take long"
            raise CannotAsk(f"{path} was not looked into", because=because,
                            try_=f"whence program {path}")  # fmt: skip
        data = _bytes(file)
    if header_of(data):
        yield from once(said_by_compiled(data))
    elif b"\0" in data[:8192]:
        yield from once(binary_names(data))
    else:
        lines = data.decode("utf-8", "replace").splitlines()
        is_shell = _runs(interpreter_line(lines[0]) if lines else "") in SHELLS
        yield from once(script_said(lines, is_shell=is_shell))


def _bytes(file: IO[bytes]) -> bytes:
    pieces, size = [], 0
    while size < LARGEST and (piece := file.read(1 << 20)):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def _said(data: bytes, path: str) -> Iterator[Said]:
    if data[:4] == MAGIC:
        yield from _elf_said(data)
    elif header_of(data):
        yield Said("kind", "compiled Python")
        yield from said_by_compiled(data)
    elif b"\0" in data[:8192]:
        archive = data[:4] == b"PK\3\4" or b"PK\3\4" in data[:8192]
        yield Said("kind", "a ZIP archive" if archive else "data of an unknown kind")
        if archive:
            yield Said("not-read", "it is packed: what is packed in it")
        yield from binary_names(data)
    else:
        yield from _text_said(data, path)


def _elf_said(data: bytes) -> Iterator[Said]:
    try:
        elf = read_elf(data)
    except BadElf as e:
        yield Said("kind", "a damaged ELF file")
        yield Said("not-read", str(e))
    else:
        yield Said("kind", elf.described)
        if elf.interpreter:
            yield Said("interpreter", elf.interpreter)
        for what, name in elf.dynamic():
            yield Said(what, name)
        yield Said("symbols", "left in it" if elf.has_symbols else "stripped")
        if build_id := elf.build_id():
            yield Said("build-id", build_id)
        yield from build_said(elf)
    yield from binary_names(data)


def _text_said(data: bytes, path: str) -> Iterator[Said]:
    text = data[:LARGEST_TEXT].decode("utf-8", "replace")
    lines = text.splitlines()
    named = interpreter_line(lines[0]) if lines else ""
    runs = _runs(named)
    is_python = runs.startswith("python") or (not runs and path.endswith(".py"))
    is_shell = runs in SHELLS or (not runs and path.endswith(".sh"))
    yield Said("kind", _kind(runs, is_python, is_shell))
    if named:
        yield Said("interpreter", named, 1)
    if is_python:
        yield from python_said(data)
        return
    yield from script_said(lines, is_shell=is_shell)
    if len(data) > LARGEST_TEXT:
        yield Said("not-read", f"what comes after its first {LARGEST_TEXT >> 20} MB")


def _runs(named: str) -> str:
    """Name the interpreter of a ``#!`` line, also where env(1) looks for it."""
    words = [posixpath.basename(word) for word in named.split()]
    return next((word for word in words if word != "env" and not word.startswith("-")), "")


def _kind(runs: str, is_python: bool, is_shell: bool) -> str:
    if is_python:
        return "a Python program"
    if is_shell:
        return "a shell script"
    return f"a script for {runs}" if runs else "text"
