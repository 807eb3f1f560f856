from whence.analysis.doubled import doubled


def test_a_mirror_that_copies_each_packet_twice() -> None:
    assert doubled(20, 19).startswith("packets seem to be in it twice")
    assert "19 of 20 connections" in doubled(20, 19)


def test_what_was_lost_is_sent_again() -> None:
    assert not doubled(30, 0)
    assert not doubled(3, 3)
    assert not doubled(30, 20)
