"""Machines that are asked over real sockets, on the loopback interface: also those that lie."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.world.test_neighbour_wires import CHALLENGE, NODE_STATUS
from whence.model import CannotAsk
from whence.model.neighbour_questions import NeighbourQuestion
from whence.world import EPOCH, neighbour_streams, neighbours
from whence.world.links import _is_on, known_neighbours, links_to
from whence.world.neighbour_datagrams import MOST, Conversation, Sent
from whence.world.neighbour_streams import smb_greeting
from whence.world.neighbours import ThisNeighbours

HERE = "127.0.0.1"
Answer = Callable[[bytes], list[bytes]]


@contextmanager
def responder(answer: Answer) -> Iterator[int]:
    """Somebody who answers each datagram with some others; give the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as channel:
        channel.bind((HERE, 0))
        channel.settimeout(5)
        ending = threading.Event()

        def serve() -> None:
            while not ending.is_set():
                data, sender = channel.recvfrom(9000)
                for told in answer(data):
                    channel.sendto(told, sender)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield channel.getsockname()[1]
        ending.set()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", (HERE, channel.getsockname()[1]))
        thread.join()


@contextmanager
def server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Somebody who accepts one connection."""
    with socket.create_server((HERE, 0)) as listening:

        def serve() -> None:
            channel, _ = listening.accept()
            with channel:
                channel.settimeout(5)
                try:
                    talk(channel)
                except OSError:
                    return  # who called had enough

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def rows(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_machine_that_is_on_no_link_is_not_asked() -> None:
    with pytest.raises(CannotAsk, match="on no link of this machine") as told:
        ThisNeighbours("here", lambda: EPOCH).ask(NeighbourQuestion.NETBIOS, "8.8.4.4")
    assert "through a router" in told.value.because


def test_the_kernel_tells_its_own_addresses() -> None:
    told = rows(known_neighbours("here", lambda: EPOCH).text)
    own = [row for row in told if row.get("ip") == HERE and not row["namespace"]]
    assert own
    assert (own[0]["state"], own[0]["interface"]) == ("OWN", "lo")


def test_a_link_local_address_is_of_the_link_that_is_named() -> None:
    row = {"ip": "fe80::1", "interface": "eth0", "namespace": ""}
    assert [_is_on(link, row) for link in ("eth0", "eth1")] == [True, False]
    assert not _is_on("eth0", row | {"namespace": "guests"})
    assert _is_on("eth1", row | {"ip": "192.0.2.7"})
    assert _is_on("eth1", {"neighbours_left_out": "all after 65536"})
    there = ThisNeighbours("here", lambda: EPOCH, link="no-such-link")
    with pytest.raises(CannotAsk, match="fe80::1 is not on a link no-such-link"):
        there.ask(NeighbourQuestion.WHO_HAS, "fe80::1")


def test_a_node_status_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with responder(lambda asked: [asked[:2] + NODE_STATUS[2:]]) as port:
        monkeypatch.setattr(neighbours, "NETBIOS", port)
        reading = ThisNeighbours("here", lambda: EPOCH).ask(NeighbourQuestion.NETBIOS, HERE)
    told = rows(reading.text)
    assert reading.source == f"netbios node status of {HERE}"
    assert told[0]["name"] == "RECEPTION-PC"
    assert told[-1]["ttl"] == 64


def test_what_makes_no_sense_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    with responder(lambda _: [b"nonsense", b"\xff" * 600]) as port:
        monkeypatch.setattr(neighbours, "NETBIOS", port)
        reading = ThisNeighbours("here", lambda: EPOCH).ask(NeighbourQuestion.NETBIOS, HERE)
    [told] = rows(reading.text)
    assert told == {
        "dropped": {
            "not understood: it is shorter than a header": 2,
            "not understood: it answers no question of ours": 2,
        }
    }


def test_nobody_hears_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((HERE, 0))
        port = taken.getsockname()[1]
    monkeypatch.setattr(neighbours, "NETBIOS", port)
    reading = ThisNeighbours("here", lambda: EPOCH).ask(NeighbourQuestion.NETBIOS, HERE)
    assert rows(reading.text) == [{"refused": True, "absent": False}]


def test_a_silent_machine_is_waited_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    both = (NeighbourQuestion.MDNS, NeighbourQuestion.NETBIOS)
    with responder(lambda _: []) as port:
        monkeypatch.setattr(neighbours, "NETBIOS", port)
        monkeypatch.setattr(neighbours, "SECONDS", 1.0)
        asking = ThisNeighbours("here", lambda: EPOCH, together=both)
        start = time.monotonic()
        told = [asking.ask(question, HERE).source for question in (*both, *both)]
    assert told == [f"{question} {HERE}" for question in (*both, *both)]
    assert 2.0 <= time.monotonic() - start < 4.0  # twice, since each was asked again


def test_answers_without_end_are_cut_and_counted() -> None:
    with responder(lambda _: [b"again"] * (2 * MOST)) as port:
        [link] = links_to(HERE)
        talk = Conversation(link, HERE)
        start = time.monotonic()
        heard = [*talk.answers([Sent(b"?", port)], 0.3)]
    assert len(heard) == MOST
    assert talk.dropped[f"answers after {MOST}"] >= MOST
    assert time.monotonic() - start < 5


def test_only_the_machine_that_was_asked_is_heard() -> None:
    [link] = links_to(HERE)
    talk = Conversation(link, "127.0.0.2")
    with responder(lambda _: [b"from 127.0.0.1"]) as port:
        assert not [*talk.answers([Sent(b"?", port, group=HERE)], 0.2)]
    assert talk.dropped["from others"]


def greeted(channel: socket.socket, *answers: bytes) -> None:
    for answer in answers:
        head = channel.recv(4)
        channel.recv(int.from_bytes(head, "big"))
        channel.sendall(len(answer).to_bytes(4, "big") + answer)


NEGOTIATED = CHALLENGE[:8] + bytes(4) + b"\0\0" + CHALLENGE[14:64]


def test_a_server_greets(monkeypatch: pytest.MonkeyPatch) -> None:
    with server(lambda channel: greeted(channel, NEGOTIATED, CHALLENGE)) as port:
        monkeypatch.setattr(neighbour_streams, "SMB_PORT", port)
        assert smb_greeting(links_to(HERE)[0], HERE).computer == "RECEPTION-PC"


@pytest.mark.parametrize(
    "talk",
    [
        lambda channel: channel.sendall(b"SSH-2.0-OpenSSH\r\n"),
        lambda channel: greeted(channel, NEGOTIATED, b"x" * 70),
        lambda channel: greeted(channel, b"", b""),
        lambda channel: channel.sendall(b"\0\0\xff\xff" + b"x" * 100),
    ],
    ids=["ssh", "no challenge", "nothing", "cut off"],
)
def test_what_is_no_greeting_is_counted(
    talk: Callable[[socket.socket], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    with server(talk) as port:
        monkeypatch.setattr(neighbour_streams, "SMB_PORT", port)
        reading = ThisNeighbours("here", lambda: EPOCH).ask(NeighbourQuestion.SMB, HERE)
    assert "not understood" in reading.text


def test_a_server_that_sends_a_byte_now_and_then_does_not_hold_us_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ending = threading.Event()

    def drip(channel: socket.socket) -> None:
        while not ending.wait(0.1):
            channel.sendall(b"\0")

    monkeypatch.setattr(neighbour_streams, "PATIENCE", 0.5)
    start = time.monotonic()
    with server(drip) as port:
        monkeypatch.setattr(neighbour_streams, "SMB_PORT", port)
        reading = ThisNeighbours("here", lambda: EPOCH).ask(NeighbourQuestion.SMB, HERE)
        ending.set()
    assert reading.text == "" or "not understood" in reading.text
    assert time.monotonic() - start < 3
