from tests.analysis.world import Row, arp, tables
from whence.analysis._declare import Context
from whence.analysis.duplicated_addresses import duplicated_addresses
from whence.model import Confidence
from whence.model.findings import Finding

A, B = "02:00:00:00:00:0a", "02:00:00:00:00:0b"


def says(mac: str, ip: str = "192.0.2.9", seconds: float = 0, lasts: float = 60) -> Row:
    return arp(ip, mac, "192.0.2.1", "reply", seconds=seconds, lasts=lasts, count=5)


def found(*arps: Row) -> list[Finding]:
    return [*duplicated_addresses(tables(arps=arps), Context())]


def test_two_machines_claim_one_address() -> None:
    [finding] = found(says(A), says(B, seconds=30))
    assert finding.sentence == (
        f"192.0.2.9 is claimed by 2 machines at the same time: {A} and {B}."
    )
    assert finding.confidence is Confidence.LIKELY


def test_an_address_that_moved_is_not_duplicated() -> None:
    assert not found(says(A), says(B, seconds=120))


def test_routers_that_stand_in_for_each_other_share_an_address() -> None:
    assert not found(says(A), says("00:00:5e:00:01:07"), says("00:00:0c:07:ac:01"))


def test_a_router_that_answers_for_others_is_said_to_be_one() -> None:
    proxy = [says(B, f"192.0.2.{n}") for n in range(20, 30)]
    [finding] = found(says(A), says(B), *proxy)
    assert finding.confidence is Confidence.POSSIBLE
    assert "it may be a router that answers for others" in finding.evidence[-1]
