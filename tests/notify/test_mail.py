from __future__ import annotations

import email
import email.policy
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.notify.seen import NOON, message, sighting
from tests.notify.servers import (
    Identity,
    closed_port,
    listening,
    make_identity,
    port_of,
)
from whence.model import BadSettings, WhenceError
from whence.notify.declare import Message
from whence.notify.mail import mail
from whence.notify.notifier import Notifier
from whence.notify.settings import Settings
from whence.notify.spool import Patience
from whence.world.post import Refused, Undelivered

PASSWORD = "correct horse"


class Mailbox:
    """What the server took, and what it says to the next recipients."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.answers: list[str] = []
        self.arrived = threading.Event()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        policy = email.policy.default
        letter = email.message_from_bytes(envelope.content, EmailMessage, policy=policy)
        self.letters.append(letter)
        self.envelopes.append(envelope)
        self.arrived.set()
        return "250 OK"


def knows(_server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: Any) -> Any:
    right = isinstance(given, LoginPassword) and given == LoginPassword(b"whence", b"correct horse")
    return AuthResult(success=right, handled=False)


class PrivateFromTheStart(Controller):
    """The library's controller waits for its greeting without checking certificates."""

    def _trigger_server(self) -> None:
        with socket.create_connection((self.hostname, self.port), 10):
            pass


@contextmanager
def serving(mailbox: Mailbox, identity: Identity | None, **how: Any) -> Iterator[int]:
    tls = identity.context if identity else None
    if how.pop("implicit", False):
        how |= {"ssl_context": tls}
        kind: type[Controller] = PrivateFromTheStart
    else:
        how |= {"tls_context": tls, "require_starttls": bool(tls)}
        kind = Controller
    server = kind(mailbox, hostname="127.0.0.1", port=closed_port(), **how)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


Serving = Callable[..., AbstractContextManager[int]]


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return make_identity(tmp_path_factory.mktemp("identity"))


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


def settings(identity: Identity | None = None, password: str = PASSWORD) -> Settings:
    environment = {"WHENCE_SMTP_PASSWORD": password}
    ca = identity.certificate if identity else None
    return Settings("fw1.example.org", environment, ca=ca, patience=5)


def send(url: str, chosen: Settings, what: Message | None = None) -> None:
    mail(url, chosen)(what or message(), NOON)


def to(port: int, scheme: str = "smtp", tls: str = "", user: str = "whence@") -> str:
    return f"{scheme}://{user}127.0.0.1:{port}/?to=admin@example.org{tls}"


def test_mail_goes_in_private_and_after_saying_who_we_are(
    identity: Identity, mailbox: Mailbox
) -> None:
    with serving(mailbox, identity, authenticator=knows, auth_required=True) as port:
        send(to(port), settings(identity))
    (letter,) = mailbox.letters
    assert letter["To"] == "admin@example.org"
    assert letter["From"] == "whence@fw1.example.org"
    assert letter["Subject"] == "whence: vendor-check → 203.0.113.7:443/tcp on fw1"
    assert "/usr/sbin/vendor-check --daily (pid 4711, uid 0)" in letter.get_content()
    assert "started by run-parts ← init" in letter.get_content()


def test_mail_is_marked_as_made_by_a_machine(mailbox: Mailbox) -> None:
    with serving(mailbox, None) as port:
        send(to(port, tls="&tls=none", user=""), settings())
    (letter,) = mailbox.letters
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Date"].datetime == NOON
    assert letter["Message-ID"].endswith("@fw1.example.org>")
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content_charset() == "utf-8"


def test_a_message_that_is_sent_again_has_the_same_name(mailbox: Mailbox) -> None:
    with serving(mailbox, None) as port:
        for _ in range(2):
            send(to(port, tls="&tls=none", user=""), settings())
    first, second = mailbox.letters
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the library overlooks implicit TLS
def test_tls_from_the_first_byte(identity: Identity, mailbox: Mailbox) -> None:
    how = {"authenticator": knows, "auth_required": True, "auth_require_tls": False}
    with serving(mailbox, identity, implicit=True, **how) as port:
        send(to(port, "smtps"), settings(identity))
    assert len(mailbox.letters) == 1


