"""What a program's file says: each kind is read by a module of its own, imported when it is met."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator

from whence.model import CannotAsk
from whence.model.program_contents import Said, once
from whence.world.program_file import beginning, opened
from whence.world.this_host import asking_for

LARGEST_TEXT = 4 << 20
# Bytes of a file that are looked into where no more than a blink may pass: of ELF files, of others.
QUICK, QUICK_TEXT = 3 << 20, 256 << 10
ELF, MAGIC_END = b"\x7fELF", b"\r\n"  # the latter: of the number that compiled Python begins with


def contents(path: str) -> Iterator[Said]:
    """Say what a file is and what it names, each once."""
    with asking_for(path), opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        data = beginning(file)
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
        most = QUICK if file.read(4) == ELF else QUICK_TEXT
        if size > most:
            because = f"it has {size >> 10:,} KB, and over {most >> 10:,} KB take long"
            raise CannotAsk(f"{path} was not looked into", because=because,
                            try_=f"whence program {path}")  # fmt: skip
        file.seek(0)
        data = beginning(file)
    if data[2:4] == MAGIC_END:
        from whence.model.compiled_python import said_by_compiled

        yield from once(said_by_compiled(data))
    elif b"\0" in data[:8192]:
        from whence.model.binary_names import binary_names

        yield from once(binary_names(data))
    else:
        from whence.model.script_text import SHELLS, interpreter_line, script_said

        lines = data.decode("utf-8", "replace").splitlines()
        is_shell = _runs(interpreter_line(lines[0]) if lines else "") in SHELLS
        yield from once(script_said(lines, is_shell=is_shell))


def _said(data: bytes, path: str) -> Iterator[Said]:
    from whence.model.binary_names import binary_names
    from whence.model.compiled_python import header_of, said_by_compiled

    if data[:4] == ELF:
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
    from whence.model.binary_names import binary_names
    from whence.model.build_info import build_said
    from whence.model.elf import BadElf, read_elf

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
    from whence.model.script_text import SHELLS, interpreter_line, script_said
    from whence.world.python_source import python_said

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
