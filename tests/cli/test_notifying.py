"""--notify and --notify-ca, against real servers that show certificates of a private authority."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import Whence
from tests.notify.servers import Identity, make_identity
from tests.notify.test_mail import Mailbox, knows, serving
from tests.notify.test_webhook import SECRET, Receiver, receiving

TARGET = "203.0.113.7:443"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return make_identity(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(authority: Identity, tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return make_identity(tmp_path_factory.mktemp("server"), authority=authority)


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-settings"))
    monkeypatch.setenv("WHENCE_SMTP_PASSWORD", "correct horse")
    monkeypatch.setenv("WHENCE_WEBHOOK_SECRET", SECRET)


@contextmanager
def secure(identity: Identity) -> Iterator[Receiver]:
    with receiving() as receiver:
        receiver.socket = identity.context.wrap_socket(receiver.socket, server_side=True)
        yield receiver


def test_mail_to_a_server_of_a_private_authority(
    whence: Whence, authority: Identity, server: Identity
) -> None:
    mailbox = Mailbox()
    with serving(mailbox, server, authenticator=knows, auth_required=True) as port:
        url = f"smtp://whence@127.0.0.1:{port}/?to=admin@example.org"
        _, _, err = whence(TARGET, "--notify", url)
        assert "not trusted" in err
        assert "--notify-ca" in err
        assert not mailbox.letters
        assert whence(TARGET, "--notify", url, "--notify-ca", str(authority.certificate))[2] == ""
    [letter] = mailbox.letters
    assert TARGET in letter["Subject"]
    assert "see: whence case show 20" in letter.get_content()


def test_a_record_of_syslog_tells_what_the_case_came_to(whence: Whence) -> None:
    with closing(socket.socket(type=socket.SOCK_DGRAM)) as collector:
        collector.bind(("127.0.0.1", 0))
        url = f"syslog://127.0.0.1:{collector.getsockname()[1]}"
        sentences = whence(TARGET, "--notify", url)[1].partition("\nverdict:")[0].splitlines()
        collector.settimeout(10)
        record = collector.recv(4096).decode()
    said = " ".join(sentences)
    assert f"{said} verdict: insufficient; see: whence case show 20" in record


def test_a_webhook_of_a_private_authority(
    whence: Whence, authority: Identity, server: Identity
) -> None:
    with secure(server) as receiver:
        url = f"https://127.0.0.1:{receiver.server_port}/hook"
        assert "not trusted" in whence(TARGET, "--notify", url)[2]
        assert not receiver.taken
        assert whence(TARGET, "--notify", url, "--notify-ca", str(authority.certificate))[2] == ""
    [body] = receiver.taken
    assert json.loads(body)["documents"][0]["whence"]["target"] == TARGET


def test_a_watcher_tells_a_webhook_of_a_private_authority(
    whence: Whence, authority: Identity, server: Identity
) -> None:
    with secure(server) as receiver, secure(server) as watched:
        url = f"https://127.0.0.1:{receiver.server_port}/hook"
        status, out, _ = whence(
            "watch", f"127.0.0.1:{watched.server_port}", "--for", "3s",
            "--level", "sock_diag", "--notify", url, "--notify-ca", str(authority.certificate),
        )  # fmt: skip
    assert status == 0
    assert f"listens on 127.0.0.1:{watched.server_port}" in out
    assert len(receiver.taken) == 1


def test_with_a_private_authority_no_other_is_trusted(
    whence: Whence, server: Identity, tmp_path: Path
) -> None:
    other = make_identity(tmp_path / "other")
    with secure(server) as receiver:
        url = f"https://127.0.0.1:{receiver.server_port}/hook"
        said = whence(TARGET, "--notify", url, "--notify-ca", str(other.certificate))[2]
    assert "not trusted" in said
    assert not receiver.taken


def test_a_ca_file_that_cannot_be_used(whence: Whence, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    for name in ("empty.pem", "missing.pem"):
        words = (TARGET, "--notify", "https://127.0.0.1:1/", "--notify-ca", str(tmp_path / name))
        status, _, err = whence(*words)
        assert (status, name in err) == (78, True)


def test_whom_to_trust_needs_somebody_to_tell(whence: Whence, authority: Identity) -> None:
    assert whence(TARGET, "--notify-ca", str(authority.certificate))[0] == 2
