"""Files that are one log, which was rotated: in the order in which they were written. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from whence.analysis.log_rotation import PACKED

_NUMBERED = re.compile(r"(?P<stem>.+)\.(?P<number>\d{1,3})")
_DATED = re.compile(r"(?P<stem>.+)[.-](?P<date>\d{8}(?:[-T]?\d{2,6})?)")


def generations(files: Sequence[Path]) -> list[list[Path]]:
    """Put the files together that are one log, the oldest first; others stay alone.

    A number is the end of an address as well, as in `10.0.0.1`: it tells of a rotation only
    beside the file that has none.
    """
    plain = {file.with_name(PACKED.sub("", file.name)) for file in files}
    found: defaultdict[Path, list[tuple[bool, str, int, Path]]] = defaultdict(list)
    for number, file in enumerate(files):
        name = PACKED.sub("", file.name)
        dated, numbered = _DATED.fullmatch(name), _NUMBERED.fullmatch(name)
        if dated:
            found[file.with_name(dated["stem"])].append((False, dated["date"], number, file))
        elif numbered and (current := file.with_name(numbered["stem"])) in plain:
            found[current].append((False, f"{999 - int(numbered['number']):03}", number, file))
        else:
            found[file.with_name(name)].append((True, "", number, file))
    return [[file for *_, file in sorted(each, key=lambda one: one[:3])] for each in found.values()]
