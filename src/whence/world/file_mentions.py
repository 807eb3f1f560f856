"""Where exactly in files an address stands: file and line, table and row, key, member."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from whence.model.address_forms import Finder, Spot
from whence.model.mentions import Mention, NotRead, as_text, shown
from whence.model.text_structure import part_of
from whence.world.dbm_keys import keys_in
from whence.world.packed_files import inner_name, unpacked
from whence.world.scanners import scan
from whence.world.sqlite_rows import database_of, is_sqlite, logs_of, rows_in

AROUND = 4096  # bytes before and after an address in a line of which it is told
TOLD = 5  # places of one file
MOST = 5000  # places of a search


def file_mentions(
    places: Sequence[str],
    finder: Finder,
    not_read: NotRead,
    *,
    ranges: bool,
    except_below: Sequence[str] = (),
) -> Iterator[Mention]:
    """Give each place where the address stands in the files below ``places``.

    What a database of SQLite has only in its log yet is told as a row of the database.
    """
    count = 0
    told: set[str] = set()
    logs = [log for place in places for log in logs_of(place)]
    for path in scan([*places, *logs], finder.wanted, ranges, not_read):
        if path.startswith(tuple(f"{folder}/" for folder in except_below)):
            continue
        for name in dict.fromkeys((database_of(path), path)):  # the log itself: what is no row
            if name in told:
                break
            if found := [*_in_file(name, finder, not_read, ranges=ranges)]:
                yield from found
                count += len(found)
                told.add(name)
                break
        if count >= MOST:
            not_read.add(f"beyond the first {MOST:,} places", path)
            return


def _in_file(path: str, finder: Finder, not_read: NotRead, *, ranges: bool) -> Iterator[Mention]:
    try:
        found = os.stat(path, follow_symlinks=True)  # noqa: PTH116  of thousands
        last = max((found, *map(os.stat, logs_of(path))), key=lambda each: each.st_mtime)
    except OSError:
        return
    kept = []
    for member, data in unpacked(path, not_read):
        if is_sqlite(data) and not member:
            kept += [_row(path, row) for row in rows_in(path, finder, not_read)]
            kept = kept or [*_lines(path, member, data, finder)]
        else:
            rows = [] if member else [_row(path, row) for row in keys_in(path, finder, not_read)]
            kept += rows or _lines(path, member, data, finder)
    kept = [one for one in kept if ranges or not one.is_range]
    for number, mention in enumerate(kept[:TOLD]):
        yield replace(
            mention,
            place=as_text(mention.place),
            more=len(kept) - TOLD if number == TOLD - 1 and len(kept) > TOLD else 0,
            owner=found.st_uid,
            size=found.st_size,
            modified=last.st_mtime,
            changed=last.st_ctime,
        )


def _row(path: str, row: tuple[str, Spot, str]) -> Mention:
    part, spot, value = row
    return Mention(
        path, str(spot.form), spot.text, part=part, text=shown(value, spot),
        free_bits=spot.free_bits,
    )  # fmt: skip


def _lines(path: str, member: str, data: bytes, finder: Finder) -> list[Mention]:
    return [*mentions_in(path, member, data, finder.spots(data))]


def mentions_in(path: str, member: str, data: bytes, spots: Iterable[Spot]) -> Iterator[Mention]:
    """Turn positions in what a file holds into lines and keys; of bytes there is no line."""
    binary = b"\0" in data[:8192] and not data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for spot in spots:
        if binary:
            inside, text, line = f"byte {spot.start}", _near(data, spot), 0
        else:
            line = data.count(b"\n", 0, spot.start) + 1
            start = max(data.rfind(b"\n", 0, spot.start) + 1, spot.start - AROUND)
            end = data.find(b"\n", spot.end, spot.end + AROUND)
            raw = data[start : end if end >= 0 else spot.end + AROUND]
            text = raw.replace(b"\0", b"").decode("utf-8", "replace")
            inside = part_of(member or inner_name(path), data, spot.start)
        part = ", ".join(part for part in (member and f"member {member}", inside) if part)
        yield Mention(
            path, str(spot.form), spot.text, line, part, shown(text, spot), spot.free_bits,
            binary=binary,
        )  # fmt: skip


def _near(data: bytes, spot: Spot) -> str:
    """Show what can be read around a place in bytes."""
    around = data[max(0, spot.start - 40) : spot.end + 40]
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "·" for byte in around)
