"""Passwords and tokens are taken out of what is stored, before it is stored.

Redaction is the same wherever it happens, so that a redacted command line still equals the
redacted crontab line that holds the same command.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "[redacted]"

_NAMES = (
    r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|apikey|access[-_]?key|"
    r"secret[-_]?key|private[-_]?key|auth(?:orization)?|credentials?|bearer)"
)
_NO_TAG = r"(?!</)"  # an event of Windows is one line of XML: its end is no part of a secret
_PAIR = re.compile(
    rf"(?i)(?P<name>(?:^|(?<=[\s\"'?&;,{{(/]))-{{0,2}}[\w.-]*{_NAMES}[\"']?\s*[=:]\s*)"
    rf"(?P<value>\"(?:\\.|[^\"\\])*\"|'[^']*'|(?:{_NO_TAG}[^\s\"'&;,])+)"
)
_OPTION = re.compile(
    rf"(?i)(?P<name>(?:^|(?<=\s))--?[\w-]*{_NAMES}\s+)(?P<value>{_NO_TAG}[^\s-](?:{_NO_TAG}\S)*)"
)
_WINDOWS = (
    re.compile(  # net user NAME VALUE /add; schtasks … /rp VALUE; reg … /v Password … /d VALUE
        r"(?i)(?P<name>\bnet1?(?:\.exe)?\"?\s+user\s+(?:\"[^\"]*\"|\S+)\s+(?=[^<]{1,200}?\s/add\b)"
        rf"|\s/v\s+\"?[\w.-]*{_NAMES}[^<]{{0,100}}?\s/d\s+|\s/rp\s+)"
        rf"(?P<value>\"[^\"]*\"|{_NO_TAG}[^\s/\"](?:{_NO_TAG}\S)*)"
    )
)
_USERINFO = re.compile(r"(?P<name>\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)(?P<value>[^\s/@]+)(?=@)")
_BEARER = re.compile(r"(?i)(?P<name>\b(?:bearer|basic)\s+)(?P<value>[A-Za-z0-9._~+/-]{8,}=*)")
_ENVIRONMENT = re.compile(r"/proc/\d+/environ")
_PLAIN = ("LD_",)  # variables of the loader, ld.so(8): paths of files
_OPTION_ALONE = re.compile(rf"(?i)^--?[\w-]*{_NAMES}$")


# A line without any of these holds no secret that the patterns would find. Most texts have few
# such lines, and looking for words is a hundred times faster than the patterns.
_WORDS = (
    "pass", "pwd", "secret", "token", "key", "auth", "credential", "bearer", "basic", "://", "/add",
    "/rp ",
)  # fmt: skip


def redact(text: str) -> str:
    """Replace each password or token that can be recognised with ``[redacted]``."""
    if not _may_hold_secrets(text):
        return text
    return "\n".join(_redact_line(line) for line in text.split("\n"))


def _may_hold_secrets(text: str) -> bool:
    lower = text.lower()
    return any(word in lower for word in _WORDS)


def _redact_line(line: str) -> str:
    if _may_hold_secrets(line):
        for pattern in (_USERINFO, _BEARER, _PAIR, _OPTION, _WINDOWS):
            line = pattern.sub(_hide, line)
    return line


def _hide(found: re.Match[str]) -> str:
    """Hide the value and keep its quotes: JSON stays JSON, a shell word stays a word."""
    quote = found["value"][0] if found["value"][0] in "\"'" else ""
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
    args = tuple(args)
    if not _may_hold_secrets("\0".join(args)):
        return args
    shown: list[str] = []
    for argument in args:
        follows = bool(shown) and bool(_OPTION_ALONE.match(shown[-1]))
        shown.append(HIDDEN if follows and not argument.startswith("-") else redact(argument))
    return tuple(shown)
