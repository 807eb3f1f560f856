"""Public addresses of one's own, as a kernel's table of translated connections tells them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from whence.model.ecs import canonical_address
from whence.model.special_ranges import is_public

LONGEST = 2000  # characters of a line of nf_conntrack or conntrack(8)
_END = re.compile(r"\b(src|dst)=([0-9A-Fa-f.:]{2,45})")


def own_by_translation(texts: Iterable[str]) -> Iterator[str]:
    """Give what an inside machine leaves as, and what is called in place of one (DNAT).

    A line tells the ends as the first packet had them, and as an answer must have them.
    """
    for text in texts:
        if text.count("src=") < 2:
            continue
        for line in text.splitlines():
            ends = _END.findall(line) if len(line) <= LONGEST else []
            if [name for name, _ in ends] != ["src", "dst", "src", "dst"]:
                continue
            try:
                source, called, answers, leaves_as = (canonical_address(end) for _, end in ends)
            except ValueError:
                continue
            if source != leaves_as and not is_public(source):
                yield leaves_as
            if called != answers and not is_public(answers):
                yield called
