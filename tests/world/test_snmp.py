"""The SNMP client against agents on loopback, honest ones and others."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from tests.snmp_agents import (
    END_OF_VIEW,
    Recorded,
    Value,
    integer,
    octets,
    parse,
    respond,
    serving,
)
from whence.model import CannotAsk, NotPermitted
from whence.world.ber import Oid
from whence.world.post import Secret
from whence.world.snmp import Binding, Patience, SnmpAccess, SnmpAgent
from whence.world.snmp_messages import GET_BULK

NO_INSTANCE = b"\x81\x00"
SYSTEM = (1, 3, 6, 1, 2, 1, 1)
VALUES: dict[Oid, Value] = {
    (*SYSTEM, 1, 0): octets(b"a switch"),
    (*SYSTEM, 2, 0): b"\x06\x03\x2b\x06\x01",
    (*SYSTEM, 3, 0): integer(4_000_000_000, 0x43),
    (*SYSTEM, 5, 0): octets(b"\x00\xff"),
    (*SYSTEM, 6, 0): b"\x40\x04\xc0\x00\x02\x01",
    **{(1, 3, 6, 1, 2, 1, 17, 1, n): integer(-n) for n in range(1, 200)},
    (1, 3, 6, 1, 9, 1): integer((1 << 64) - 1, 0x46),
}
PATIENT = Patience(timeout=0.15, retries=5, rows=1000, seconds=20.0)  # a busy machine may stall
HASTE = Patience(timeout=0.15, retries=1, rows=1000, seconds=2.0)  # where nothing is to come


@pytest.fixture
def honest() -> Iterator[int]:
    vlan: dict[Oid, Value] = {(*SYSTEM, 1, 0): octets(b"of VLAN 10")}
    with serving(Recorded({"public": dict(VALUES), "public@10": vlan})) as port:
        yield port


def agent(port: int, version: str = "2c", patience: Patience = PATIENT) -> SnmpAgent:
    return SnmpAgent(SnmpAccess("127.0.0.1", port, version), patience)


@pytest.mark.parametrize("version", ["1", "2c"])
def test_what_is_asked_for_is_given_with_its_type(honest: int, version: str) -> None:
    with agent(honest, version) as asked:
        found = asked.get("1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.9.0", "1.3.6.1.2.1.1.6.0")
    assert found[0] == Binding((*SYSTEM, 1, 0), b"a switch", "STRING")
    assert found[1].value is None
    assert found[2].value == "192.0.2.1"


@pytest.mark.parametrize("version", ["1", "2c"])
def test_a_walk_gives_all_that_is_below_and_nothing_else(honest: int, version: str) -> None:
    with agent(honest, version) as asked:
        rows = [*asked.walk("1.3.6.1.2.1.17")]
        last = [*asked.walk("1.3.6.1.9")]
    assert [row.value for row in rows] == [-n for n in range(1, 200)]
    assert [row.value for row in last] == [(1 << 64) - 1]


def test_a_context_of_v2c_is_part_of_the_community(honest: int) -> None:
    with agent(honest) as asked:
        assert [row.value for row in asked.walk("1.3.6.1", context="10")] == [b"of VLAN 10"]


@pytest.mark.parametrize(("asked", "sent"), [("", b"vrf-a"), ("vlan-10", b"vlan-10")])
def test_a_context_of_v3_is_sent_unless_another_one_is_asked_for(asked: str, sent: bytes) -> None:
    requests: list[bytes] = []

    def silent(request: bytes) -> list[bytes]:
        requests.append(request)
        return []

    with serving(silent) as port, suppress(CannotAsk):
        access = SnmpAccess("127.0.0.1", port, "3", user="reader", context="vrf-a")
        with SnmpAgent(access, HASTE) as agent:
            [*agent.walk("1.3.6", asked)]
    assert octets(sent) in requests[0]


def test_what_is_set_is_set(honest: int) -> None:
    wanted = Binding((1, 3, 6, 1, 2, 1, 17, 1, 7), 4)
    with agent(honest) as asked:
        asked.set(wanted)
        assert asked.get("1.3.6.1.2.1.17.1.7")[0].value == 4


def test_a_refused_change_says_why() -> None:
    def refuse(request: bytes) -> list[bytes]:
        version, community, _, number, *_, asked = parse(request)
        return [respond(version, community, number, asked, error=17)]

    with serving(refuse) as port, agent(port) as asked, pytest.raises(NotPermitted) as refused:
        asked.set(Binding((1, 3, 6), 1))
    assert "notWritable" in refused.value.because


def test_silence_is_told_in_the_time_that_was_given() -> None:
    began = time.monotonic()
    with (
        serving(lambda _: []) as port,
        agent(port, patience=HASTE) as asked,
        pytest.raises(CannotAsk) as told,
    ):
        asked.get("1.3.6.1.2.1.1.1.0")
    assert "did not answer" in str(told.value)
    assert "?version=1" in told.value.try_
    assert time.monotonic() - began < 2


def test_nobody_listening_is_told_at_once() -> None:
    with serving(lambda _: []) as port:
        pass
    with agent(port) as asked, pytest.raises(CannotAsk, match="cannot be asked"):
        asked.get("1.3.6.1.2.1.1.1.0")


def test_a_lost_answer_is_asked_for_again() -> None:
    honest, seen = Recorded({"public": dict(VALUES)}), []

    def forgetful(request: bytes) -> list[bytes]:
        seen.append(request)
        return honest(request) if len(seen) % 2 == 0 else []

    with serving(forgetful) as port, agent(port) as asked:
        assert len([*asked.walk("1.3.6.1.2.1.17")]) == 199


def rows_of(make: Callable[[int], tuple[int, ...]]) -> Callable[[bytes], list[bytes]]:
    """An agent that answers each request with twenty rows, counted on from before."""
    count = [0]

    def reply(request: bytes) -> list[bytes]:
        version, community, _, number, *_ = parse(request)
        found = [(make(count[0] + n), integer(n)) for n in range(20)]
        count[0] += 20
        return [respond(version, community, number, found)]

    return reply


BASE = (1, 3, 6, 1, 2, 1, 17)


@pytest.mark.parametrize(
    ("liar", "because", "kept"),
    [
        (rows_of(lambda n: (*BASE, n)), "more than 1,000 rows", 1000),
        (rows_of(lambda n: (*BASE, n % 30)), "round in a circle", 30),
        (rows_of(lambda n: (*BASE, 90 - n)), "round in a circle", 1),
    ],
    ids=["without end", "in a circle", "backwards"],
)
def test_a_walk_without_end_is_cut_short_and_keeps_what_was_said(
    liar: Callable[[bytes], list[bytes]], because: str, kept: int
) -> None:
    found: list[Binding] = []
    with serving(liar) as port, agent(port) as asked, pytest.raises(CannotAsk) as told:
        found.extend(asked.walk("1.3.6.1.2.1.17"))
    assert because in told.value.because
    assert len(found) == kept


Rows = list[tuple[Oid, Value]]
Change = Callable[[Rows], Rows]
ROWS: list[Oid] = [(*BASE, 4, 3, 1, 2, row) for row in range(1, 60)]


def odd_agent(change: Change) -> Callable[[bytes], list[bytes]]:
    """An agent that changes what it says before it does."""

    def reply(request: bytes) -> list[bytes]:
        version, community, tag, number, _, second, asked = parse(request)
        count = second if tag == GET_BULK else 1
        rows = [(row, integer(1)) for row in ROWS if row > asked[0][0]][:count]
        said = change(rows) if rows else [(asked[0][0], END_OF_VIEW)]
        return [respond(version, community, number, said)]

    return reply


def without_value(row: int) -> Change:
    return lambda rows: [(oid, NO_INSTANCE if oid[-1] == row else value) for oid, value in rows]


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize(
    "change",
    [
        without_value(10),  # the last of the first answer, which is a short one
        without_value(30),
        lambda rows: rows[:3],
        lambda rows: rows[::-1],
        lambda rows: rows if len(rows) == 1 else [],
    ],
    ids=["a row went away", "in the middle", "truncated", "backwards", "only GETNEXT"],
)
def test_a_walk_of_an_agent_that_answers_getbulk_badly_has_all_rows(
    change: Change, version: str
) -> None:
    with serving(odd_agent(change)) as port, agent(port, version=version) as asked:
        assert [one.oid for one in asked.walk("1.3.6.1.2.1.17")] == ROWS


def test_a_walk_that_trickles_ends_in_time() -> None:
    def slow(request: bytes) -> list[bytes]:
        time.sleep(0.1)
        version, community, _, number, *_, asked = parse(request)
        return [respond(version, community, number, [((*asked[0][0], 1)[:100], integer(1))])]

    patience = Patience(timeout=1.0, seconds=0.5)
    with (
        serving(slow) as port,
        agent(port, patience=patience) as asked,
        pytest.raises(CannotAsk) as told,
    ):
        [*asked.walk("1.3.6.1.2.1.17")]
    assert "not done after" in told.value.because


def test_garbage_is_counted_and_told() -> None:
    garbage = random.Random(1).randbytes(60)
    replies = [garbage, b"", b"\x30\x84\xff\xff\xff\xff"]
    with (
        serving(lambda _: replies) as port,
        agent(port, patience=HASTE) as asked,
        pytest.raises(CannotAsk) as told,
    ):
        asked.get("1.3.6.1.2.1.1.1.0")
    assert "6 datagrams came that are no answer" in told.value.because


def test_answers_that_were_changed_by_chance_do_no_harm() -> None:
    """Whatever a damaged answer says, it is read as an answer or counted as none."""
    chance, honest = random.Random(7), Recorded({"public": dict(VALUES)})

    def damaging(request: bytes) -> list[bytes]:
        whole = bytearray(honest(request)[0])
        for _ in range(chance.randrange(1, 4)):
            whole[chance.randrange(len(whole))] = chance.randrange(256)
        return [bytes(whole[: chance.randrange(len(whole) + 1)]), bytes(whole)]

    patience = Patience(timeout=0.005, retries=0, rows=500, seconds=0.2)
    with serving(damaging) as port, agent(port, patience=patience) as asked:
        for _ in range(300):
            with suppress(CannotAsk):
                [*asked.walk("1.3.6.1.2.1")]
        assert asked.strange


def test_a_community_is_not_shown() -> None:
    access = SnmpAccess("127.0.0.1", 161, community=Secret("hush"))
    assert "hush" not in f"{access} {access!r}"


def test_a_context_that_answers_late_is_heard() -> None:
    asked: list[bytes] = []
    answer = Recorded({"public@7": {(1, 3, 6, 1, 5): integer(1)}})

    def late(request: bytes) -> list[bytes]:
        asked.append(request)
        time.sleep(0.3 if len(asked) == 1 else 0)
        return answer(request) if len(asked) == 1 else []

    with (
        serving(late) as port,
        SnmpAgent(SnmpAccess("127.0.0.1", port), Patience(timeout=0.2, retries=0)) as client,
    ):
        assert client.answering("1.3.6.1", ["7"]) == ["7"]
        assert client.answering("1.3.6.1", [str(vlan) for vlan in range(40)]) == []
    assert len(asked) == 2 + 2 * 16
