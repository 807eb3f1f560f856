from tests.analysis.world import flow, tables
from whence.analysis.doubled import doubled


def test_a_mirror_that_copies_each_packet_twice() -> None:
    flows = [flow(port=n, syns=2, answers=2) for n in range(19)]
    assert doubled(tables(*flows, flow())).startswith("packets seem to be in it twice")
    assert "19 of 20 connections" in doubled(tables(*flows, flow()))


def test_what_was_lost_is_sent_again() -> None:
    lost = [flow(port=n, syns=2, answers=1) for n in range(30)]
    assert not doubled(tables(*lost))
    assert not doubled(tables(*(flow(port=n, syns=2, answers=2) for n in range(3))))
    assert not doubled(tables(*(flow(port=n) for n in range(30))))
