"""A case as a text file that can be mailed: JSON lines, the same for the same case.

The first line is a header, then comes each journal entry, then the texts by their digest, in
pieces. Everything in it can come from a stranger: reading it back is bounded and verified.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path
from typing import Any, BinaryIO

from whence.model import BadInput
from whence.model.given_file import reading
from whence.store.bodies import text_of
from whence.store.creation import replacing
from whence.store.journal import Entry, canonical
from whence.store.texts import LARGEST, unpacked
from whence.store.verification import problems

VERSION = 1
PIECE = 1 << 20  # characters of a text in one line
LONGEST = 16 << 20  # bytes of a line
MOST = 1 << 30  # bytes of a file, unpacked
ID = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[a-z0-9]{4}")

HEADER = frozenset(("whence-case", "id", "head"))
ENTRY = frozenset(("seq", "at", "kind", "body", "previous", "hash"))
TEXT = frozenset(("digest", "text"))


@dataclass(frozen=True, slots=True)
class PortableCase:
    """What an exported file holds, verified."""

    id: str
    entries: tuple[Entry, ...]
    packed: Mapping[str, bytes]


def write(path: Path, lines: Iterable[str]) -> None:
    """Write lines to a file that appears complete or not at all; packed if its name ends in .gz."""
    with replacing(path) as file:
        _write_into(file, lines, packed=path.suffix == ".gz")


def lines_of(name: str, entries: Iterable[Entry], packed: Mapping[str, bytes]) -> Iterator[str]:
    """Write a case as lines."""
    entries = [*entries]
    yield canonical({"whence-case": VERSION, "id": name, "head": entries[-1].hash})
    for entry in entries:
        yield canonical(
            {
                "seq": entry.seq,
                "at": entry.at,
                "kind": entry.kind,
                "body": entry.content,
                "previous": entry.previous,
                "hash": entry.hash,
            }
        )
    for digest, blob in sorted(packed.items()):
        text = unpacked(digest, blob)
        for start in range(0, max(len(text), 1), PIECE):
            yield canonical({"digest": digest, "text": text[start : start + PIECE]})


def read(path: Path) -> PortableCase:
    """Read an exported case, and make sure that it is what was exported.

    Raises
    ------
    BadInput
        If it is something else, was changed, or is too large.
    CannotStore
        If the file cannot be read.

    """
    with reading(path), path.open("rb") as file:
        try:
            case = _read_lines(_lines(file))
        except json.JSONDecodeError as e:
            raise _refused(path, "a line of it is no JSON") from e
        except UnicodeDecodeError as e:
            raise _refused(path, "it is no text") from e
        except (KeyError, TypeError, ValueError, RecursionError, EOFError, zlib.error) as e:
            raise _refused(path, repr(e)) from e
        except BadInput as reason:
            raise _refused(path, str(reason)) from reason
        except gzip.BadGzipFile as e:
            raise _refused(path, str(e)) from e
    if problem := next(problems(case.entries, case.packed), None):
        raise _refused(path, problem)
    return case


def _write_into(file: BinaryIO, lines: Iterable[str], *, packed: bool) -> None:
    if not packed:
        file.writelines(f"{line}\n".encode() for line in lines)
        return
    with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packing:
        packing.writelines(f"{line}\n".encode() for line in lines)


def _lines(file: BinaryIO) -> Iterator[dict[str, Any]]:
    """Read JSON objects, a line each, from a file that may be packed."""
    is_packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    source = gzip.GzipFile(fileobj=file) if is_packed else file
    total = 0
    while line := source.readline(LONGEST):
        total += len(line)
        if not line.endswith(b"\n") or total > MOST:
            raise BadInput("it is cut off, or too large")
        found = json.loads(line, object_pairs_hook=_each_once, parse_constant=_no_number)
        if not isinstance(found, dict):
            raise TypeError("a line is not a JSON object")
        yield found


def _each_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Take a name once only: of two that are alike, another reader would show the other."""
    found = dict(members)
    if len(found) < len(members):
        raise BadInput("a line of it has a name twice")
    return found


def _no_number(name: str) -> float:
    raise BadInput(f"a line of it has {name}, which is no JSON")


def _check_members(line: dict[str, Any], known: frozenset[str]) -> None:
    """Refuse what no hash covers: whoever reads the file would believe that it was verified."""
    if strange := sorted(line.keys() - known):
        raise BadInput(f"a line of it has “{strange[0]}”, which nothing vouches for")


def _read_lines(lines: Iterator[dict[str, Any]]) -> PortableCase:
    header = next(lines, {})
    version = header.get("whence-case")
    if type(version) is not int:
        raise BadInput("it does not begin as such a file does")
    if version != VERSION:
        raise BadInput(f"it has format {version}, and this whence knows {VERSION}")
    _check_members(header, HEADER)
    entries: list[Entry] = []
    for line in lines:
        if "digest" in line:
            lines = chain([line], lines)
            break
        entries.append(_entry(line))
    packed = {digest: _pack(digest, pieces) for digest, pieces in groupby(lines, _digest)}
    if not entries or header["head"] != entries[-1].hash:
        raise BadInput("it does not end with the entry that its header names")
    name = header["id"] if ID.fullmatch(header["id"]) else ""
    return PortableCase(name, tuple(entries), packed)


def _entry(line: dict[str, Any]) -> Entry:
    _check_members(line, ENTRY)
    words = [line[name] for name in ("at", "kind", "previous", "hash")]
    if type(line["seq"]) is not int or not all(isinstance(word, str) for word in words):
        raise TypeError("an entry is not as it must be")
    at, kind, previous, own = words
    return Entry(line["seq"], at, kind, canonical(line["body"]), previous, own)


def _digest(line: dict[str, Any]) -> str:
    return text_of(line, "digest")


def _pack(digest: str, pieces: Iterable[dict[str, Any]]) -> bytes:
    packing, hashing, size = zlib.compressobj(), hashlib.sha256(), 0
    packed = []
    for piece in pieces:
        _check_members(piece, TEXT)
        raw = text_of(piece, "text").encode("utf-8", "surrogatepass")
        size += len(raw)
        if size > LARGEST:
            raise BadInput(f"reading {digest[:12]} is too large")
        hashing.update(raw)
        packed.append(packing.compress(raw))
    if hashing.hexdigest() != digest:
        raise BadInput(f"the text of reading {digest[:12]} does not hash to its name")
    return b"".join((*packed, packing.flush()))


def _refused(path: Path, because: str) -> BadInput:
    return BadInput(
        f"{path.name} is not a case that whence exported",
        because=because,
        try_="ask whoever sent it to export it again; nothing was imported",
    )
