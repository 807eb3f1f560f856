"""Stations whose connections only pass through, of a recorded table."""

from __future__ import annotations

import pytest

from tests.model.test_tracked import SHARED, TRANSLATED
from whence.model import CannotAsk, Flow, NotPermitted, WhenceError
from whence.model.tracked import TABLE
from whence.probes.passes_through import passes_through
from whence.world import RecordedHost

TARGET = Flow("203.0.113.7", 443)
FIB = {"/proc/net/fib_trie": "  |-- 198.51.100.65\n     /32 host LOCAL\n"}
OWN = TRANSLATED.replace("10.167.14.42", "198.51.100.65")
ROUTED = TRANSLATED.replace("10.167.14.42", "192.0.2.9").replace("198.51.100.65", "192.0.2.9")
SEARCH = f"grep -wF 203.0.113.7 {TABLE}"


def passing(*lines: str, flow: Flow = TARGET) -> list[str]:
    host = RecordedHost(FIB | {TABLE: "", SEARCH: "".join(f"{line}\n" for line in lines)})
    return [str(fact.value) for fact in passes_through.ask(flow, host)]


def test_nat_is_told_and_what_starts_here_is_not() -> None:
    again = TRANSLATED.replace("52330", "52331")
    assert passing(TRANSLATED, OWN, again, ROUTED) == [
        "10.167.14.42, 2 connections, leaving as 198.51.100.65 (NAT)",
        "192.0.2.9, 1 connection",
    ]


def test_other_ports_are_other_traffic() -> None:
    assert passing(TRANSLATED, flow=Flow("203.0.113.7", 80)) == []


def test_a_server_inside_that_is_called_through_nat() -> None:
    host = RecordedHost(FIB | {TABLE: "", f"grep -wF 198.51.100.65 {TABLE}": f"{SHARED}\n"})
    facts = [*passes_through.ask(Flow("198.51.100.65", 443), host)]
    assert [str(fact.value) for fact in facts] == ["203.0.113.9, 1 connection"]


def test_nothing_is_tracked() -> None:
    nothing = CannotAsk("grep failed", because="exit status 1")
    assert not [*passes_through.ask(TARGET, RecordedHost(FIB))]
    host = RecordedHost(FIB | {TABLE: ""}, answers=[(SEARCH, nothing)])
    assert not [*passes_through.ask(TARGET, host)]


@pytest.mark.parametrize(
    ("because", "kind"),
    [(f"grep: {TABLE}: Permission denied", NotPermitted), ("it took over 10 s", CannotAsk)],
)
def test_a_table_that_cannot_be_read_is_no_empty_one(because: str, kind: type[WhenceError]) -> None:
    refused = CannotAsk("grep gave no answer", because=because)
    host = RecordedHost(FIB | {TABLE: ""}, answers=[(SEARCH, refused)])
    with pytest.raises(kind):
        [*passes_through.ask(TARGET, host)]
