"""Does a program itself name the address that it called? Then the answer says where. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from whence.inquiry.known import Known
from whence.model import Fact, Flow, Hostname, Observable, Program, Remote

CALLED = ("is-called", "is-known-as", "reverse-name", "certified-as", "certified-for")
NAMED = ("names-host", "names-address")
_VALUE = re.compile(r"(?P<name>\S+)(?: \((?P<place>.+)\))?")


def called_by(known: Known, flow: Flow) -> frozenset[str]:
    """Give the addresses of a flow, and the names that are known for its other end."""
    found = {end for end in (flow.destination, flow.source) if end}
    for fact in known.about(flow, "other-end"):
        if isinstance(fact.value, Remote):
            found |= {
                str(told.value).lower().removeprefix("*.").rstrip(".")
                for told in known.about(fact.value, *CALLED)
                if isinstance(told.value, Hostname | str)
            }
    return frozenset(found)


def naming(known: Known, program: Observable, wanted: frozenset[str]) -> Iterator[tuple[Fact, str]]:
    """Give each fact that a program names one of these, and what it says, in a sentence."""
    if not isinstance(program, Program):
        return
    for fact in known.about(program, *NAMED):
        found = _VALUE.fullmatch(str(fact.value))
        if found and found["name"] in wanted:
            what = "The address" if fact.relation == "names-address" else "Its name"
            place = f"{found['place']} of {program}" if found["place"] else str(program)
            sure = "stands" if fact.confidence == "certain" else f"stands ({fact.confidence})"
            yield fact, f"{what} {found['name']} {sure} in {place}."
