"""Which files may hold an address: with ripgrep where it is, else with what Python has.

A scanner is only quick: it names files that hold one of the literals, or what begins like a range.
Whether that is the address, and where, is read afterwards.
"""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module

from whence.model.address_forms import Finder, Form, Wanted, literals
from whence.model.mentions import NotRead
from whence.model.octet_ranges import wide_blocks
from whence.world.file_tree import (
    FORBIDDEN,
    LARGEST,
    NO_FILE,
    TOO_LARGE,
    ordinary_files,
    read_ordinary,
)

PATIENCE = 600.0  # seconds that ripgrep may take
RIPGREP = "rg"
MOST_AGAIN = 2000  # files that are looked at a second time, more closely
SHORTEST = 2  # bytes of a packed address that are worth to be looked for
UNPACKED = re.compile(r".+\.(?:gz|xz|bz2|zst|zip)", re.DOTALL)
Scan = Callable[[Sequence[str], Wanted, bool, NotRead], Iterable[str]]


def scan(places: Sequence[str], wanted: Wanted, ranges: bool, not_read: NotRead) -> Iterable[str]:
    """Name the files below these places that may hold the address, or with ``ranges`` one of it.

    Compressed files are only named where ranges are wanted, which is where one looks closely.
    """
    chosen = with_ripgrep if shutil.which(RIPGREP) else with_python
    return chosen(places, wanted, ranges, not_read)


def with_ripgrep(
    places: Sequence[str], wanted: Wanted, ranges: bool, not_read: NotRead
) -> list[str]:
    """Let ripgrep(1) look. What to look for goes by standard input, so that nobody reads along."""
    more = [_range_pattern(wanted)] if ranges else []
    loose, exact = [*patterns_of(wanted), *more], [*map(_pattern, literals(wanted)), *more]
    options = (
        "--files-with-matches", "--null", "--no-config", "--hidden", "--no-ignore", "--text",
        "--one-file-system", "--no-unicode", f"--max-filesize={LARGEST}", "--debug", "--file=-",
    )  # fmt: skip
    there = [place for place in places if os.path.exists(place)]  # noqa: PTH110  bytes of a name
    found = _ripgrep([*options, "--", *there], "\n".join(loose), not_read) if there else []
    if loose != exact and 0 < len(found) <= MOST_AGAIN:  # across lines' ends it is half as fast
        again = (*options, "--multiline", "--", *found)
        found = _ripgrep([*again], "\n".join(exact), NotRead())
    if ranges:
        packed = ("--files", "--null", "--no-config", "--hidden", "--no-ignore",
                  "--one-file-system", "--glob=*.{gz,xz,bz2,zst,zip}")  # fmt: skip
        found += _ripgrep([*packed, "--", *there], "", NotRead()) if there else []
    return [*dict.fromkeys(found)]


def with_python(
    places: Sequence[str], wanted: Wanted, ranges: bool, not_read: NotRead
) -> Iterator[str]:
    """Read every file, and look with ahocorasick_rs where it is installed, else with ``re``."""
    holds = looked_for(wanted, ranges)
    for path in ordinary_files(places, not_read):
        if UNPACKED.fullmatch(path):
            if ranges:
                yield path
            continue
        data = read_ordinary(path, not_read)
        if data is not None and holds(data):
            yield path


def looked_for(wanted: Wanted, ranges: bool) -> Callable[[bytes], bool]:
    """Give what says whether some bytes may hold the address."""
    found = range_begins(wanted) if ranges else None
    quick = _automaton([*literals(wanted)]) or _expression([*literals(wanted)])

    def holds(data: bytes) -> bool:
        return quick(data) or (found is not None and found.search(data) is not None)

    return holds


def _automaton(words: list[bytes]) -> Callable[[bytes], bool] | None:
    """Look for all words at once, with the extra ``whence[find]``."""
    try:
        automaton = import_module("ahocorasick_rs").BytesAhoCorasick(words)
    except ImportError:
        return None
    return lambda data: bool(automaton.find_matches_as_indexes(data))


def _expression(words: list[bytes]) -> Callable[[bytes], bool]:
    expression = re.compile(b"|".join(map(re.escape, words)))
    return lambda data: expression.search(data) is not None


def range_begins(wanted: Wanted) -> re.Pattern[bytes]:
    """Give what a range looks like that may hold the address; it is looked at closely later."""
    return re.compile(_range_pattern(wanted).encode().replace(b"(?-u:\\b)", rb"\b"))


