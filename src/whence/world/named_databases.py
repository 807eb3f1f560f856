"""Which database servers settings name, by a URL: of the libraries that take one, or of JDBC."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from whence.model.mentions import NotRead
from whence.model.secrets import redact
from whence.world.file_tree import read_ordinary

MOST_FILES = 200
MOST = 8  # databases
LARGEST = 1 << 20  # bytes of a file that is taken for settings
_URL = re.compile(
    rb"(?<![\w+])(?:postgres(?:ql)?|mysql|mariadb)(?:\+\w+)?://[^\s\"'<>`\\\0;,)\]}]{1,300}"
)


def named_databases(root: str, places: Sequence[str]) -> list[tuple[str, str]]:
    """Give URLs without their passwords, and the file of each; of folders, what lies in them."""
    found: dict[str, str] = {}
    for path in islice(_files(root, places), MOST_FILES):
        data = read_ordinary(root + path, NotRead()) or b""
        if len(data) > LARGEST:
            continue
        for match in _URL.finditer(data):
            if len(found) < MOST:
                found.setdefault(_plain(match[0].decode("utf-8", "replace")), path)
    return [*found.items()]


def _plain(url: str) -> str:
    """Take away what only a library wants (SQLAlchemy's driver), and the password."""
    kind, _, rest = url.partition("://")
    return redact(f"{kind.partition('+')[0]}://{rest}").rstrip(".")


def _files(root: str, places: Sequence[str]) -> Iterator[str]:
    for place in dict.fromkeys(places):
        folder = Path(root + place)
        try:
            if folder.is_dir():
                yield from sorted(f"{place.rstrip('/')}/{each.name}" for each in folder.iterdir())
            else:
                yield place
        except OSError:
            continue  # it may not be read
