"""tasklist of Windows, in any language."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import pairwise

from whence.inquiry.imports._declare import Given, Head, Lines, kind
from whence.inquiry.imports._sessions import table_time
from whence.model.reported import Started

_RULE = re.compile(r"={25} ={8} =[= ]*")  # as wide in all languages
_ROW = re.compile(r"(?P<name>\S.{0,80}?)\s+(?P<pid>\d{1,10})\s+\S.*")
_CSV = re.compile(r'"(?P<name>[^"]{1,200})","(?P<pid>\d{1,10})","[^"]*"(?:,"[^"]*")*\s*')
_MEMORY = re.compile(r'.*"[\d.,\s\u00a0\u202f]+ [KМК]\w?"(?:,.*)?\s*')  # KB, Ko, КБ
IDLE = "0"


def _looks_like(head: Head) -> float:
    lines = head.lines
    under = [after for rule, after in pairwise(lines) if _RULE.fullmatch(rule)]
    if any(_ROW.fullmatch(line) for line in under):
        return 0.92
    return 0.9 if head.share(lambda line: _CSV.fullmatch(line) and _MEMORY.match(line)) > 0.5 else 0


@kind(_looks_like)
def tasklist(lines: Lines, given: Given) -> Iterator[Started]:
    """Processes of Windows, by tasklist, also with /svc, /v and /fo csv.

    Their names are given to the sockets that netstat -ano in the same file tells of by pid alone.
    What services are in a process is passed over.
    """
    before: tuple[int, str] | None = None  # it is a heading, if a rule is below it
    is_table = False
    for number, text in lines:
        if not text.strip():
            continue
        found = _CSV.fullmatch(text) or (_ROW.fullmatch(text) if is_table else None)
        if before and not _RULE.fullmatch(text):
            lines.strange(*before)
        if _RULE.fullmatch(text):
            lines.part(2 if before else 1)
            is_table, before = True, None
            continue
        before = None
        if found and found["pid"] != IDLE:
            name = found["name"].strip()
            at = table_time(given)
            yield Started(number, at, "", int(found["pid"]), name, only_met=True)
        elif found or (is_table and text[:1].isspace()) or _is_csv_heading(text):
            lines.part()  # more services of the row above; the heading of CSV
        else:
            is_table, before = False, (number, text)
    if before:
        lines.strange(*before)


def _is_csv_heading(text: str) -> bool:
    if not text.startswith('"') or '","PID"' not in text:
        return False
    try:
        [names] = csv.reader([text])
    except (csv.Error, ValueError):
        return False
    return len(names) > 2