def _range_pattern(wanted: Wanted) -> str:
    address = wanted.parsed()
    if isinstance(address, ipaddress.IPv6Address):
        first = int(address) >> 112
        return f"(?-u:\\b)0{{0,3}}(?:{first:x}|{first:X}):[0-9A-Fa-f:]*"
    first = address.packed[0]
    mask = r"""[\s"',;:=]{1,4}[a-zA-Z_ -]{0,12}[\s"':=]{0,4}(?:255|0)\."""
    to = r"[ \t]{0,2}(?:-|\.\.|to)[ \t]{0,2}[0-9]"
    ends = rf"""\*|/[0-9]|{to}|\.[\s,;"']|{mask}"""
    some = r"[0-9]{1,3}-[0-9]{1,3}"
    octets = r"(?:\.[0-9*][0-9,*-]*){3}"
    listed = rf"{first}(?:\.[0-9]{{1,3}}){{1,3}},[0-9][0-9,]*(?:-[0-9]|\.[0-9*])"
    span = rf"[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}{to}{{1,3}}\."
    columns = rf"{first}(?:\.[0-9]{{1,3}}){{2}}\.[0-9]{{1,6}}(?:\.[0-9]{{1,3}}){{3}}"  # of SQLite
    wide = "|".join(map(re.escape, wide_blocks(address)))
    # Whatever stands before it: in a row of SQLite one text follows the other without a space.
    return "|".join(
        (rf"{first}\.(?:[0-9.]*(?:{ends}))|{first}/8", some + octets, listed, span, columns, wide)
    )


def patterns_of(wanted: Wanted) -> Iterator[str]:
    """Give the literals as ripgrep takes them, which looks at lines.

    Of one with a line's end in it, the longest part that has none.
    """
    for literal, form in literals(wanted).items():
        longest = max(literal.split(b"\n"), key=len)
        if longest == literal or (form is Form.PACKED and len(longest) >= SHORTEST):
            yield _pattern(longest)


def _pattern(literal: bytes) -> str:
    return "".join(
        chr(byte) if chr(byte).isalnum() and byte < 128 else rf"\x{byte:02x}" for byte in literal
    )


def _ripgrep(arguments: list[str], patterns: str, not_read: NotRead) -> list[str]:
    # It says tens of thousands of times what it leaves out, in pieces: read all of it at its end.
    with os.fdopen(os.memfd_create("ripgrep"), "w+b") as said:
        try:
            done = subprocess.run(
                [RIPGREP, *arguments], input=patterns.encode(), stdout=subprocess.PIPE,
                stderr=said, check=False, timeout=PATIENCE,
            )  # fmt: skip
        except subprocess.TimeoutExpired as e:
            not_read.add(f"not looked at within {PATIENCE:.0f} s", " ".join(arguments[-1:]))
            return [os.fsdecode(path) for path in (e.stdout or b"").split(b"\0")[:-1]]
        said.seek(0)
        for line in said.read().decode("utf-8", "replace").splitlines():
            _count(line, not_read)
    return [os.fsdecode(path) for path in done.stdout.split(b"\0") if path]


_LARGE = re.compile(r"DEBUG\|ignore::walk\|.*?: ignoring (?P<path>/.*): \d+ bytes$")
_ODD = re.compile(r"DEBUG\|.*?: ignoring (?P<path>/.*): failed to pass subject filter: file type: "
                  r"Some\(FileType\(FileType \{ mode: (?P<mode>\d+) \}")  # fmt: skip
_REFUSED = re.compile(r"(?:rg: )?(?P<path>/.*): (?P<why>.*) \(os error (?P<number>\d+)\)$")
_LINK = 0o120000 >> 0  # S_IFLNK, inode(7)


def _count(line: str, not_read: NotRead) -> None:
    """Count what ripgrep says that it left out."""
    if large := _LARGE.match(line):
        not_read.add(TOO_LARGE, large["path"])
    elif odd := _ODD.match(line):
        if int(odd["mode"]) & 0o170000 != _LINK:
            not_read.add(NO_FILE, odd["path"])
    elif refused := _REFUSED.match(line):
        if refused["number"] in ("13", "1"):  # EACCES, EPERM of errno(3)
            not_read.add(FORBIDDEN, refused["path"])
        elif refused["number"] != "2":
            not_read.add(refused["why"], refused["path"])
    elif line and not line.startswith("DEBUG"):
        not_read.add(line[:120], "ripgrep")


__all__ = ["Finder", "looked_for", "scan", "with_python", "with_ripgrep"]
