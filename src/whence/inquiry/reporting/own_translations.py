"""Public addresses of one's own, as kernels and firewalls tell of translated connections. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from whence.model.ecs import canonical_address
from whence.model.special_ranges import is_public

LONGEST = 4000  # characters of a line of a table or a log
_END = re.compile(r"\b(src|dst)=([0-9A-Fa-f.:]{2,45})")  # nf_conntrack, conntrack(8)
_IP = r"\d{1,3}(?:\.\d{1,3}){3}"
_INNER, _OUTER = rf"(?P<inner>{_IP})", rf"(?P<outer>{_IP})"
_ASA_USER = r"(?:\([^()]{1,200}\))?"
# Each tells a machine, and what stands in its place outside.
_LOGGED = tuple(
    re.compile(form)
    for form in (
        # Cisco ASA 302013 and its kin: inside:10.0.0.9/51514 (198.51.100.7/51514)
        rf"[\w.-]:{_INNER}/\d+{_ASA_USER} \({_OUTER}/\d+\)",
        # Cisco ASA 305009 to 305012
        rf"translation from [\w.-]+:{_INNER}\b(?:/\d+)?{_ASA_USER} to [\w.-]+:{_OUTER}\b",
        # Junos RT_FLOW: 10.0.0.9/51514->203.0.113.8/443 0x0 junos-https 198.51.100.7/1->…
        rf"\b{_INNER}/\d+->{_IP}/\d+(?: 0x\w+)? \S+ {_OUTER}/\d+->{_IP}/\d+",
        rf"\b{_IP}/\d+->{_OUTER}/\d+(?: 0x\w+)? \S+ {_IP}/\d+->{_INNER}/\d+",
        # Palo Alto: source, destination, and both after NAT
        rf",{_INNER},{_IP},{_OUTER},{_IP},",
        rf",{_IP},{_OUTER},{_IP},{_INNER},",
        # MikroTik: NAT (10.0.0.9:51514->198.51.100.7:51514)->203.0.113.8:443
        rf"\bNAT \({_INNER}:\d+->{_OUTER}:\d+\)",
        rf"->\({_OUTER}:\d+->{_INNER}:\d+\)",
        # pf: 198.51.100.7:51514 (10.0.0.9:51514) -> 203.0.113.8:443
        rf"\b{_OUTER}:\d+ \({_INNER}:\d+\)",
    )
)
_NAMED = re.compile(rf'\b([a-z][a-z_-]*)="?({_IP})\b')  # key=value
_KEYS = (  # of a machine, and of what stands in its place
    ("srcip", "transip"), ("tranip", "dstip"),  # FortiGate
    ("src", "xlatesrc"), ("xlatedst", "dst"),  # Check Point
    ("source-address", "nat-source-address"),  # Junos, structured
    ("nat-destination-address", "destination-address"),
)  # fmt: skip


def own_by_translation(texts: Iterable[str]) -> Iterator[str]:
    """Give what an inside machine leaves as, and what is called in place of one (DNAT)."""
    for line in (line for text in texts for line in text.splitlines()):
        if len(line) > LONGEST:
            continue
        for inner, outer in _pairs(line):
            try:
                inner, outer = canonical_address(inner), canonical_address(outer)
            except ValueError:
                continue
            if inner != outer and not is_public(inner):
                yield outer


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    """Give machines, each with what stands in its place."""
    ends = _END.findall(line) if line.count("src=") > 1 else []
    if [name for name, _ in ends] == ["src", "dst", "src", "dst"]:
        # As the first packet had them, and as an answer must have them.
        source, called, answers, leaves_as = (end for _, end in ends)
        yield source, leaves_as
        yield answers, called
    for form in _LOGGED:
        yield from ((found["inner"], found["outer"]) for found in form.finditer(line))
    named = dict(_NAMED.findall(line)) if "=" in line else {}
    for machine, place in _KEYS:
        if machine in named and place in named:
            yield named[machine], named[place]
