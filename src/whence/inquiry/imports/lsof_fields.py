"""lsof(8) for machines: -F, a field a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports.lsof import socket_of, unescaped
from whence.model.reported import Socket

_FIELD = re.compile(r"[a-zA-Z0]")
_PROCESS = re.compile(r"p\d+")
_HOST = r"(?:\*|\[[0-9A-Fa-f:.%\w-]+\]|[\w.-]+)"
_ENDS = re.compile(rf"{_HOST}:(?:\*|[\w-]+)(?:->{_HOST}:(?:\*|[\w-]+))?")
END = "\0"  # of a field, with -F0: a line then holds those of a process or file


def _looks_like(head: Head) -> float:
    fields = Head(head.text.replace(END, "\n"))
    lines = fields.lines
    if not lines or not _PROCESS.fullmatch(lines[0]):
        return 0.0
    short = fields.share(lambda line: _FIELD.match(line) and "\t" not in line)
    named = any(re.fullmatch(r"n.*:.*|PTCP|PUDP|tIPv[46]", line) for line in lines)
    return 0.95 if named and short > 0.9 else 0.0


@kind(_looks_like)
def lsof_fields(lines: Lines, given: Given) -> Iterator[Socket]:
    """Sockets by lsof -ni -F or -F0, for instance -F pcuftPnT.

    As the table, with a field a line. Open files that are no sockets of a network are left out.
    Without the field P it is not known of which protocol a socket is.
    """
    reader = _Reader(lines, given)
    for number, text in lines:
        *fields, last = text.split(END)
        if last.strip() or not fields:
            fields.append(last)
        understood = begun = 0
        for field in fields:
            yield from reader.take(number, field)
            understood += reader.understood
            begun += reader.understood and field.startswith("f")
        lines.several(begun)
        if not text.strip() or begun:
            continue  # a line of a descriptor is counted when all of it was read
        if understood:
            lines.part()
        else:
            lines.strange(number, text)
    yield from reader.end()


class _Reader:
    """Fields wait for the next process or descriptor, which ends them."""

    def __init__(self, lines: Lines, given: Given) -> None:
        self._lines = lines
        self._given = given
        self._process: dict[str, str] = {}
        self._file: dict[str, str] = {}
        self._look = 0
        self._begun = 0  # the line of the descriptor stands for the whole
        self.understood = False  # the field that was taken last

    def take(self, number: int, text: str) -> Iterator[Socket]:
        letter, value = text[:1], text[1:].strip()
        self.understood = True
        if text == "m" or _is_marker(text):
            yield from self.end()
            self._process = {}
            self._look += 1
        elif letter == "p":
            yield from self.end()
            self.understood = value.isdecimal()  # else what follows is nobody's, as far as is known
            self._process = {"p": value} if self.understood else {}
        elif letter == "f" and self._process:
            yield from self.end()
            self._file, self._begun = {"f": value}, number
        elif _FIELD.match(text) and self._process:
            (self._file if self._file else self._process)[_key(letter, value)] = value
        else:
            self.understood = False

    def end(self) -> Iterator[Socket]:
        """Give the socket that was told of, if it is one."""
        file, process = self._file, self._process
        number, self._file, self._begun = self._begun, {}, 0
        if not file:
            return
        name, transport = file.get("n", ""), file.get("P", "").lower()
        state = file.get("TST=", "").removeprefix("ST=")
        typed = file.get("t", "")
        is_socket = typed in ("IPv4", "IPv6") or (not typed and _ENDS.fullmatch(name))
        if not is_socket or ":" not in name:
            self._lines.leave_out("files that are no sockets of a network")
            return
        if not transport and state:
            transport = "tcp"  # no other has states
        elif not transport:
            self._given.assume("of which protocol sockets are is not in it (lsof -F without P)")
        yield socket_of(
            number, transport, name, state, int(process["p"][:10]),
            unescaped(process.get("c", "")), process.get("L", "") or process.get("u", ""),
            self._look,
        )  # fmt: skip


def _is_marker(text: str) -> bool:
    return text.startswith("m") and text[1:].strip("= ") == "" and "=" in text


def _key(letter: str, value: str) -> str:
    """TCP's state is one of several fields T."""
    return letter + value[:3] if letter == "T" else letter
