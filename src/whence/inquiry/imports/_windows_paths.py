"""Words of a command line of Windows, and the paths of programs in text."""

from __future__ import annotations

import re

LONGEST = 8_192  # characters of a command line that are looked at; Windows' own limit for cmd.exe
_WORD = re.compile(r"""(?:"(?:[^"\\]|\\.)*"?|[^\s"])+""")
_QUOTED = re.compile(r'"((?:[A-Za-z]:|%\w+%|\\)\\[^"*?<>|]{1,400})"')
_PLAIN = re.compile(r'(?:^|[\s=,"@])((?:[A-Za-z]:|%\w+%|\\\\?[\w?.]+)\\[^\s"*?<>|,;]{1,400})')
_SPACED = re.compile(
    r"(?i)^((?:[a-z]:|%\w+%)\\[^\"*?<>|,;]{1,400}?\.(?:exe|dll|sys|cmd|bat|ps1|vbs|js|msi))\b"
)


def words_of(command: str) -> list[str]:
    """Split a command line where Windows' programs do, quotes taken away."""
    return [_bare(word) for word in _WORD.findall(command[:LONGEST])]


def _bare(word: str) -> str:
    if word.startswith('"'):
        word = word[1:-1] if word.endswith('"') and len(word) > 1 else word[1:]
    elif '="' in word:
        word = word.replace('="', "=", 1).removesuffix('"')
    return word.replace('\\"', '"')


def base_name(path: str) -> str:
    """Give the last part of a path, in small letters."""
    return path.replace("/", "\\").rpartition("\\")[2].lower()


def paths_in(text: str) -> tuple[str, ...]:
    """Name the files that a text names by their whole path, each once, arguments left out."""
    text = text[:LONGEST].strip()
    found = [*_QUOTED.findall(text)]
    rest = _QUOTED.sub(" ", text)
    if spaced := _SPACED.match(rest.strip()):
        found.append(spaced[1])
        rest = rest.strip()[spaced.end() :]
    found += _PLAIN.findall(rest)
    return tuple(dict.fromkeys(found))
