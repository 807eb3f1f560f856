import pytest

from whence.model.counted_flows import Began, Sent, answered_first, state

TCP, UDP, ICMP = 6, 17, 1
SYN, SYN_ACK, ACK = 2, 18, 16


@pytest.mark.parametrize(
    ("began", "turned"),
    [
        (Began(SYN, 40000, 443, TCP), False),
        (Began(SYN_ACK, 443, 40000, TCP), True),
        (Began(ACK, 443, 40000, TCP), True),
        (Began(ACK, 40000, 443, TCP), False),
        (Began(SYN, 22, 40000, TCP), False),
        (Began(0, 53, 40000, UDP), True),
        (Began(0, 123, 123, UDP), False),
        (Began(0, 0, 8, ICMP), False),
    ],
)
def test_who_began(began: Began, turned: bool) -> None:
    assert answered_first(began) is turned


@pytest.mark.parametrize(
    ("source", "destination", "named"),
    [
        (Sent(3, syns=3), Sent(0), "S0"),
        (Sent(3, syns=1), Sent(2, answers=1), "S1"),
        (Sent(9, syns=1, fins=1), Sent(9, answers=1, fins=1), "SF"),
        (Sent(1, syns=1), Sent(1, resets=1), "REJ"),
        (Sent(9, syns=1, fins=1), Sent(9, answers=1), "S2"),
        (Sent(9, syns=1), Sent(9, answers=1, fins=1), "S3"),
        (Sent(9, syns=1, resets=1), Sent(9, answers=1), "RSTO"),
        (Sent(9, syns=1), Sent(9, answers=1, resets=1), "RSTR"),
        (Sent(2, syns=1, resets=1), Sent(0), "RSTOS0"),
        (Sent(0), Sent(2, answers=1, resets=1), "RSTRH"),
        (Sent(2, syns=1, fins=1), Sent(0), "SH"),
        (Sent(0), Sent(2, answers=1, fins=1), "SHR"),
        (Sent(5), Sent(5), "OTH"),
    ],
)
def test_states_of_connections(source: Sent, destination: Sent, named: str) -> None:
    assert state(TCP, source, destination) == named


def test_states_of_others() -> None:
    assert state(UDP, Sent(1), Sent(0)) == "S0"
    assert state(UDP, Sent(1), Sent(1)) == "SF"
    assert state(UDP, Sent(0), Sent(1)) == "SHR"
    assert state(ICMP, Sent(1), Sent(1)) == "OTH"
