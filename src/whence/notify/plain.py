"""Text of strangers, made harmless for one line of a message."""

from __future__ import annotations

from typing import Any


def plain(text: str, longest: int = 300) -> str:
    """Write ``text`` on one line, in at most ``longest`` characters.

    What does not print is written as Python would escape it: line ends, escape sequences, marks
    that turn the direction of writing, bytes that are not UTF-8.
    """
    shown = "".join(map(_visible, text[: longest + 1]))
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def clip(text: str, octets: int) -> bytes:
    """Encode as much of ``text`` as fits, without breaking a character in two."""
    whole = text.encode("utf-8", "backslashreplace")
    return whole[:octets].decode("utf-8", "ignore").encode() if len(whole) > octets else whole


def encodable(value: Any) -> Any:
    """Escape what is not UTF-8 in a document: names of files and arguments are any bytes."""
    match value:
        case str():
            return value.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {encodable(name): encodable(each) for name, each in value.items()}
        case list() | tuple():
            return [encodable(each) for each in value]
        case _:
            return value


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")
