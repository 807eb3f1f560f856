from datetime import timedelta

from whence.inquiry.talks import gathered
from whence.model import ACCEPTED, ATTEMPTED, LISTENING, Flow, Process, ProcessRecord, Sighting
from whence.world import EPOCH

MAKER = ProcessRecord(Process("fw", "boot", 7, 1), EPOCH, "agent")


def seen(port: int, action: str = ATTEMPTED, received: int = 0, minute: int = 0) -> Sighting:
    at = EPOCH + timedelta(minutes=minute)
    flow = Flow("203.0.113.7", 443, "192.0.2.5", port, "tcp")
    return Sighting(flow, action, at, at, (MAKER,), "test", "fw", bytes_sent=60,
                    packets_sent=1, bytes_received=received)  # fmt: skip


def test_connections_of_a_process_to_a_peer_are_one_talk() -> None:
    [talk] = gathered([seen(1001), seen(1002, minute=3)])
    assert (talk.count, talk.sent) == (2, 120)
    assert talk.last == EPOCH + timedelta(minutes=3)


def test_silence_from_the_other_end_shows() -> None:
    assert gathered([seen(1001)])[0].unanswered
    assert not gathered([seen(1001), seen(1002, received=40)])[0].unanswered


def test_who_called_in_is_another_talk() -> None:
    assert len(gathered([seen(1001), seen(1001, ACCEPTED)])) == 2


def test_listening_is_not_talking() -> None:
    assert not gathered([seen(443, LISTENING)])
