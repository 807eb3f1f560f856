"""What a registry of addresses says of a network: to whom it is registered. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from whence.model.observables import Organisation

LONGEST = 200  # characters of a name that are kept
_MAIL = re.compile(r"[\w.+%-]{1,64}@((?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,63})", re.IGNORECASE)
_REGISTRIES = ("arin.net", "ripe.net", "apnic.net", "lacnic.net", "afrinic.net", "iana.org")


@dataclass(frozen=True, slots=True)
class Registration:
    """A network and its holder, as far as was said; what was not said is empty."""

    organisation: str = ""
    domain: str = ""  # in which its mail addresses lie
    network: str = ""  # "203.0.113.0 - 203.0.113.255", or prefixes
    name: str = ""  # of the network: "FORTIFIED-NET"
    country: str = ""  # two letters

    @property
    def holder(self) -> Organisation | None:
        """Whom it is registered to."""
        return Organisation(self.organisation, self.domain) if self.organisation else None


def one_line(text: object) -> str:
    """Make a stranger's text one line of bounded length."""
    return " ".join(str(text).split())[:LONGEST]


def mail_domain(texts: Iterable[str]) -> str:
    """Give the domain of most mail addresses in texts, but not a registry's own."""
    domains = Counter(
        domain
        for text in texts
        for domain in (found.lower() for found in _MAIL.findall(text))
        if not domain.endswith(_REGISTRIES)
    )
    return domains.most_common(1)[0][0] if domains else ""
