"""Documents as lines of JSON."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from whence.model.visible_text import HIDDEN

Document = dict[str, Any]

_SURROGATE = re.compile("[\ud800-\udfff]")  # halves of characters: UTF-8 has none (RFC 3629)


def encode(document: Document) -> str:
    """Write a document as one line of JSON that does nothing to a terminal."""
    try:
        data = msgspec.json.encode(document)
    except UnicodeEncodeError:  # seldom: a name of a file that is no text
        data = msgspec.json.encode(_whole(document))
    text = data.decode("utf-8", "replace")
    if text.isascii() and "\x7f" not in text:
        return text
    # What JSON leaves as it is, and steers or hides, stands in strings only: it may be escaped.
    return HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def whole(text: str) -> str:
    """Put the replacement character where half of a character stands."""
    return _SURROGATE.sub("\ufffd", text)


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, dict):
        return {_whole(key): _whole(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(one) for one in value]
    return value
