"""Where in a structured text a position is: the key of JSON or YAML, the section, the column. Pure.

What a text is, is told by its name and by trying; a text that is not what its name says is told
by line alone. All of it is bounded: texts come from strangers.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from xml.parsers import expat

LARGEST = 4 << 20  # bytes of a text that is taken apart
DEEPEST = 100  # keys within keys
LONGEST = 200  # characters of a key that is told

_INI_NAMES = re.compile(
    r".*\.(?:ini|conf|cnf|cfg|toml|service|timer|socket|mount|network|netdev|link|nmconnection"
    r"|desktop|repo|properties)$"
)
_SECTION = re.compile(rb"^[ \t]*\[([^\]\n]{1,200})\]", re.MULTILINE)
_SETTING = re.compile(rb"[ \t]*([A-Za-z0-9_.@/-]{1,100})[ \t]*[=:]")
_YAML_KEY = re.compile(
    rb"^(?P<indent>[ ]*)(?P<dash>(?:- +)*)(?P<key>[\w\"'./-][^:#\n]{0,100}?):(?=\s|$)"
)
_JSON_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},:]')


def part_of(name: str, data: bytes, start: int) -> str:
    """Say where in a text the byte at ``start`` is; empty where only its line can be told."""
    if len(data) > LARGEST:
        return ""
    lower = name.lower()
    begin = data[:200].lstrip()
    tellers: Sequence[tuple[bool, Callable[[bytes, int], str]]] = (
        (lower.endswith(".json") or begin[:1] in (b"{",), json_key),
        (lower.endswith((".yaml", ".yml")), yaml_key),
        (lower.endswith(".xml") or begin.startswith(b"<?xml"), xml_path),
        (lower.endswith((".csv", ".tsv")), csv_cell),
        (bool(_INI_NAMES.fullmatch(lower)) or bool(_SECTION.match(begin)), ini_key),
    )
    for is_it, tell in tellers:
        if is_it and (told := tell(data, start)):
            return told
    return ""


def json_key(data: bytes, start: int) -> str:
    """Give the path of a value, as ``$.servers[2].address``; of a key that of its object."""
    path: list[str | int] = []
    expects_key, key = False, b""
    for token in _JSON_TOKEN.finditer(data, 0, start + 1):
        text = token[0]
        if token.end() > start:
            break
        if text in (b"{", b"["):
            if len(path) >= DEEPEST:
                return ""
            path.append("" if text == b"{" else 0)
            expects_key = text == b"{"
        elif text in (b"}", b"]"):
            if not path:
                return ""
            path.pop()
        elif text == b"," and path:
            last = path[-1]
            expects_key = isinstance(last, str)
            path[-1] = last + 1 if isinstance(last, int) else ""
        elif text == b":" and path:
            path[-1], expects_key = _shown(key), False
        elif expects_key:
            key = text[1:-1]
    written = "".join(f"[{at}]" if isinstance(at, int) else f".{at}" for at in path if at != "")
    return f"${written}" if path else ""


def yaml_key(data: bytes, start: int) -> str:
    """Give the keys above a line by their indentation, as ``scanners.targets``."""
    keys: list[str] = []
    inner: int | None = None
    lines = data[: _line_end(data, start)].split(b"\n")
    for line in reversed(lines[-20_000:]):
        if not line.strip() or line.lstrip().startswith(b"#"):
            continue
        found = _YAML_KEY.match(line)
        indent = len(found["indent"]) + len(found["dash"]) if found else _indent(line)
        if inner is None:
            inner = indent if found else indent + (0 if line.lstrip().startswith(b"-") else 1)
            if found:
                keys.append(_shown(found["key"].strip(b"\"'")))
        elif found and (indent < inner or (indent == inner and not keys)):
            keys.append(_shown(found["key"].strip(b"\"'")))
            inner = len(found["indent"])
        if inner == 0 or len(keys) >= DEEPEST:
            break
    return ".".join(reversed(keys))


def ini_key(data: bytes, start: int) -> str:
    """Give the section and the key: ``[remote] host``."""
    line_start = data.rfind(b"\n", 0, start) + 1
    begins = data.rfind(b"\n[", 0, line_start)
    section = _SECTION.match(data, begins + 1) if begins >= 0 else _SECTION.match(data)
    if section and section.start() >= line_start:
        section = None
    setting = _SETTING.match(data, line_start)
    named = setting if setting and setting.end() <= start else None
    parts = [f"[{_shown(section[1])}]"] if section else []
    return " ".join([*parts, *([_shown(named[1])] if named else [])])


def csv_cell(data: bytes, start: int) -> str:
    """Give the row, counted from 1 with the head, and the head of the column."""
    line_start = data.rfind(b"\n", 0, start) + 1
    head = data.split(b"\n", 1)[0].decode("utf-8", "replace").strip("\r")
    between = max(",;\t|", key=head.count)
    if between not in head:
        return ""
    before = data[line_start:start].decode("utf-8", "replace")
    try:
        heads = next(csv.reader([head], delimiter=between))
        column = len(next(csv.reader([before + "x"], delimiter=between))) - 1
    except (csv.Error, StopIteration):
        return ""
    row = data.count(b"\n", 0, line_start) + 1
    named = heads[column] if column < len(heads) and row > 1 else str(column + 1)
    return f"row {row}, column {_shown(named)}"


def xml_path(data: bytes, start: int) -> str:
    """Give the elements that a place is in, as ``/hosts/host``; entities are not followed."""
    path: list[str] = []
    found: list[str] = []

    def opened(name: str, attributes: dict[str, str]) -> None:
        if len(path) >= DEEPEST:
            raise _Enough
        path.append(name[:LONGEST])
        passed()

    def closed(_name: str) -> None:
        passed()
        path.pop()

    def passed(*_: object) -> None:
        if parser.CurrentByteIndex <= start:
            found[:] = path
        else:
            raise _Enough

    def refuse(*_: object) -> None:
        raise _Enough

    parser = expat.ParserCreate()
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.CharacterDataHandler = passed
    parser.EntityDeclHandler = refuse
    with suppress(expat.ExpatError, _Enough):
        parser.Parse(data, True)
    return f"/{'/'.join(found)}" if found else ""


class _Enough(Exception):
    """The place is found, or there is too much before it."""


def _line_end(data: bytes, start: int) -> int:
    end = data.find(b"\n", start)
    return len(data) if end < 0 else end


def _indent(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" "))


def _shown(key: bytes | str) -> str:
    text = key.decode("utf-8", "replace") if isinstance(key, bytes) else key
    return text.strip()[:LONGEST]
