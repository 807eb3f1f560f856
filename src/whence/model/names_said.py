"""What a piece of a program's text names, as the rows in which all is told that a file says."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model.named_hosts import is_port, names_in_text
from whence.model.program_contents import Said


def names_said(
    text: str, *, whole: bool = False, line: int = 0, offset: int = -1, within: str = ""
) -> Iterator[Said]:
    """Say what a piece of a file's text names."""
    for name in names_in_text(text, whole=whole):
        yield Said(name.what, name.text, line, offset, within, name.sure)


def pair_said(pair: tuple[object, ...], line: int, within: str = "") -> Iterator[Said]:
    """Say the port of (host, port), as sockets take it."""
    match pair:
        case (str(host), int(port), *_) if is_port(port) and (
            host in ("", "localhost") or [*names_said(host, whole=True)]
        ):
            yield Said("port", str(port), line, within=within)
