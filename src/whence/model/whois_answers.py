"""Registrations as whois servers write them: labelled lines, in the words of five registries. Pure.

There is no standard for the text (RFC 3912 only says that there is one). Labels are those of IANA,
ARIN, the RIPE database and its kin (RPSL, RFC 2622), LACNIC, and KRNIC.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from whence.model.registration import Registration, mail_domain, one_line

LONGEST = 4000  # characters of a line that are looked at
ORGANISATION = ("orgname", "org-name", "organization", "owner", "organization name", "custname",
                "organisation", "descr", "netname")  # fmt: skip
NETWORK = ("netrange", "inetnum", "inet6num", "cidr", "ipv4 address")
_LABELLED = re.compile(r"\s*([A-Za-z][A-Za-z0-9 _-]{0,40}?)\s*:\s*(\S.*)")
_REFERRAL = re.compile(
    r"(?im)^(?:refer|whois|referralserver|resourcelink)\s*:\s*(?:r?whois://)?"
    r"([a-z0-9.-]{3,253}?)(?::(\d{1,5}))?/?\s*$"
)
_HANDLE = re.compile(r"\s*\([A-Z0-9-]+\)$")  # ARIN's: “Example Networks (EXAMP-1)”


def registration(text: str) -> Registration:
    """Read what the last server said; the narrowest network of an answer comes last or alone."""
    blocks = [*_blocks(text)]
    told = [block for block in blocks if _first(block, NETWORK)]
    network = told[-1] if told else (blocks[0] if blocks else [])
    named = [network, *reversed(blocks)]
    organisation = next(
        (name for label in ORGANISATION for block in named if (name := _first(block, (label,)))), ""
    )
    return Registration(
        organisation=_HANDLE.sub("", organisation),
        domain=mail_domain(line[:LONGEST] for line in text.splitlines()),
        network=_first(network, NETWORK),
        name=_first(network, ("netname",)),
        country=next(
            (found for block in named if (found := _first(block, ("country",)))), ""
        ).upper()[:2],
    )


def referral(text: str) -> tuple[str, int] | None:
    """Give the server that is said to know more: IANA's ``refer``, ARIN's ``ReferralServer``."""
    found = _REFERRAL.search(text)
    if not found or "." not in found[1]:
        return None
    port = int(found[2] or 43)
    return (found[1].lower(), port) if 0 < port <= 65535 else None


def _blocks(text: str) -> Iterator[list[tuple[str, str]]]:
    """Give labelled lines, parted where a line is empty."""
    block: list[tuple[str, str]] = []
    for line in (*text.splitlines(), ""):
        line = line[:LONGEST]
        if not line.strip():
            if block:
                yield block
            block = []
        elif line[0] not in "%#" and (found := _LABELLED.match(line)):
            block.append((found[1].lower(), one_line(found[2])))


def _first(block: Iterable[tuple[str, str]], labels: tuple[str, ...]) -> str:
    return next((value for label, value in block if label in labels), "")
