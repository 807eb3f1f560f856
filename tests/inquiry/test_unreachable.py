from __future__ import annotations

import json

import pytest

from whence.inquiry.unreachable import unreachable
from whence.model import CannotAsk, Reading
from whence.world.recorded import EPOCH, Answer, RecordedHost

GHOST, NEIGHBOUR = "203.0.113.62", "192.0.2.77"


def host(routes: dict[str, dict[str, str] | str], **neighbours: list[str]) -> RecordedHost:
    """Make a machine of what `ip` says; a route that is a text is an error."""
    table = [{"dst": dst, "state": state} for dst, state in neighbours.items()]
    answers: list[tuple[str, Answer]] = [said("ip -json neigh", table)]
    for address, route in routes.items():
        source = f"ip -json route get {address}"
        if isinstance(route, str):
            refused = CannotAsk("ip gave no answer", because=f"RTNETLINK answers: {route}")
            answers.append((source, refused))
        else:
            answers.append(said(source, [{"dst": address, **route}]))
    return RecordedHost(answers=answers)


def said(source: str, value: object) -> tuple[str, Answer]:
    return source, Reading(source, json.dumps(value), EPOCH, "here")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("Network is unreachable", "no route"),
        ("No route to host", "a route that says “unreachable”"),
        ("Permission denied", "a route that prohibits it"),
        ("Invalid argument", "a blackhole route"),
    ],
)
def test_without_a_way(error: str, reason: str) -> None:
    assert unreachable([GHOST], host({GHOST: error})) == {GHOST: reason}


def test_a_neighbour_that_nobody_is() -> None:
    for state in ("FAILED", "INCOMPLETE"):
        here = host({NEIGHBOUR: {"dev": "eth0"}}, **{NEIGHBOUR: [state]})
        assert unreachable([NEIGHBOUR], here) == {NEIGHBOUR: "no ARP answer"}


def test_a_router_that_nobody_is() -> None:
    here = host({GHOST: {"gateway": "192.0.2.1", "dev": "eth0"}}, **{"192.0.2.1": ["FAILED"]})
    assert unreachable([GHOST], here) == {GHOST: "no ARP answer of the router 192.0.2.1"}


def test_ipv6_has_no_arp() -> None:
    here = host({"2001:db8::9": {"dev": "eth0"}}, **{"2001:db8::9": ["FAILED"]})
    assert unreachable(["2001:db8::9"], here) == {"2001:db8::9": "no neighbour discovery answer"}


def test_nothing_is_said_of_what_may_be_reached() -> None:
    routes: dict[str, dict[str, str] | str] = {
        GHOST: {"gateway": "192.0.2.1"},
        NEIGHBOUR: {"dev": "eth0"},
    }
    assert unreachable([GHOST, NEIGHBOUR], host(routes, **{"192.0.2.1": ["STALE"]})) == {}


def test_what_cannot_be_asked_is_not_taken_for_no_route() -> None:
    with pytest.raises(CannotAsk):
        unreachable([GHOST], host({GHOST: "Operation not supported"}))
