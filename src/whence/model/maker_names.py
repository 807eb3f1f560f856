"""Does an organisation resemble the maker of something? Domains first, then names. Pure.

It never says more than “resembles”: a name is chosen by whoever registers it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from urllib.parse import urlsplit

from whence.model.observables import Organisation

ALIKE = 0.88  # ratio of difflib above which two names resemble each other
SHORTEST = 5  # letters; shorter names resemble too many others

# What says how a firm is built or what it trades in, not who it is: Ltd, GmbH, “Technologies”.
LEGAL_FORMS = (
    "ab ag aps as asa bhd bv co company corp corporation doo eood ev gbr gesellschaft gmbh hf inc "
    "incorporated kft kg kk lda limited llc llp lp ltd ltda mbh nv nyrt oao oo ooo ou oy oyj plc "
    "pte pty pvt sa sarl sas sdn se sia sl sp spa spol sro srl ug uab ulc zoo zrt"
)
_LEGAL = frozenset(LEGAL_FORMS.split())
WORDS_OF_TRADE = (
    "asn autonomous backbone block cloud communications computer computers corporate enterprise "
    "enterprises europe foundation global group hosting holding holdings hq infrastructure "
    "international internet ip maintainers network networks net online project products "
    "registrar services software solutions system systems tech technologies technology team the "
    "usa worldwide"
)
_TRADE = frozenset(WORDS_OF_TRADE.split())
# Domains under which many makers have a page or a mail address: one of them says nothing.
SHARED_DOMAINS = (
    "bitbucket.org codeberg.org debian.net fastmail.com freedesktop.org gitbook.io github.com "
    "github.io gitlab.com gitlab.io gmail.com gmx.de gmx.net googlegroups.com googlemail.com "
    "hotmail.com icloud.com launchpad.net live.com mail.ru metacpan.org outlook.com "
    "posteo.de proton.me protonmail.com python.org readthedocs.io readthedocs.org "
    "sourceforge.io sourceforge.net sr.ht users.sf.net sf.net web.de yahoo.com yandex.ru"
)
_SHARED = frozenset(SHARED_DOMAINS.split())
SECOND_LEVEL = "ac co com edu gov ne net or org"
_SECOND = frozenset(SECOND_LEVEL.split())  # as in example.co.uk
_HOST = re.compile(r"(?:[a-z0-9_-]{1,63}\.){1,8}[a-z]{2,63}")


@dataclass(frozen=True, slots=True)
class Maker:
    """Who made something, as it says itself: a name, and its mail addresses and pages."""

    name: str
    contacts: tuple[str, ...] = ()

    @property
    def domains(self) -> frozenset[str]:
        """The domains that are its own."""
        found = (domain_of(text) for text in (self.name, *self.contacts))
        return frozenset(domain for domain in found if domain)


def resemblance(organisation: Organisation, maker: Maker) -> str:
    """Say in what an organisation resembles a maker; nothing where it does not."""
    domain = domain_of(organisation.domain)
    if domain and domain in maker.domains:
        return f"the same domain, {domain}"
    ours, theirs = core(organisation.name), core(maker.name)
    if not ours or not theirs:
        return ""
    if ours == theirs:
        return f"the same name, {ours}" if len(ours) > 2 else ""
    joined = ours.replace(" ", ""), theirs.replace(" ", "")
    ratio = SequenceMatcher(None, *joined).ratio()
    if min(map(len, joined)) >= SHORTEST and ratio >= ALIKE:
        return f"nearly the same name, {theirs}"
    return ""


def core(name: str) -> str:
    """Give what is left of a name without accents, legal forms and words of the trade."""
    plain = unicodedata.normalize("NFKD", name.partition("<")[0]).casefold().replace("ß", "ss")
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = re.sub(r"(?<=\b\w)\.(?=\w\b)", "", plain)  # B.V., S.A., S.r.l.
    words = [word for word in re.split(r"[^\w]+|_", plain) if word]
    words = [word for word in words if not re.fullmatch(r"(?:as|net|ip)?\d+", word)]
    named = _without(words, _LEGAL)
    return " ".join(_without(named, _TRADE) or named)


def _without(words: Iterable[str], dull: frozenset[str]) -> list[str]:
    return [word for word in words if word not in dull]


def domain_of(text: str) -> str:
    """Give the domain that was registered for a mail address, URL or host; none if it is shared."""
    text = text.strip().lower()
    if found := re.search(r"@([^\s>,;]+)", text):
        host = found[1]
    elif "://" in text:
        try:
            host = urlsplit(text).hostname or ""
        except ValueError:
            return ""
    else:
        host = text
    host = host.strip(".")
    if not _HOST.fullmatch(host):
        return ""
    labels = host.split(".")
    # The Public Suffix List would say it for all; it changes weekly, and this errs to the narrow.
    count = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND else 2
    registered = ".".join(labels[-count:])
    return "" if registered in _SHARED or host in _SHARED else registered