def test_a_wrong_password_is_refused_and_never_shown(identity: Identity, mailbox: Mailbox) -> None:
    with (
        serving(mailbox, identity, authenticator=knows, auth_required=True) as port,
        pytest.raises(Refused) as told,
    ):
        send(to(port), settings(identity, "wrong battery"))
    assert told.value.because == "it answered 535"
    assert "battery" not in repr((told.value, told.value.__cause__, told.value.try_))


def test_a_certificate_that_nobody_vouches_for(identity: Identity, mailbox: Mailbox) -> None:
    with (
        serving(mailbox, identity, authenticator=knows) as port,
        pytest.raises(Undelivered, match="not trusted") as told,
    ):
        send(to(port), settings())
    assert "notify.toml" in told.value.try_
    assert not mailbox.letters


def test_a_certificate_for_somebody_else(tmp_path: Path, mailbox: Mailbox) -> None:
    other = make_identity(tmp_path, "192.0.2.25")
    with (
        serving(mailbox, other, implicit=True) as port,
        pytest.raises(Undelivered, match="not trusted"),
    ):
        send(to(port, "smtps"), settings(other))


def test_a_server_that_offers_no_privacy_gets_nothing(mailbox: Mailbox) -> None:
    with serving(mailbox, None) as port, pytest.raises(Refused, match="no STARTTLS"):
        send(to(port), settings())
    assert not mailbox.letters


def test_a_server_that_lets_nobody_log_in(identity: Identity, mailbox: Mailbox) -> None:
    with (
        serving(mailbox, identity, auth_exclude_mechanism=["PLAIN", "LOGIN"]) as port,
        pytest.raises(Refused, match="no AUTH"),
    ):
        send(to(port), settings(identity))


def test_a_server_that_is_down() -> None:
    with pytest.raises(Undelivered, match="could not reach the mail server"):
        send(to(closed_port()), settings())


def test_a_server_that_takes_the_call_and_says_nothing() -> None:
    chosen = Settings("fw1", {"WHENCE_SMTP_PASSWORD": PASSWORD}, patience=0.2)
    with listening() as server, pytest.raises(Undelivered, match="gave no answer"):
        send(to(port_of(server)), chosen)


def test_greylisting_means_later(mailbox: Mailbox) -> None:
    mailbox.answers = ["451 4.7.1 come back in a minute"]
    with serving(mailbox, None) as port:
        with pytest.raises(Undelivered) as told:
            send(to(port, tls="&tls=none", user=""), settings())
        assert not isinstance(told.value, Refused)
        send(to(port, tls="&tls=none", user=""), settings())
    assert len(mailbox.letters) == 1


def test_an_unknown_recipient_means_never(mailbox: Mailbox) -> None:
    mailbox.answers = ["550 5.1.1 no such person"]
    with serving(mailbox, None) as port, pytest.raises(Refused, match="recipients"):
        send(to(port, tls="&tls=none", user=""), settings())


def test_one_of_two_recipients_is_unknown(mailbox: Mailbox) -> None:
    mailbox.answers = ["250 OK", "550 5.1.1 no such person"]
    url = "smtp://127.0.0.1:{}/?to=admin@example.org,gone@example.org&tls=none"
    with serving(mailbox, None) as port, pytest.raises(Refused, match=r"for gone@example\.org"):
        send(url.format(port), settings())
    assert len(mailbox.letters) == 1


def test_the_server_comes_from_the_settings(mailbox: Mailbox) -> None:
    with serving(mailbox, None) as port:
        section = {"server": "127.0.0.1", "port": port, "tls": "none", "from": "fw1@example.org"}
        send("mailto:admin@example.org,b@example.org", Settings("fw1", sections={"mail": section}))
    assert mailbox.letters[0]["From"] == "fw1@example.org"
    assert mailbox.envelopes[0].rcpt_tos == ["admin@example.org", "b@example.org"]


