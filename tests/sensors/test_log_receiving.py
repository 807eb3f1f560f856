from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sensors.certificates import Authority
from tests.sensors.log_receiver import (
    HERE,
    NO_FLOOR,
    Running,
    everything,
    messages,
    receiving,
    send_datagrams,
    send_stream,
    texts,
)
from whence.model import BadSettings, CannotAsk
from whence.model.log_receiving import Certificate, LogSources, SpoolLimits
from whence.world import log_datagrams
from whence.world.log_spool import Kind

UDP = LogSources(udp=(HERE,))
TCP = LogSources(tcp=(HERE,))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    spool = tmp_path_factory.mktemp("shared")
    with receiving(spool, LogSources(udp=(("::", 0),), tcp=(HERE,))) as running:
        yield running


@pytest.fixture
def running(shared: Running) -> Running:
    """A receiver that several tests use, one after the other."""
    shared.seen = len(messages(shared.spool))
    return shared


def test_datagrams_are_kept_with_who_sent_them(running: Running) -> None:
    port = running.port("udp")
    send_datagrams(port, b"<13>one\n", b"<14>two\0", b"")
    send_datagrams(port, b"<13>six", address="::1")
    found = running.wait_for_messages(4)
    status = running.wait_for(lambda status: status.received >= running.seen + 4)
    assert [(record.peer, record.payload) for record in found] == [
        ("127.0.0.1", b"<13>one"),
        ("127.0.0.1", b"<14>two"),
        ("127.0.0.1", b""),
        ("::1", b"<13>six"),
    ]
    assert {record.kind for record in found} == {Kind.UDP}
    assert abs(found[0].received / 1e6 - time.time()) < 60
    assert (status.received, status.dropped) == (status.stored, 0)
    assert {"127.0.0.1", "::1"} <= dict(status.peers).keys()


def test_the_largest_datagram_is_kept_whole(running: Running) -> None:
    send_datagrams(running.port("udp"), b"a" * 65_507)
    (record,) = running.wait_for_messages(1)
    assert record.payload == b"a" * 65_507


def test_many_datagrams_at_once_keep_their_order(running: Running) -> None:
    sent = [b"<13>%d" % number for number in range(3000)]
    send_datagrams(running.port("udp"), *sent)
    assert [record.payload for record in running.wait_for_messages(3000)] == sent


def test_without_recvmmsg_each_datagram_is_taken_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(log_datagrams, "_receive", None)
    opened = log_datagrams.DatagramSocket.udp("127.0.0.1", 0, 1 << 16)
    port = int(opened.where.rpartition(":")[2])
    send_datagrams(port, b"one\n", b"two")
    found, marks = opened.take()
    opened.close()
    assert found == [b"one", b"two"]
    assert marks[0][4:] == b"127.0.0.1"


def test_what_the_kernel_had_no_room_for_is_counted_and_written_down(tmp_path: Path) -> None:
    with receiving(tmp_path, UDP, room=4096) as running:
        port = running.port("udp")
        os.kill(running.process.pid, 19)  # SIGSTOP: nobody reads
        send_datagrams(port, *[b"<13>" + b"a" * 500] * 200)
        os.kill(running.process.pid, 18)
        running.wait_for(lambda status: status.dropped > 0)
        status = running.finish()
    assert status.received + status.dropped == 200
    (gap,) = [record for record in everything(tmp_path) if record.kind is Kind.GAP]
    assert json.loads(gap.payload)["lost"] == status.dropped


def test_both_ways_of_framing_share_a_port(running: Running) -> None:
    port = running.port("tcp")
    send_stream(port, b"9 <13>a\nb c", b"5 <13>d")
    send_stream(port, b"<13>line 1\n<13>li", b"ne 2\r\n")
    send_stream(port, b"<13>nul\0")
    found = sorted(record.payload.decode() for record in running.wait_for_messages(5))
    assert found == ["<13>a\nb c", "<13>d", "<13>line 1", "<13>line 2", "<13>nul"]


