"""What captures say of a flow: captured, goes, is_known_as."""

import json
from datetime import timedelta

from tests.analysis.world import NOON, flow, name, tables
from whence.analysis.captured import Captured
from whence.model import Confidence, Flow
from whence.probes.captured import captured
from whence.probes.goes import goes
from whence.probes.is_known_as import is_known_as

BLOCK = "name resolution block at byte 420"
TARGET = Flow("203.0.113.62", 514)
GIVEN = {"transport": "udp", "received": 0, "interface": "wan0", "direction_in": "outgoing"}
PACKETS = Captured(
    tables(
        flow("192.0.2.50", "192.0.2.51", interface="lan0"),
        flow("192.0.2.9", "203.0.113.62", 514, sent=5, **GIVEN),  # type: ignore[arg-type]
        names=[
            name("203.0.113.62", "old-log.example.org", packet=17),
            name("203.0.113.62", "log", "noted-as", source="nrb", detail=BLOCK),
        ],
    ),
    "fw",
    NOON + timedelta(days=1),
)


def test_how_much_was_captured() -> None:
    [fact] = captured(TARGET, PACKETS)
    assert str(fact.value).startswith("1 flow, 5 packets, never answered, first 2026-11-17 12:00")
    assert fact.evidence[0].observer == "fw"


def test_which_way_it_goes() -> None:
    [fact] = goes(TARGET, PACKETS)
    assert str(fact.value).startswith("starts here: 192.0.2.9 → ")
    assert fact.confidence is Confidence.LIKELY


def test_a_name_is_cited_with_its_packet() -> None:
    _, fact = is_known_as(TARGET, PACKETS)
    assert "resolves-to old-log.example.org (dns, office.pcapng packet 17)" in str(fact.value)
    assert json.loads(fact.evidence[0].excerpt)["name"]["packet"] == 17


def test_a_name_in_the_file_itself_is_reported_and_cited_with_its_block() -> None:
    fact, _ = is_known_as(TARGET, PACKETS)
    assert str(fact.value).endswith(f"noted-as log (nrb, office.pcapng {BLOCK})")
    assert fact.confidence is Confidence.REPORTED
    assert json.loads(fact.evidence[0].excerpt)["name"]["block"] == BLOCK


def test_traffic_that_was_not_captured() -> None:
    nothing = Flow("203.0.113.1")
    assert not [*captured(nothing, PACKETS), *goes(nothing, PACKETS)]
