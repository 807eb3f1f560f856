"""Ranges that a table has in two neighbouring columns: begin and end, or network and mask. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from itertools import pairwise

from whence.model.address_forms import Finder, Form, Spot

# By its name: the sender and the receiver of a connection are neighbours, too, and no range.
_END = re.compile(
    r"(?!.*(?i:seen|login|used))(?:.*[^A-Za-z])?(?i:end|last|high|upper|max|until|stop|broadcast)"
    r"|.*[a-z](?:End|Last|High|Upper|Max)(?![a-z])"
)
_MASK = re.compile(r"mask", re.IGNORECASE)


def pair_of(
    heads: Sequence[str], values: Sequence[object], finder: Finder
) -> tuple[str, str, Spot] | None:
    """Give the names of two columns that hold the address between them, and what stands there."""
    named = zip(heads, values, strict=False)
    for (head, value), (next_head, following) in pairwise(named):
        if isinstance(value, str) and isinstance(following, str):
            between = "-" if _END.match(next_head) else " " if _MASK.search(next_head) else ""
            if between and _is_address(value) and _is_address(following):
                spots = finder.spots_in(f"{value.strip()}{between}{following.strip()}", most=1)
                if spots and spots[0].form is Form.RANGE:
                    return head, next_head, spots[0]
    return None


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip())
    except ValueError:
        return False
    return True