def test_a_program_cannot_write_a_header(mailbox: Mailbox) -> None:
    hostile = message("/tmp/x\r\nBcc: thief@example.net\r\n\x1b[2J\u202e\udcff", "y")
    with serving(mailbox, None) as port:
        send(to(port, tls="&tls=none", user=""), settings(), hostile)
    (letter,) = mailbox.letters
    assert letter["Bcc"] is None
    text = letter.get_content()
    assert "\\r\\nBcc: thief@example.net" in text
    assert "\x1b" not in text


def test_a_subject_that_somebody_else_made_cannot_either(mailbox: Mailbox) -> None:
    with serving(mailbox, None) as port:
        hostile = Message("hello\r\nBcc: thief@example.net", "", (), NOON)
        send(to(port, tls="&tls=none", user=""), settings(), hostile)
    assert mailbox.letters[0]["Bcc"] is None


@pytest.mark.parametrize(
    ("url", "section", "what"),
    [
        ("mailto:admin@example.org", {}, "mail needs a server"),
        ("mailto:", {"server": "mail.example.org"}, "names nobody"),
        ("mailto:a%0d%0aRCPT@example.org", {"server": "mail.example.org"}, "not a mail address"),
        ("mailto:a@example.org?cc=b@example.org", {}, "“cc” cannot stand"),
        ("smtp:///?to=a@example.org", {}, "names no server"),
        ("smtp://mail.example.org/", {}, "names nobody"),
        ("smtp://me@mail.example.org/?to=a@example.org", {}, "no password for me"),
        ("smtp://me:pw@mail.example.org/?to=a@example.org", {}, "cannot be used"),
        ("smtp://mail.example.org/?to=a@example.org&tls=maybe", {}, "tls cannot be"),
        ("smtp://mail.example.org:70000/?to=a@example.org", {}, "not an address to notify"),
        ("mailto:a@example.org", {"sever": "mail.example.org"}, "section \\[mail\\]"),
        ("mailto:a@example.org", {"server": "x", "port": "many"}, "section \\[mail\\]"),
    ],
)
def test_settings_that_cannot_work_are_refused_before_anything_is_watched(
    url: str, section: dict[str, object], what: str
) -> None:
    with pytest.raises(BadSettings, match=what):
        mail(url, Settings("fw1", sections={"mail": section}))


def test_who_logs_in_at_the_server_of_the_settings_logs_in_at_no_other(mailbox: Mailbox) -> None:
    house = {"server": "mail.example.org", "user": "whence", "password": PASSWORD}
    with serving(mailbox, None) as port:
        chosen = Settings("fw1.example.org", sections={"mail": house}, patience=5)
        send(to(port, tls="&tls=none", user=""), chosen)
    assert len(mailbox.letters) == 1


def test_a_password_is_not_sent_in_the_clear() -> None:
    with pytest.raises(BadSettings, match="in the clear"):
        mail(to(25, tls="&tls=none"), settings())


def test_a_ca_file_that_is_none(tmp_path: Path) -> None:
    chosen = Settings("fw1", {"WHENCE_SMTP_PASSWORD": "x"}, ca=tmp_path / "absent.pem")
    with pytest.raises(BadSettings, match="not a file of certificates"):
        mail(to(25), chosen)


def test_a_greylisting_server_gets_the_message_in_the_end(mailbox: Mailbox) -> None:
    mailbox.answers = ["451 4.7.1 later", "451 4.7.1 later", "250 OK"]
    said: list[WhenceError] = []
    soon = Patience(first=timedelta(milliseconds=10))
    with serving(mailbox, None) as port:
        deliver = mail(to(port, tls="&tls=none", user=""), settings())
        with Notifier(deliver, said.append, patience=soon) as telling:
            telling.tell(sighting())
            assert mailbox.arrived.wait(10)
    assert [error.because for error in said] == ["it answered 451"]
    assert len(mailbox.letters) == 1
