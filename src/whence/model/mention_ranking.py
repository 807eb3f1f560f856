"""Which of the places that mention an address is most likely why a program knows it. Pure.

Weights are added up, and the least is first. What they rest on: how near the place is to the
program, how exactly the address is written, and what kind of place it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from whence.model.address_forms import Form
from whence.model.mentions import Mention

FORMS = {
    Form.DOTTED: 0,
    Form.IPV6: 0,
    Form.MAPPED: 1,
    Form.NAME: 4,
    Form.PADDED: 5,
    Form.PERCENT: 5,
    Form.UTF16: 6,
    Form.HEXADECIMAL: 8,
    Form.REVERSED: 9,
    Form.INTEGER: 10,
    Form.REVERSE_NAME: 12,
    Form.RANGE: 12,
    Form.PACKED: 34,
}
NOT_NEAR = 20  # nothing connects the place with the program
BESIDE = "where the program is"
LIES_BESIDE = 2  # it may be a sample, or another program's: less than what its package brought
ONE_FREE_BIT = 2  # of a range, for each doubling of what it holds
OF_PACKAGES = (  # where a package puts what is no setting; but for the program's own folder
    re.compile(r"^/(?:usr/share|usr/lib|usr/include|lib)/(?!systemd/)"),
    re.compile(r"^/(?:boot|usr)/(?!local/)"),
)
PLACES = (  # what a place is, by its path: the first that fits
    (re.compile(r"^the memory of "), 6),  # it is there because it was read from somewhere
    (re.compile(r"^the (?:command line|environment) of "), -1),
    (re.compile(r"/(?:etc/)?hosts(?:\.\w+)?$|/etc/(?:networks|resolv\.conf)$"), 25),
    (re.compile(r"/(?:log|cache|history|journal)(?:/|$)|\.log(?:\.|$)|_history$|\.pcap"), 40),
    (re.compile(r"/site-packages/"), 30),
    (OF_PACKAGES[0], 30),
    (re.compile(r"\.(?:bak|old|orig|dpkg-(?:old|dist|new)|rpm(?:save|new)|ucf-\w+)$|~$"), 18),
    (OF_PACKAGES[1], 15),
)
_COMMENT = re.compile(r"\s*(?:#|;|//|--\s|\*|<!--)")
PRIVATE = (  # RFC 1918, and everything: a range of this size says nothing of one address
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "0.0.0.0/0", "::/0", "fc00::/7", "fe80::/10",
)  # fmt: skip
UNSPECIFIC = 20  # free bits of a range, from which it is not told unless there is nothing better


def weight(mention: Mention, why: str) -> float:
    """Weigh a place; ``why`` it is near the program, or nothing."""
    found = float(_WEIGHTS.get(mention.form, 20))
    found += ONE_FREE_BIT * min(mention.free_bits, 40)
    found += LIES_BESIDE if why == BESIDE else 0 if why else NOT_NEAR
    found += next(
        (
            more
            for kind, more in PLACES
            if not (why == BESIDE and kind in OF_PACKAGES) and kind.search(mention.place)
        ),
        0,
    )
    if mention.line and _COMMENT.match(mention.text):
        found += 15
    return found


_WEIGHTS = {str(form): more for form, more in FORMS.items()}


def reason(place: str, near: Mapping[str, str]) -> str:
    """Say why a place is near the program: it, or a folder that it is in, is known."""
    if place in near:
        return near[place]
    above = PurePosixPath(place).parents
    return next((near[f"{folder}/"] for folder in above if f"{folder}/" in near), "")


def says_nothing(mention: Mention) -> bool:
    """Say whether it is a range so large that it is told only if there is nothing better."""
    return mention.is_range and (mention.free_bits >= UNSPECIFIC or mention.written in PRIVATE)


def ranked(mentions: Iterable[tuple[Mention, str]]) -> list[int]:
    """Give the places in the order of their weights, by their position; without the unspecific."""
    all_of_them = [*enumerate(mentions)]
    better = [one for one in all_of_them if not says_nothing(one[1][0])]
    chosen = better or all_of_them
    return [
        position
        for position, _ in sorted(
            chosen, key=lambda one: (weight(*one[1]), one[1][0].place, one[1][0].line)
        )
    ]
