"""What firewalls show of connections through them: who called whom, before NAT."""

import pytest

from tests.inquiry.imports.reading import NOON, read
from tests.inquiry.imports.samples import SAMPLES
from whence.model.reported import Traffic

TABLES = (
    "pf-states", "conntrack-l", "conntrack-e", "asa-show-conn", "asa-show-conn-detail",
    "fortigate-session-list", "fortigate-get-session-list", "panos-sessions", "junos-sessions",
    "routeros-connections", "checkpoint-connections",
)  # fmt: skip


def rows(text: str) -> list[Traffic]:
    return [row for row in read(text)[0] if isinstance(row, Traffic)]


def ends(row: Traffic) -> tuple[str, str, int | None, str, int | None]:
    return row.transport, row.source, row.source_port, row.destination, row.destination_port


@pytest.mark.parametrize("table", TABLES)
def test_who_called_whom_before_nat(table: str) -> None:
    told = [ends(row) for row in rows(SAMPLES[table][2])]
    assert ("tcp", "10.0.0.9", 51514, "203.0.113.8", 443) in told
    assert not any("198.51.100" in one[1] + one[3] for one in told)


def test_what_was_not_answered() -> None:
    answered = [row.answered for row in rows(SAMPLES["conntrack-l"][2])]
    assert answered == [True, False, False, True]
    assert [row.answered for row in rows(SAMPLES["asa-show-conn"][2])] == [True, None, False]
    assert [row.answered for row in rows(SAMPLES["routeros-connections"][2])] == [True, False]
    (tried,) = rows("all tcp 10.0.0.9:51514 -> 203.0.113.8:443       SYN_SENT:CLOSED\n")
    assert tried.answered is False


def test_events_of_a_connection_are_one_connection() -> None:
    done, tried = rows(SAMPLES["conntrack-e"][2])
    assert (done.line, done.first, done.last) == (1, 1_700_000_001_123_456, 1_700_000_009_123_456)
    assert (done.packets_sent, done.bytes_received, done.answered) == (12, 5120, True)
    assert (tried.line, tried.destination_port, tried.answered) == (3, 17777, False)


def test_how_much_each_end_sent_and_for_how_long() -> None:
    for table in ("fortigate-session-list", "junos-sessions"):
        (row,) = rows(SAMPLES[table][2])
        sent = (row.bytes_sent, row.packets_sent, row.bytes_received, row.packets_received)
        assert sent == (1412, 12, 5120, 10), table
    (row,) = rows(SAMPLES["fortigate-session-list"][2])
    assert (row.first, row.last) == (NOON - 142_000_000, NOON)
    more = "   age 00:01:05, expires in 23:59:58, 12:10 pkts, 1412:5120 bytes, rule 5\n"
    (row,) = rows(f"all tcp 10.0.0.9:51514 -> 203.0.113.8:443  ESTABLISHED:ESTABLISHED\n{more}")
    assert (row.first, row.bytes_sent, row.packets_received) == (NOON - 65_000_000, 1412, 10)


def test_a_call_from_outside_through_an_asa() -> None:
    (row,) = rows("TCP outside 203.0.113.8:40123 inside 10.0.0.80:443, idle 0:00:03, flags UIOB\n")
    assert ends(row) == ("tcp", "203.0.113.8", 40123, "10.0.0.80", 443)
    (row,) = rows("TCP outside 203.0.113.8:17777 inside 10.0.0.9:50123, idle 0:00:03, flags saA\n")
    assert ends(row) == ("tcp", "10.0.0.9", 50123, "203.0.113.8", 17777)


@pytest.mark.parametrize("initiator", ["203.0.113.8", "10.0.0.9"])
def test_the_initiator_that_firepower_names_called(initiator: str) -> None:
    text = "TCP outside  203.0.113.8:17777 inside  10.0.0.9:50123, idle 0:00:03, flags UIO\n"
    (row,) = rows(f"{text}    Initiator: {initiator}, Responder: x\n")
    assert row.source == initiator
