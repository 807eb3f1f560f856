"""What a script of any language says by its text alone: hosts, and of a shell's its commands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from whence.model.names_said import names_said
from whence.model.program_contents import Said

LONGEST = 4000  # characters of a line that are looked at
SHELLS = ("sh", "ash", "bash", "rbash", "dash", "zsh", "ksh", "mksh", "fish")
# Words of the shell itself, and commands that only handle text; sh(1), bash(1).
_OWN_WORDS = (
    "if then elif else fi for while until do done case esac in function select time ! { } [[ ]] [ "
    "] : . alias bg bind break builtin caller cd command compgen complete continue declare dirs "
    "disown echo enable eval exec exit export false fc fg getopts hash help history jobs kill "
    "let local logout mapfile popd printf pushd pwd read readarray readonly return set shift "
    "shopt source suspend test times trap true type typeset ulimit umask unalias unset wait"
)
_OWN = frozenset(_OWN_WORDS.split())
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.){3,})\"|'((?:[^'\\]|\\.){3,})'")
_COMMAND = re.compile(
    r"(?:^|[;&|(`{!]|\$\(|\b(?:then|do|else|if|elif|while|until|exec|eval|sudo|nohup|time|xargs)\s)"
    r"\s*(?:[A-Za-z_]\w*=(?:\"[^\"]*\"|'[^']*'|[^\s;&|]*)\s+)*(?P<word>/?[A-Za-z][\w./+-]*)(?=[\s;&|)`<>]|$)"
)
_FUNCTION = re.compile(r"^\s*(?:function\s+)?([A-Za-z_][\w-]*)\s*\(\)|^\s*function\s+([\w-]+)")
_INTERPRETER = re.compile(r"#!\s*(\S+)(?:\s+(.*\S))?\s*$")


def interpreter_line(first_line: str) -> str:
    """Give what the ``#!`` line of a script names, with its options; empty: there is none."""
    found = _INTERPRETER.match(first_line)
    return " ".join(filter(None, found.groups())) if found else ""


def script_said(lines: Iterable[str], *, is_shell: bool) -> Iterator[Said]:
    """Say what the lines of a script name, and a shell's call."""
    own: set[str] = set(_OWN)
    document = ""
    for number, line in enumerate(lines, start=1):
        line = line[:LONGEST].rstrip("\r\n")
        plain = line.lstrip()
        if plain.startswith("#") or not plain:
            continue  # of a comment nothing is run
        yield from _names(line, number, is_shell)
        if not is_shell:
            continue
        if document:
            document = "" if plain.rstrip() == document else document
            continue
        if here := re.search(r"<<-?\s*[\"'\\]?([A-Za-z_]\w*)", line):
            document = here[1]
        if function := _FUNCTION.match(line):
            own.add(function[1] or function[2])
        without_strings = _QUOTED.sub('""', line)
        for found in _COMMAND.finditer(without_strings):
            if found["word"] not in own and not without_strings[found.end() :].startswith("="):
                yield Said("calls", found["word"], number, sure="likely")


def _names(line: str, number: int, is_shell: bool) -> Iterator[Said]:
    """Look at each string by itself: it may be a name as a whole; of a shell, so may each word."""
    for found in _QUOTED.finditer(line):
        yield from names_said(found[1] or found[2], whole=True, line=number)
    if is_shell:
        for word in re.split(r"[\s\"'`;|&()<>=,]+", line):
            yield from names_said(word, whole=True, line=number)
            _, at, host = word.rpartition("@")
            host, colon, _ = host.partition(":")
            if at or colon:  # scp(1), rsync(1): USER@HOST:PATH
                yield from names_said(host, whole=True, line=number)
    yield from names_said(line, line=number)
