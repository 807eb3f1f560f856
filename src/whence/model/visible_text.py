"""Text of strangers, made fit to be shown: what would steer or hide becomes visible."""

from __future__ import annotations

import re

# C0, C1, marks that turn the direction of text (Unicode TR 9), letters without width, what XML 1.0
# has no place for (section 2.2), and halves of surrogates, which no encoding takes.
HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\ud800-\udfff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)


def visible(text: object, longest: int = 0) -> str:
    """Show what steers or hides as escapes; beyond ``longest`` characters, say how many more."""
    words = str(text)
    rest = len(words) - longest if longest else 0
    if rest > 0:
        words = words[:longest]
    shown = HIDDEN.sub(_escape, words)
    return f"{shown} … ({rest} characters more)" if rest > 0 else shown


def _escape(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
