"""Passwords and tokens are taken out of what is stored, before it is stored.

Redaction is the same wherever it happens, so that a redacted command line still equals the
redacted crontab line that holds the same command.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from whence.model import secret_options, secret_patterns
from whence.model.secret_options import HIDDEN

__all__ = ["HIDDEN", "redact", "redact_args", "redact_file"]

_ENVIRONMENT = re.compile(r"/proc/\d+/environ")
_PLAIN = ("LD_",)  # variables of the loader, ld.so(8): paths of files
_OPTION_ALONE = re.compile(rf"(?i)^--?[\w-]*{secret_patterns.NAMES}$")
_KEY_BEGINS = re.compile(r"(?m)-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----\s*$")
_KEY_LINE = re.compile(r"\s*(?:[A-Za-z0-9+/=]{1,80}|(?:Proc-Type|DEK-Info): .*|\[redacted\])?\s*")
_QUOTE = re.compile(r"\\?[\"']|")


def redact(text: str) -> str:
    """Replace each password or token that can be recognised with ``[redacted]``."""
    words, has_options = _words_in(text), secret_options.may_stand_in(text)
    if not words and not has_options:
        return text
    patterns = [
        (present, pattern)
        for some, pattern in secret_patterns.PATTERNS
        if (present := [word for word in some if word in words])
    ]
    lines: Iterable[str] = (_redact_line(line, words, patterns) for line in text.split("\n"))
    if has_options:
        lines = map(secret_options.in_text, lines)
    return "\n".join(_without_keys(lines) if _KEY_BEGINS.search(text) else lines)


def _words_in(text: str) -> list[str]:
    lower = text.lower()
    return [word for word in secret_patterns.WORDS if word in lower]


def _redact_line(
    line: str, words: Sequence[str], patterns: Sequence[tuple[Sequence[str], re.Pattern[str]]]
) -> str:
    lower = line.lower()
    for word in words:
        if word in lower:
            break
    else:
        return line  # as most are
    for some, pattern in patterns:
        if any(word in lower for word in some):
            line = pattern.sub(_hide, line)
    return line


def _without_keys(lines: Iterable[str]) -> Iterator[str]:
    """Hide private keys, which have lines of their own (RFC 7468, RFC 1421)."""
    is_key = False
    for line in lines:
        is_key = is_key and _KEY_LINE.fullmatch(line) is not None
        yield HIDDEN if is_key else line
        is_key = is_key or _KEY_BEGINS.search(line) is not None


def _hide(found: re.Match[str]) -> str:
    """Hide the value and keep its quotes: JSON stays JSON, a shell word stays a word."""
    opens = _QUOTE.match(found["value"])
    quote = opens[0] if opens else ""
    return f"{found['name']}{quote}{HIDDEN}{quote}"


def redact_file(path: str, text: str) -> str:
    """Redact what a file holds; of an environment, proc(5), only what is no secret by its name."""
    if not _ENVIRONMENT.fullmatch(path):
        return redact(text)
    return "\0".join(
        setting if setting.startswith(_PLAIN) or "=" not in setting else _named_only(setting)
        for setting in text.split("\0")
    )


def _named_only(setting: str) -> str:
    return f"{setting.partition('=')[0]}={HIDDEN}"


def redact_args(args: Iterable[str]) -> tuple[str, ...]:
    """Redact a command line, also where an option and its secret are two arguments."""
    args = secret_options.in_words(tuple(args))
    together = "\0".join(args)
    if not _words_in(together) and not secret_options.may_stand_in(together):
        return tuple(args)
    shown: list[str] = []
    for argument in args:
        follows = bool(shown) and bool(_OPTION_ALONE.match(shown[-1]))
        shown.append(HIDDEN if follows and not argument.startswith("-") else redact(argument))
    return tuple(shown)
