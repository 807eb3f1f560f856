from __future__ import annotations

import re
import socket
import threading
from pathlib import Path

import pytest

from tests.notify.seen import NOON, message
from tests.notify.servers import closed_port, listening, make_identity, port_of, taking_one_call
from whence.model import BadSettings
from whence.notify.declare import Message
from whence.notify.settings import Settings
from whence.notify.syslog import LARGEST_DATAGRAM, record, syslog
from whence.world.post import Undelivered

HERE = Settings("fw1", patience=5)
RECORD = (
    "<29>1 2026-01-01T12:00:00.000000Z fw1 whence - sighting "
    '[whence@32473 process.executable="/usr/sbin/vendor-check" process.pid="4711" user.id="0" '
    'source.ip="192.0.2.1" destination.ip="203.0.113.7" destination.port="443" '
    'network.transport="tcp" count="1"] '
    "\ufeff/usr/sbin/vendor-check --daily (pid 4711, uid 0) called 203.0.113.7:443/tcp, "
    "2026-01-01 12:00:00 UTC, started by run-parts ← init"
).encode()


def test_a_packet_for_each_program_and_peer() -> None:
    with listening(socket.SOCK_DGRAM) as server:
        syslog(f"syslog://127.0.0.1:{port_of(server)}", HERE)(message(), NOON)
        assert server.recv(65536) == RECORD


def test_records_are_counted_in_octets_on_a_stream() -> None:
    with taking_one_call() as (port, read):
        two = Message("", "", message().documents * 2, NOON)
        syslog(f"syslog+tcp://127.0.0.1:{port}", HERE)(two, NOON)
    assert b"".join(read) == (b"%d " % len(RECORD) + RECORD) * 2


def test_records_in_private(tmp_path: Path) -> None:
    identity = make_identity(tmp_path)
    trusting = Settings("fw1", ca=identity.certificate, patience=5)
    with taking_one_call(identity.context) as (port, read):
        syslog(f"syslog+tls://127.0.0.1:{port}", trusting)(message(), NOON)
    assert b"".join(read).endswith(RECORD)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_collector_that_nobody_vouches_for(tmp_path: Path) -> None:
    identity = make_identity(tmp_path)
    with (
        taking_one_call(identity.context) as (port, read),
        pytest.raises(Undelivered, match="not trusted"),
    ):
        syslog(f"syslog+tls://127.0.0.1:{port}", HERE)(message(), NOON)
    assert not read


def test_a_collector_that_is_down() -> None:
    with pytest.raises(Undelivered, match="could not reach the syslog receiver"):
        syslog(f"syslog+tcp://127.0.0.1:{closed_port()}", HERE)(message(), NOON)


def test_the_log_of_this_machine(tmp_path: Path) -> None:
    path = str(tmp_path / "log")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(path)
        server.settimeout(10)
        syslog(f"syslog://{path}", HERE)(message(), NOON)
        assert re.match(rb"<29>Jan  [12] \d\d:00:00 whence: /usr/sbin/vendor", server.recv(65536))


def test_the_log_of_this_machine_may_be_a_stream(tmp_path: Path) -> None:
    path = str(tmp_path / "log")
    read: list[bytes] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(path)
        server.listen()

        def serve() -> None:
            with server.accept()[0] as end:
                read.extend(iter(lambda: end.recv(65536), b""))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        syslog("syslog:", Settings("fw1", sections={"syslog": {"socket": path}}))(message(), NOON)
        thread.join(10)
    assert b"".join(read).endswith(b"init\0")


def test_a_machine_without_a_log(tmp_path: Path) -> None:
    with pytest.raises(Undelivered, match="could not reach"):
        syslog(f"syslog://{tmp_path}/absent", HERE)(message(), NOON)


def test_a_note_is_a_record_of_its_own() -> None:
    noted = Message("", "", message().documents, NOON, ("2 earlier messages were lost.",))
    with listening(socket.SOCK_DGRAM) as server:
        syslog(f"syslog://127.0.0.1:{port_of(server)}", HERE)(noted, NOON)
        server.recv(65536)
        assert server.recv(65536).endswith(b"sighting - 2 earlier messages were lost.")


def test_an_answer_of_another_form_is_told_by_its_subject() -> None:
    told = Message("whence: explained", "", ({"process": "odd", "verdict": "benign"},), NOON)
    with listening(socket.SOCK_DGRAM) as server:
        syslog(f"syslog://127.0.0.1:{port_of(server)}", HERE)(told, NOON)
        assert server.recv(65536).endswith(b"sighting - whence: explained")


def test_a_program_cannot_write_a_parameter_or_a_record() -> None:
    with listening(socket.SOCK_DGRAM) as server:
        hostile = message('/tmp/x"] \\\n<0>1 owned', "\udcff")
        syslog(f"syslog://127.0.0.1:{port_of(server)}", HERE)(hostile, NOON)
        told = server.recv(65536).decode()
    assert 'process.executable="/tmp/x\\"\\] \\\\?<0>1 owned" process.pid' in told
    assert "\n" not in told


def test_a_record_fits_the_smallest_packet_however_long_the_names() -> None:
    (document,) = message("/" + "é]" * 3000).documents
    text = "€" * 3000
    written = record(text, document, NOON, "h" * 300, LARGEST_DATAGRAM)
    assert LARGEST_DATAGRAM - 3 < len(written) <= LARGEST_DATAGRAM
    assert written.decode()


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("syslog+tcp:", "names no server"),
        ("syslog+tls:///dev/log", "names no server"),
        ("syslog://loghost/dev/log", "not both"),
        ("syslog://loghost?x=1", "“x” cannot stand"),
    ],
)
def test_an_address_that_cannot_work(url: str, what: str) -> None:
    with pytest.raises(BadSettings, match=what):
        syslog(url, HERE)
