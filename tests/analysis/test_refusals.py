"""ICMP errors are about the flow whose packet they quote."""

from typing import Any

import pytest

from tests.analysis.world import Row, at, fill, flow, tables
from whence.analysis._declare import Context
from whence.analysis._refusals import attribute_refusals
from whence.analysis.ghosts import Ghost, ghosts
from whence.analysis.path import paths
from whence.analysis.talkers import talkers
from whence.model import Confidence, Flow
from whence.model.refusals import said


def refusal(destination: str = "203.0.113.62", port: int | None = 514, **more: Any) -> Row:
    return {
        "first": at(0), "last": at(1), "count": 5, "file": "office.pcapng", "packet": 2,
        "interface": "eth0", "vlan": "", "sender_ip": "192.0.2.1", "receiver_ip": "192.0.2.9",
        "icmp": "icmp", "type": 3, "code": 1, "fits": 0, "transport": "udp",
        "source_ip": "192.0.2.9", "source_port": None if port is None else 40000,
        "destination_ip": destination, "destination_port": port,
    } | more  # fmt: skip


def call(destination: str = "203.0.113.62", port: int = 514, transport: str = "udp") -> Row:
    return flow("192.0.2.9", destination, port, transport=transport, sent=5, received=0)


def found(*flows: Row, refused: list[Row]) -> dict[str, Ghost]:
    known = tables(*flows)
    fill(known, "refused", refused)
    attribute_refusals(known)
    return {str(ghost.destination): ghost for ghost in ghosts.find(known, Context())}  # type: ignore[misc]


def test_only_the_call_is_explained_whose_packet_is_quoted() -> None:
    ghost = found(call(), call("198.51.100.62"), refused=[refusal()])
    assert ghost["203.0.113.62"].sentence.endswith("; 192.0.2.1 says host unreachable.")
    assert "192.0.2.1 told 192.0.2.9 5 times: host unreachable" in ghost["203.0.113.62"].evidence
    assert not ghost["198.51.100.62"].refused


def test_a_port_that_is_told_to_be_closed_is_more_than_possible() -> None:
    ghost = found(call(port=5000), flow(destination="203.0.113.62"),
                  refused=[refusal(port=5000, code=3, sender_ip="203.0.113.62")])  # fmt: skip
    assert ghost["203.0.113.62"].confidence is Confidence.LIKELY


@pytest.mark.parametrize(
    ("quoted", "explained"),
    [
        ({"source_ip": "192.0.2.1"}, True),  # what a router had made of the source
        ({"source_ip": "192.0.2.1", "source_port": 61000}, True),
        ({"source_ip": "192.0.2.1", "destination_port": 515}, False),
        ({"destination_ip": "10.1.1.1", "destination_port": 5514}, False),
        ({"port": None}, True),  # a later fragment, or cut off
        ({"transport": "tcp"}, False),
        ({"first": at(60), "last": at(60)}, False),
        ({"source_ip": "198.51.100.1", "receiver_ip": "198.51.100.1"}, False),
    ],
)
def test_what_is_quoted_decides(quoted: Row, explained: bool) -> None:
    ghost = found(call(), refused=[refusal(**quoted)])
    assert bool(ghost["203.0.113.62"].refused) is explained


def test_a_port_that_is_forwarded_is_known_by_the_port_of_who_calls() -> None:
    inside = refusal("10.1.1.1", 5514, transport="tcp")
    ghost = found(call(transport="tcp"), refused=[inside])
    assert ghost["203.0.113.62"].refused == ("192.0.2.1 says host unreachable",)


def test_an_error_about_an_answer_is_no_reason_for_the_call() -> None:
    back = refusal(source_ip="203.0.113.62", source_port=514, destination_ip="192.0.2.9",
                   destination_port=40000, receiver_ip="203.0.113.62")  # fmt: skip
    assert not found(call(), refused=[back])["203.0.113.62"].refused


def test_an_error_that_two_interfaces_saw_counts_once() -> None:
    ghost = found(call(), refused=[refusal(), refusal(interface="eth1")])
    assert "192.0.2.1 told 192.0.2.9 5 times: host unreachable" in ghost["203.0.113.62"].evidence


def test_paths_and_talkers_tell_it_too() -> None:
    known = tables(call())
    fill(known, "refused", [refusal(type=11, code=0)])
    attribute_refusals(known)
    [route] = paths(known, Flow("203.0.113.62"))
    assert "192.0.2.1 told 192.0.2.9 5 times: TTL ran out on the way" in route.evidence
    told = talkers(known).sentence
    assert "which never answered (192.0.2.1 says TTL ran out on the way)" in told


def test_what_is_too_large_says_what_fits() -> None:
    assert said("icmp", 3, 4, 1400) == "too large for the way, which takes 1400 bytes"
    assert said("ipv6-icmp", 1, 99) == "unreachable"
