from tests.analysis.world import Row, arp, flow, tables
from whence.analysis._declare import Context
from whence.analysis.unanswered_arp import unanswered_arp
from whence.model import Confidence
from whence.model.findings import Finding

ASKER = "02:00:00:00:00:09"
ASKS = arp("192.0.2.9", ASKER, "192.0.2.77", count=30, lasts=30)


def found(*arps: Row, flows: tuple[Row, ...] = ()) -> list[Finding]:
    return [*unanswered_arp(tables(*flows, arps=arps), Context())]


def test_a_neighbour_that_is_not_there() -> None:
    [finding] = found(ASKS)
    assert finding.sentence == (
        "192.0.2.9 looks for 192.0.2.77 by ARP 30 times in 30 s, and nobody answers."
    )
    assert finding.confidence is Confidence.LIKELY


def test_an_answered_question() -> None:
    assert not found(ASKS, arp("192.0.2.77", "02:00:00:00:00:77", "192.0.2.9", "reply"))


def test_a_neighbour_that_speaks_although_its_answer_was_not_seen() -> None:
    assert not found(ASKS, flows=(flow("192.0.2.77"),))


def test_seldom_questions_without_any_answer_may_be_a_matter_of_where_one_listens() -> None:
    [finding] = found(ASKS | {"count": 3, "last": arp("", "", "", lasts=9000)["last"]})
    assert finding.confidence is Confidence.POSSIBLE


def test_a_machine_that_asks_whether_its_address_is_free() -> None:
    assert not found(arp("0.0.0.0", ASKER, "192.0.2.77", count=3))
    assert not found(arp("192.0.2.77", ASKER, "192.0.2.77", count=3))


def test_who_looks_for_a_whole_network_is_told_once() -> None:
    sweep = [arp("192.0.2.9", ASKER, f"192.0.2.{n}") for n in range(50, 250)]
    answer = arp("192.0.2.1", "02:00:00:00:00:01", "192.0.2.9", "reply", target_mac=ASKER)
    [finding] = found(*sweep, answer)
    assert finding.sentence == (
        "192.0.2.9 looks for 200 neighbours by ARP 200 times, and none of them answers."
    )
    assert finding.confidence is Confidence.LIKELY


def test_what_others_look_for_beside_a_sweep_is_still_told() -> None:
    sweep = [arp("192.0.2.9", ASKER, f"192.0.2.{n}", count=3) for n in range(50, 250)]
    whole, single = found(*sweep, arp("192.0.2.8", "02:00:00:00:00:08", "192.0.2.77", count=5))
    assert whole.source == "192.0.2.9"
    assert (single.source, single.destination, single.count) == ("192.0.2.8", "192.0.2.77", 5)


def test_a_storm_is_told_by_the_second() -> None:
    [finding] = found(ASKS | {"count": 8000, "last": arp("", "", "", lasts=0.8)["last"]})
    assert "it is asked again 10,000 times a second" in finding.evidence
