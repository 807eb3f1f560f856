"""Registrations as RDAP writes them: JSON of RFC 9083, contacts as jCard (RFC 7095). Pure.

Everything in it is a stranger's. Whatever is not as the standard says is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from whence.model.registration import Registration, mail_domain, one_line

DEEPEST = 6  # entities within entities that are looked into
MOST = 200  # entities of an answer that are looked at
HOLDERS = ("registrant", "owner", "administrative")  # roles, whose name stands for the holder's


def registration(answer: object) -> Registration:
    """Read the answer to a question about an address."""
    if not isinstance(answer, dict):
        return Registration()
    entities = [*_entities(answer, MOST, DEEPEST)]
    return Registration(
        organisation=_holder(entities),
        domain=mail_domain(text for one in entities for text in _card(one, "email")),
        network=_network(answer),
        name=_text(answer, "name"),
        country=_text(answer, "country").upper()[:2],
    )


def _holder(entities: list[dict[str, Any]]) -> str:
    for role in HOLDERS:
        for one in entities:
            if role in _roles(one):
                name = next(_card(one, "fn"), "") or next(_card(one, "org"), "")
                if name:
                    return name
    return ""


def _network(answer: dict[str, Any]) -> str:
    prefixes = answer.get("cidr0_cidrs")  # an extension of the RIRs'
    if isinstance(prefixes, list):
        written = [
            f"{one.get('v4prefix') or one.get('v6prefix')}/{one.get('length')}"
            for one in prefixes[:8]
            if isinstance(one, dict)
        ]
        if written:
            return one_line(", ".join(written))
    first, last = _text(answer, "startAddress"), _text(answer, "endAddress")
    return f"{first} - {last}" if first and last else ""


def _entities(thing: dict[str, Any], left: int, depth: int) -> Iterator[dict[str, Any]]:
    """Give entities, the outermost first; each holds no more than ``left``."""
    inside = thing.get("entities")
    found = [one for one in inside if isinstance(one, dict)] if isinstance(inside, list) else []
    found = found[:left]
    yield from found
    if depth:
        for one in found:
            yield from _entities(one, max(0, (left - len(found)) // len(found)), depth - 1)


def _roles(entity: dict[str, Any]) -> list[object]:
    roles = entity.get("roles")
    return roles if isinstance(roles, list) else []


def _card(entity: dict[str, Any], property_: str) -> Iterator[str]:
    """Give the values of a property of a jCard: ["fn", {}, "text", "Example Networks"]."""
    card = entity.get("vcardArray")
    rows = card[1] if isinstance(card, list) and len(card) > 1 else None
    for row in rows[:MOST] if isinstance(rows, list) else ():
        if isinstance(row, list) and len(row) > 3 and row[0] == property_:
            value = row[3][0] if isinstance(row[3], list) and row[3] else row[3]
            if isinstance(value, str) and value.strip():
                yield one_line(value)


def _text(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name)
    return one_line(value) if isinstance(value, str) else ""
