from collections.abc import Iterator

from whence.inquiry.plan import Board, next_step
from whence.inquiry.run import investigate
from whence.model import CannotAsk, Confidence, Fact, Flow, Ip, Mac, Reach, Reading, probe
from whence.world import EPOCH, Host, RecordedHost

EVIDENCE = Reading("test", "text", EPOCH, "here").whole()
FLOW, ADDRESS, CARD = Flow("203.0.113.7", 443), Ip("203.0.113.7"), Mac("02:00:5e:00:53:07")


@probe(answers="goes-to")
def to_address(flow: Flow, host: Host) -> Iterator[Fact]:
    """Where does it go?"""
    yield flow.fact("goes-to", ADDRESS, EVIDENCE)


@probe(answers="answers-at", reach=Reach.LOCAL_NET)
def shout(ip: Ip) -> Iterator[Fact]:
    """Who answers?"""
    yield ip.fact("answers-at", CARD, EVIDENCE)


@probe(answers="answers-at")
def table(ip: Ip) -> Iterator[Fact]:
    """Who answered before?"""
    yield ip.fact("answers-at", CARD, EVIDENCE)


@probe(answers="answers-at")
def guess(ip: Ip) -> Iterator[Fact]:
    """Who may have answered?"""
    yield ip.fact("answers-at", CARD, EVIDENCE, confidence=Confidence.POSSIBLE)


@probe(answers="close-by", near=0)
def only_here(ip: Ip) -> Iterator[Fact]:
    """Is it close by?"""
    yield ip.fact("close-by", "yes", EVIDENCE)


@probe(answers="refused")
def refuses(flow: Flow) -> Iterator[Fact]:
    """May one ask?"""
    yield from ()
    raise CannotAsk("may not", because="it is shut", try_="ask the owner")


@probe(answers="broken")
def breaks(flow: Flow) -> Iterator[Fact]:
    """Does it work?"""
    yield from ()
    raise KeyError("a bug")


MEANS: dict[type, object] = {Host: RecordedHost({})}


def names(board: Board, *probes: object, limit: Reach = Reach.REMOTE) -> list[str]:
    return [o.step.probe.name for o in investigate(board, probes, MEANS, limit)]  # type: ignore[arg-type]


def test_quiet_questions_come_first() -> None:
    step = next_step(Board(ADDRESS), [shout, guess], Reach.REMOTE)
    assert step
    assert step.probe is guess


def test_what_is_certain_is_not_asked_again() -> None:
    assert names(Board(ADDRESS), shout, table) == ["table"]


def test_a_guess_does_not_silence_the_others() -> None:
    assert names(Board(ADDRESS), shout, guess) == ["guess", "shout"]


def test_reach_is_a_limit() -> None:
    assert names(Board(ADDRESS), shout, limit=Reach.SILENT) == []


def test_one_answer_leads_to_the_next_question() -> None:
    board = Board(FLOW)
    assert names(board, table, to_address) == ["to_address", "table"]
    assert [*map(str, board.facts)] == [
        "203.0.113.7:443 goes-to 203.0.113.7",
        "203.0.113.7 answers-at 02:00:5e:00:53:07",
    ]


def test_a_question_for_near_things_is_not_put_to_far_ones() -> None:
    assert names(Board(FLOW), to_address, only_here) == ["to_address"]
    assert names(Board(ADDRESS), only_here) == ["only_here"]


def test_a_probe_whose_needs_nobody_has_is_left_out() -> None:
    assert not [*investigate(Board(FLOW), [to_address], {}, Reach.REMOTE)]


def test_what_cannot_be_asked_is_an_outcome() -> None:
    [outcome] = investigate(Board(FLOW), [refuses], {}, Reach.REMOTE)
    assert isinstance(outcome.refused, CannotAsk)
    assert outcome.refused.try_ == "ask the owner"


def test_a_bug_in_a_probe_costs_its_answer_only() -> None:
    board = Board(FLOW)
    first, second = investigate(board, [breaks, to_address], MEANS, Reach.REMOTE)
    assert first.refused
    assert "KeyError" in first.refused.because
    assert second.facts


def test_the_same_board_always_gives_the_same_step() -> None:
    boards = [Board(FLOW), Board(FLOW)]
    assert names(boards[0], table, to_address, guess) == names(boards[1], guess, to_address, table)
