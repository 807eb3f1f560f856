"""Looks of netstat that found nothing: headings alone say which netstat it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from whence.inquiry.imports._declare import Given, is_prompt
from whence.inquiry.imports._look_times import look_time

MOST_TITLES = 4  # lines above a heading: what it is about, and that only root sees all
LONGEST_TITLE = 100  # characters
_TITLE = re.compile(r"\s*[^\d\s]+(?: [^\d\s]+)*\s*")
_QUEUES = r"(?:\S+-[QF]\s+\S+-[QF]|Recib\s+Enviad|CodaRic\s+CodaInv)"
_LINUX = re.compile(rf"Proto\s+{_QUEUES}\s+[^\W\d]\D*")
_BSD = re.compile(
    r"(?:\S+\s+)?Proto\s+Recv-Q\s+Send-Q(?:\s{2,}Local Address\s.*|\s+Local Address\s.*\(state\).*)"
)
_PROTOCOL = r"(?:Proto|Protokół|Имя|İl\.Kr\.|协议|協定|プロトコル|프로토콜)"
_WORDS = r"[^\W\d]\S*(?: \S+){0,3}"  # the title of a column
_WINDOWS = re.compile(
    rf"\s*(?:{_PROTOCOL}(?:\s{{2,}}{_WORDS}){{2,6}}|[^\s\d]+(?:\s{{2,}}{_WORDS}){{2,3}}\s{{2,}}PID"
    r"|Proto\s+Local Address\s+Foreign Address\s+State(?:\s+PID)?)\s*"
)


def linux_heading(text: str) -> bool:
    """Say whether these are the titles of the columns of Linux' netstat, in any language."""
    return bool(_LINUX.fullmatch(text)) and not bsd_heading(text)


def bsd_heading(text: str) -> bool:
    """Say whether these are the titles of the columns of a BSD's netstat."""
    return bool(_BSD.fullmatch(text))


def windows_heading(text: str) -> bool:
    """Say whether these are the titles of the columns of Windows' netstat, in any language."""
    if len(text) > 2 * LONGEST_TITLE or linux_heading(text) or bsd_heading(text):
        return False
    return not re.search(r"\d", text) and bool(_WINDOWS.fullmatch(text))


def is_empty_look(
    lines: Iterable[str],
    heading: Callable[[str], bool],
    beside: Callable[[str], object] = lambda text: False,
) -> bool:
    """Say whether there are headings and nothing below any of them, but what is ``beside``."""
    titles, headings, given = 0, 0, Given("", 0)
    for text in lines:
        if heading(text):
            headings, titles = headings + 1, 0
        elif beside(text):
            titles = 0
        elif is_prompt(text) or look_time(text, given) is not None:
            continue
        elif titles < MOST_TITLES and is_title(text):
            titles += 1
        else:
            return False
    return headings > 0 and titles == 0


def is_title(text: str) -> bool:
    """Say whether a line may stand above the titles of columns: words, and no columns."""
    return len(text) <= LONGEST_TITLE and bool(_TITLE.fullmatch(text))