def test_half_a_message_is_kept_and_marked(tmp_path: Path) -> None:
    with receiving(tmp_path, TCP) as running:
        send_stream(running.port("tcp"), b"<13>whole\n<13>ha")
        running.wait_for_messages(2)
        status = running.finish()
    whole, half, note = everything(tmp_path)
    assert (whole.payload, half.payload) == (b"<13>whole", b"<13>ha")
    assert "was cut off" in json.loads(note.payload)["why"]
    assert (status.halves, status.connections) == (1, 0)


def test_a_slow_sender_does_not_hold_up_others(running: Running) -> None:
    port = running.port("tcp")
    with socket.create_connection(("127.0.0.1", port)) as slow:
        for letter in b"<13>slo":
            slow.send(bytes([letter]))
            send_stream(port, b"<13>quick\n")
        assert len(running.wait_for_messages(7)) == 7
        slow.send(b"w\n")
        assert running.wait_for_messages(8)[-1].payload == b"<13>slow"


def test_a_sender_is_held_back_rather_than_lost(tmp_path: Path) -> None:
    with receiving(tmp_path, TCP) as running:
        with socket.create_connection(("127.0.0.1", running.port("tcp"))) as out:
            os.kill(running.process.pid, 19)
            out.setblocking(False)
            block = b"".join(b"<13>%06d %s\n" % (number, b"x" * 200) for number in range(1000))
            sent, left = 0, block
            try:
                while True:
                    left = left[out.send(left) :] or block
                    sent += 1
            except BlockingIOError:
                pass  # its buffers are full: the sender waits
            os.kill(running.process.pid, 18)
            out.setblocking(True)
            out.sendall(left)
        running.wait_for(lambda status: status.received > 0 and not status.connections)
        status = running.finish()
    assert status.received % 1000 == 0
    assert [record.payload for record in messages(tmp_path)][:1000] == block.splitlines()
    assert sent


def test_too_many_connections_of_one_sender_are_refused_and_said(tmp_path: Path) -> None:
    with receiving(tmp_path, TCP, connections=8) as running:
        port = running.port("tcp")
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
        running.wait_for(lambda status: status.connections == 2)
        with socket.create_connection(("127.0.0.1", port)) as third:
            assert third.recv(1) == b""
        status = running.wait_for(lambda status: status.refused == 1)
        for one in held:
            one.close()
    assert "too many connections" in " ".join(running.notes)
    assert status.connections == 2


def test_hundreds_of_connections_are_heard(running: Running) -> None:
    port = running.port("tcp")
    opened = [socket.create_connection(("127.0.0.1", port)) for _ in range(240)]
    for number, one in enumerate(opened):
        one.sendall(b"<13>%d\n" % number)
    found = running.wait_for_messages(240)
    for one in opened:
        one.close()
    assert sorted(int(record.payload[4:]) for record in found) == [*range(240)]


def send_by_tls(port: int, trust: ssl.SSLContext, *sent: bytes) -> None:
    with (
        socket.create_connection(("127.0.0.1", port)) as plain,
        trust.wrap_socket(plain, server_hostname="127.0.0.1") as out,
    ):
        for piece in sent:
            out.sendall(piece)
        out.unwrap()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def test_tls_is_heard_and_who_sent_is_noted(tmp_path: Path, authority: Authority) -> None:
    ours, theirs = authority.vouch("receiver"), authority.vouch("sender")
    certificate = Certificate(ours.certificate, ours.key, authority.certificate)
    trust = ssl.create_default_context(cafile=authority.certificate)
    stranger = ssl.create_default_context(cafile=authority.certificate)
    trust.load_cert_chain(theirs.certificate, theirs.key)
    with receiving(tmp_path, LogSources(tls=(HERE,)), certificate=certificate) as running:
        port = running.port("tls")
        lines = [b"<13>%d %s" % (number, b"x" * 100) for number in range(2000)]
        send_by_tls(port, trust, *(b"%d %b" % (len(line), line) for line in lines))
        with contextlib.suppress(ssl.SSLError, ConnectionError):  # by TLS 1.3 it learns it late
            send_by_tls(port, stranger, b"9 <13>false")
        send_stream(port, b"<13>not even TLS\n")
        found = running.wait_for_messages(2000)
        status = running.wait_for(lambda status: status.refused == 2)
    assert [int(record.payload[4:].split()[0]) for record in found] == [*range(2000)]
    assert (found[0].kind, status.received) == (Kind.TLS, 2000)
    note = next(record for record in everything(tmp_path) if record.kind is Kind.GAP)
    assert json.loads(note.payload)["subject"] == "commonName=sender"


