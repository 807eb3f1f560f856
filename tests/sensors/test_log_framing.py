from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from whence.sensors.log_framing import ENDS, Framing, Way

LETTERS = st.binary(min_size=1, max_size=30).filter(
    lambda message: not set(message) & set(ENDS) and message.strip() == message
)
MESSAGES = st.lists(LETTERS.map(lambda message: b"<13>" + message), min_size=1, max_size=8)
CUTS = st.lists(st.integers(1, 40), min_size=1, max_size=20)


def fed(framing: Framing, data: bytes, cuts: list[int]) -> list[bytes]:
    found: list[bytes] = []
    at = turn = 0
    while at < len(data):
        cut = cuts[turn % len(cuts)]
        found += framing.feed(data[at : at + cut])
        at, turn = at + cut, turn + 1
    return found


@given(MESSAGES, CUTS)
def test_counted_messages_are_found_however_they_are_cut(
    messages: list[bytes], cuts: list[int]
) -> None:
    framing = Framing()
    data = b"".join(b"%d %b" % (len(message), message) for message in messages)
    assert fed(framing, data, cuts) == messages
    assert (framing.way, framing.end(), framing.misframed) == (Way.COUNTED, b"", 0)


@given(MESSAGES, CUTS, st.sampled_from([b"\n", b"\r\n", b"\0", b"\n\0"]))
def test_messages_that_have_ends_are_found_however_they_are_cut(
    messages: list[bytes], cuts: list[int], end: bytes
) -> None:
    framing = Framing()
    assert fed(framing, end.join(messages) + end, cuts) == messages
    assert framing.end() == b""


@given(st.binary(max_size=300), CUTS)
def test_any_bytes_give_the_same_messages_however_they_are_cut(
    data: bytes, cuts: list[int]
) -> None:
    cut, whole = Framing(longest=20), Framing(longest=20)
    assert (fed(cut, data, cuts), cut.end()) == (whole.feed(data), whole.end())
    assert (cut.way, cut.split, cut.misframed) == (whole.way, whole.split, whole.misframed)


COUNTS = st.sampled_from([b"5 <13>", b"12 ", b"0 <", b"9999999 <", b"\n", b"\0", b"<13>a", b" "])


@given(st.lists(COUNTS, max_size=12), CUTS)
def test_hostile_counts_give_the_same_messages_however_they_are_cut(
    parts: list[bytes], cuts: list[int]
) -> None:
    data = b"".join(parts)
    cut, whole = Framing(longest=9), Framing(longest=9)
    assert (fed(cut, data, cuts), cut.end()) == (whole.feed(data), whole.end())


@given(st.binary(max_size=200))
def test_nothing_is_lost_but_what_tells_messages_apart(data: bytes) -> None:
    framing = Framing(longest=16)
    found = b"".join([*framing.feed(data), framing.end()])
    if framing.way in (Way.LINES, Way.NULS) and not framing.misframed:
        gone = bytes(ENDS)
        assert found.translate(None, gone) == data.translate(None, gone)


def test_a_message_may_hold_line_ends_where_it_is_counted() -> None:
    assert Framing().feed(b"9 <13>a\nb c") == [b"<13>a\nb c"]


def test_a_message_may_hold_line_ends_where_nul_ends_it() -> None:
    assert Framing().feed(b"<13>a\0<13>b\nc\0") == [b"<13>a", b"<13>b\nc"]


def test_a_year_is_no_length() -> None:
    framing = Framing()
    assert framing.feed(b"2026 Jun 25 10:00:00 nx : %X-1-Y: z\n") == [
        b"2026 Jun 25 10:00:00 nx : %X-1-Y: z"
    ]


def test_a_length_that_does_not_fit_is_told_and_the_rest_is_taken_for_lines() -> None:
    framing = Framing()
    assert framing.feed(b"4 <1>abc<2>next\n<3>more\n") == [b"<1>a", b"bc<2>next", b"<3>more"]
    assert framing.misframed == 1


def test_what_is_too_long_comes_in_pieces() -> None:
    framing = Framing(longest=10)
    assert framing.feed(b"<1>" + b"a" * 20 + b"\n") == [b"<1>aaaaaaa", b"a" * 10, b"aaa"]
    counted = Framing(longest=10)
    assert counted.feed(b"23 <1>" + b"a" * 20) == [b"<1>aaaaaaa", b"a" * 10, b"aaa"]
    assert framing.split == counted.split == 2
