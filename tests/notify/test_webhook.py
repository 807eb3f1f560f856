from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.notify.seen import NOON, message
from tests.notify.servers import closed_port, listening, make_identity, port_of
from whence.model import BadSettings, ecs
from whence.notify.declare import Message
from whence.notify.settings import Settings
from whence.notify.webhook import compose, sign, verify, webhook
from whence.world.post import Refused, Undelivered

SECRET = "shared between two"


def actually_now() -> datetime:
    return datetime.now(UTC)


class Receiver(ThreadingHTTPServer):
    """Takes what is signed well, after having said what it was told to say first."""

    daemon_threads = True

    def __init__(self, *answers: int) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.answers = list(answers)
        self.taken: list[bytes] = []
        self.headers: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook/T0KEN?room=noc"


class Request(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        signature = self.headers.get("Whence-Signature", "")
        genuine = verify(body, signature, SECRET, datetime.now(UTC))
        status = self.server.answers.pop(0) if self.server.answers else 204 if genuine else 403
        if status == 204:
            self.server.taken.append(body)
        self.server.headers.append(dict(self.headers))
        self.send_response(status)
        self.send_header("Location", "http://192.0.2.66/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def receiving(*answers: int) -> Iterator[Receiver]:
    with Receiver(*answers) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


def settings(secret: str = SECRET, patience: float = 5) -> Settings:
    return Settings("fw1", {"WHENCE_WEBHOOK_SECRET": secret}, patience=patience)


def test_a_receiver_can_tell_that_it_was_us() -> None:
    with receiving() as server:
        webhook(server.url, settings())(message(), actually_now())
    told = json.loads(server.taken[0])
    assert told["summary"] == "whence: vendor-check → 203.0.113.7:443/tcp on fw1"
    assert told["documents"][0]["process"]["args"] == ["/usr/sbin/vendor-check", "--daily"]
    assert told["documents"][0]["destination"]["ip"] == "203.0.113.7"
    assert ecs.from_line(json.dumps(told["documents"][0])).flow.destination_port == 443


def test_a_receiver_refuses_who_does_not_know_the_secret() -> None:
    with receiving() as server, pytest.raises(Refused, match="refused"):
        webhook(server.url, settings("guessed"))(message(), actually_now())


def test_more_documents_than_anybody_wants_to_read() -> None:
    documents = message("/bin/x", "y" * 300_000).documents * 5
    told = json.loads(compose(Message("many", "", documents, NOON)))
    assert (len(told["documents"]), told["left_out"]) == (1, 4)


def test_without_a_secret_nothing_is_signed() -> None:
    with receiving(200) as server:
        webhook(server.url, Settings("fw1"))(message(), actually_now())
    assert "Whence-Signature" not in server.headers[0]


def test_the_secret_comes_from_the_settings() -> None:
    chosen = Settings("fw1", sections={"webhook": {"secret": SECRET}})
    with receiving() as server:
        webhook(server.url, chosen)(message(), actually_now())
    assert server.taken


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_a_receiver_in_trouble_is_asked_again(status: int) -> None:
    with receiving(status) as server:
        deliver = webhook(server.url, settings())
        with pytest.raises(Undelivered) as told:
            deliver(message(), actually_now())
        assert not isinstance(told.value, Refused)
        deliver(message(), actually_now())
    first, second = server.headers
    assert first["Whence-Delivery"] == second["Whence-Delivery"]
    assert len(server.taken) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with receiving(status) as server, pytest.raises(Refused, match="elsewhere"):
        webhook(server.url, settings())(message(), actually_now())


def test_an_error_shows_neither_path_nor_secret() -> None:
    with receiving(404) as server, pytest.raises(Refused) as told:
        webhook(server.url, settings())(message(), actually_now())
    shown = f"{told.value!r} {told.value.because} {told.value.try_}"
    assert "T0KEN" not in shown
    assert SECRET not in shown


def test_a_receiver_that_is_down() -> None:
    url = f"http://127.0.0.1:{closed_port()}/"
    with pytest.raises(Undelivered, match="could not reach the web server"):
        webhook(url, settings())(message(), actually_now())


def test_a_receiver_that_hangs() -> None:
    with listening() as server:
        deliver = webhook(f"http://127.0.0.1:{port_of(server)}/", settings(patience=0.2))
        with pytest.raises(Undelivered, match="gave no answer"):
            deliver(message(), actually_now())


@contextmanager
def answering(*parts: bytes, for_ever: bytes = b"") -> Iterator[int]:
    """A server that says exactly this, and then goes on saying ``for_ever``."""
    over = threading.Event()
    with listening() as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                for part in parts:
                    connection.sendall(part)
                while for_ever and not over.wait(0.02):
                    try:
                        connection.sendall(for_ever)
                    except OSError:
                        return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield port_of(server)
        over.set()
        thread.join(10)


def test_a_receiver_that_never_comes_to_an_end() -> None:
    start = b"HTTP/1.1 200 OK\r\nX: "
    with (
        answering(start, for_ever=b"x") as port,
        pytest.raises(Undelivered, match="gave no answer"),
    ):
        webhook(f"http://127.0.0.1:{port}/", settings(patience=0.1))(message(), actually_now())


@pytest.mark.parametrize("said", [b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 \x1b[2J\r\n\r\n", b""])
def test_something_that_is_no_web_server(said: bytes) -> None:
    with answering(said) as port, pytest.raises(Undelivered) as told:
        webhook(f"http://127.0.0.1:{port}/", settings())(message(), actually_now())
    assert "\x1b" not in f"{told.value}{told.value.because}"


def test_https_wants_a_certificate_that_it_can_check(tmp_path: Path) -> None:
    identity = make_identity(tmp_path)
    with receiving() as server:
        server.socket = identity.context.wrap_socket(server.socket, server_side=True)
        url = f"https://127.0.0.1:{server.server_port}/"
        with pytest.raises(Undelivered, match="not trusted"):
            webhook(url, settings())(message(), actually_now())
        section = {"secret": SECRET, "ca": str(identity.certificate)}
        private = Settings("fw1", sections={"webhook": section})
        webhook(url, private)(message(), actually_now())
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("https://user:password@hook.example.org/", "cannot be used"),
        ("https://user:password@", "cannot be used"),
        ("https://hook.example.org:password", "not an address"),
        ("https:///hook", "names no server"),
        ("https://hook.example.org:99999/", "not an address"),
        ("https://hook.example.org/a b", "cannot be used"),
        ("https://hook.example.org/\r\nX: y", "cannot be used"),
    ],
)
def test_an_address_that_cannot_work(url: str, what: str) -> None:
    with pytest.raises(BadSettings, match=what) as told:
        webhook(url, settings())
    assert "password@" not in f"{told.value!r} {told.value.because}"
    assert "'password'" not in told.value.because


class TestSignature:
    body = b'{"summary": "hello"}'
    signature = sign(body, SECRET, NOON)

    def test_is_what_other_programs_compute(self) -> None:
        # printf '1767268800.{"summary": "hello"}' | openssl dgst -sha256 -hmac 'shared between two'
        mac = "d06b6ad770f22c6b3049a4cf01392dd12a80dde4f42c34c65805a4bba3768cfe"
        assert self.signature == f"t=1767268800,v1={mac}"

    def test_is_good_for_five_minutes(self) -> None:
        assert verify(self.body, self.signature, SECRET, NOON + timedelta(minutes=5))
        assert not verify(self.body, self.signature, SECRET, NOON + timedelta(minutes=6))

    def test_is_good_for_this_body_only(self) -> None:
        assert not verify(self.body + b" ", self.signature, SECRET, NOON)

    def test_cannot_be_given_another_time(self) -> None:
        later = self.signature.replace("t=1767268800", "t=1767269000")
        assert not verify(self.body, later, SECRET, NOON)

    @pytest.mark.parametrize(
        "forged", ["", "t=,v1=", "v1=00", "t=1" + "0" * 99, "t=١,v1=" + "0" * 64]
    )
    def test_can_be_any_text(self, forged: str) -> None:
        assert not verify(self.body, forged, SECRET, NOON)
