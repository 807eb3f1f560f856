"""Documents as lines of JSON."""

from __future__ import annotations

import re
from typing import Any

import msgspec

Document = dict[str, Any]

# What JSON leaves as it is and a terminal obeys: DEL, C1 and the marks that turn the direction of
# text (Unicode TR 9). They only ever are inside of strings, where they may be escaped.
_STEERING = re.compile("[\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def encode(document: Document) -> str:
    """Write a document as one line of JSON that does nothing to a terminal."""
    text = msgspec.json.encode(document).decode("utf-8", "replace")
    if text.isascii() and "\x7f" not in text:
        return text
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
