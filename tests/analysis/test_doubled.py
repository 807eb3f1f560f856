from whence.analysis.doubled import Copies, doubled

NONE = Copies(0, 0)


def test_a_mirror_that_copies_each_packet_twice() -> None:
    told = doubled(Copies(20, 19), NONE)
    assert told.startswith("packets seem to be in it twice")
    assert "19 of 20 connections" in told


def test_a_mirror_that_copies_what_is_no_connection() -> None:
    assert "390 of 400 packets came again at once" in doubled(NONE, Copies(400, 390))


def test_what_was_lost_is_sent_again() -> None:
    for few in (Copies(30, 0), Copies(3, 3), Copies(30, 20)):
        assert not doubled(few, few)
