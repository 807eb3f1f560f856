"""lsof(8) for machines: -F, a field a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports.lsof import socket_of, unescaped
from whence.model.reported import Socket

_FIELD = re.compile(r"[a-zA-Z0]")
_PROCESS = re.compile(r"p\d+")


def _looks_like(head: Head) -> float:
    lines = head.lines
    if not lines or not _PROCESS.fullmatch(lines[0]):
        return 0.0
    short = head.share(lambda line: _FIELD.match(line) and "\t" not in line)
    named = any(re.fullmatch(r"n.*:.*|PTCP|PUDP|tIPv[46]", line) for line in lines)
    return 0.95 if named and short > 0.9 else 0.0


@kind(_looks_like)
def lsof_fields(lines: Lines, given: Given) -> Iterator[Socket]:
    """Sockets by lsof -ni -F, for instance -F pcuftPnT.

    As the table, with a field a line. Open files that are no sockets of a network are left out.
    """
    process: dict[str, str] = {}
    file: dict[str, str] = {}
    begun, look = 0, 0
    for number, text in lines:
        letter, value = text[:1], text[1:].strip()
        if text == "m" or _is_marker(text):
            yield from _socket(begun, process, file, look, lines)
            process, file, begun = {}, {}, 0
            look += 1
            lines.part()
        elif letter == "p" and value.isdigit():
            yield from _socket(begun, process, file, look, lines)
            process, file, begun = {"p": value}, {}, 0
            lines.part()
        elif letter == "f" and process:
            yield from _socket(begun, process, file, look, lines)
            file, begun = {"f": value}, number
        elif _FIELD.match(text) and process:
            (file if file else process)[_key(letter, value)] = value
            lines.part()
        elif text.strip():
            lines.strange(number, text)
    yield from _socket(begun, process, file, look, lines)


def _is_marker(text: str) -> bool:
    return text.startswith("m") and text[1:].strip("= ") == "" and "=" in text


def _key(letter: str, value: str) -> str:
    """TCP's state is one of several fields T."""
    return letter + value[:3] if letter == "T" else letter


def _socket(
    number: int, process: dict[str, str], file: dict[str, str], look: int, lines: Lines
) -> Iterator[Socket]:
    """The line of the descriptor stands for the whole."""
    if not file:
        return
    name = file.get("n", "")
    is_socket = file.get("t", "IPv4") in ("IPv4", "IPv6") and ":" in name
    transport = file.get("P", "")
    if not is_socket or not transport:
        lines.leave_out("files that are no sockets of a network")
        return
    yield socket_of(
        number,
        transport.lower(),
        name,
        file.get("TST=", "").removeprefix("ST="),
        int(process["p"][:10]),
        unescaped(process.get("c", "")),
        process.get("L", "") or process.get("u", ""),
        look,
    )
