"""Which network announces an address, by a service that answers over DNS."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Confidence, Fact, Line, Reach, Remote, probe
from whence.model.registration import one_line
from whence.model.special_ranges import is_public
from whence.world import Internet


@probe(answers="announced-by", reach=Reach.REMOTE, near=1)
def announced_in_dns(remote: Remote, internet: Internet) -> Iterator[Fact]:
    """Which network (AS) announces it, as a service says by DNS?"""
    if not is_public(remote.address):
        return
    lines = [(line, _fields(line)) for line in internet.origin(remote.address).lines() if line]
    names = {fields[0]: (line, fields[4]) for line, fields in lines if _is_name(fields)}
    for line, fields in lines:
        if len(fields) >= 3 and not _is_name(fields):
            for number in fields[0].split()[:10]:  # several networks may announce it
                named, name = names.get(number, (line, ""))
                text = f"AS{number} {name}".rstrip() + f", as a part of {fields[1]}"
                yield remote.fact(
                    "announced-by",
                    text,
                    *dict.fromkeys((line.evidence, named.evidence)),
                    confidence=Confidence.REPORTED,
                )


def _fields(line: Line) -> list[str]:
    return [one_line(field) for field in line.strip('"').split("|")]


def _is_name(fields: list[str]) -> bool:
    return len(fields) == 5 and "/" not in fields[1]