def test_a_key_that_does_not_fit_is_told(tmp_path: Path, authority: Authority) -> None:
    one, other = authority.vouch("one"), authority.vouch("other")
    certificate = Certificate(one.certificate, other.key)
    with (
        pytest.raises(BadSettings, match="could not use the certificate"),
        receiving(tmp_path, LogSources(tls=(HERE,)), certificate=certificate),
    ):
        pass


def test_sockets_of_the_file_system_are_heard(tmp_path: Path) -> None:
    paths = str(tmp_path / "log"), str(tmp_path / "stream")
    stale = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    stale.bind(paths[0])
    stale.close()  # of a receiver that was killed: its socket is still there
    sources = LogSources(unix=(paths[0],), unix_streams=(paths[1],))
    with receiving(tmp_path / "spool", sources) as running:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.sendto(b"<13>datagram", paths[0])
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as out:
            out.connect(paths[1])
            out.sendall(b"<13>stream\0")
        found = running.wait_for_messages(2)
        running.finish()
    assert {(record.peer, record.payload) for record in found} == {
        (paths[0], b"<13>datagram"),
        (paths[1], b"<13>stream"),
    }
    assert not any(os.path.lexists(path) for path in paths)


def test_a_port_that_is_taken_says_by_whom(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        sources = LogSources(udp=(other.getsockname(),))
        with pytest.raises(CannotAsk) as refused, receiving(tmp_path, sources):
            pass
    assert f"pid {os.getpid()}" in refused.value.because
    assert "--print-config" in refused.value.try_


def test_below_the_floor_messages_are_counted_and_not_stored(tmp_path: Path) -> None:
    with receiving(tmp_path, UDP, limits=SpoolLimits(floor=1 << 60)) as running:
        send_datagrams(running.port("udp"), b"<11>error", b"<12>warning", b"none stated")
        running.wait_for(lambda status: status.unstored == 3)
        status = running.finish()
    assert (status.received, status.stored) == (3, 0)
    assert status.severities == {"error": 1, "warning": 1, "unstated": 1}
    (gap,) = everything(tmp_path)
    told = json.loads(gap.payload)
    assert (told["lost"], told["peers"]) == (3, {"127.0.0.1": 3})
    assert told["severities"] == status.severities


def test_it_ends_with_who_started_it(tmp_path: Path) -> None:
    starter = (
        "import sys, time\n"
        "from whence.model.log_receiving import *\n"
        "from whence.world.log_receiver_process import *\n"
        f"settings = ReceiverSettings({str(tmp_path)!r}, LogSources(udp=(('127.0.0.1', 0),)))\n"
        "process = LogReceiverProcess(settings)\n"
        "next(filter(None, process.statuses()))  # it listens\n"
        "print(process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        parent.kill()
    end = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists():
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
        assert time.monotonic() < end, state
        if state == "Z":  # nobody here reaps orphans
            break
        time.sleep(0.05)


def test_a_killed_receiver_leaves_whole_records_and_the_next_goes_on(tmp_path: Path) -> None:
    seen: list[str] = []
    for turn in range(2):
        with receiving(tmp_path, TCP, limits=NO_FLOOR) as running:
            lines = [b"<13>%d %d %s\n" % (turn, number, b"x" * 300) for number in range(2000)]
            send_stream(running.port("tcp"), *lines)
            time.sleep(0.05 * turn)
            running.kill()
        now = texts(tmp_path)
        assert now[: len(seen)] == seen
        assert all(len(text) > 300 for text in now)
        seen = now
