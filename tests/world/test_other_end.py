"""Calling the other end, which is a real server on loopback here."""

from __future__ import annotations

import socket
import ssl
import time
from pathlib import Path

import pytest

from tests.sensors.certificates import Authority
from tests.world.outside_servers import Serve, dripping, endless, greeting, serving, silent
from whence.model import CannotAsk
from whence.model.certificates import from_pem, in_words
from whence.world.online_settings import OnlineSettings
from whence.world.other_end import LARGEST, banner, certificates

QUICK = OnlineSettings(patience=0.4)
PATIENT = OnlineSettings(patience=3)
WEB = "HTTP/1.1 200 OK\r\nServer: Apache/2.4.37 (Red Hat Enterprise Linux)\r\n\r\n"


def web(end: socket.socket) -> None:
    if end.recv(1000).startswith(b"HEAD / HTTP/1.1"):
        end.sendall(WEB.encode())


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    folder: Path = tmp_path_factory.mktemp("certificates")
    authority = Authority(folder)
    pair = authority.vouch("www.example.org")
    chain = folder / "chain.pem"
    chain.write_text(Path(pair.certificate).read_text() + Path(authority.certificate).read_text())
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(chain, pair.key)
    return made


def test_the_whole_chain_is_seen(context: ssl.SSLContext) -> None:
    with serving(silent, context) as port:
        told = certificates("127.0.0.1", port, PATIENT)
    leaf, authority = from_pem(told)
    assert leaf.names == ("www.example.org", "127.0.0.1")
    assert in_words(leaf.issuer) == in_words(authority.subject) == "CN=an authority"
    assert told.startswith("TLSv1.3 ")
    assert ", 2 shown\n" in told


@pytest.mark.parametrize("serve", [greeting("SSH-2.0-OpenSSH\r\n"), dripping, silent])
def test_who_does_not_speak_tls_shows_no_certificate(serve: Serve) -> None:
    began = time.monotonic()
    with serving(serve) as port, pytest.raises(CannotAsk):
        certificates("127.0.0.1", port, QUICK)
    assert time.monotonic() - began < 5


def test_who_speaks_first_is_listened_to() -> None:
    with serving(greeting("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")) as port:
        assert banner("127.0.0.1", port, PATIENT) == "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"


def test_who_waits_is_asked_for_the_head_of_a_page() -> None:
    with serving(web) as port:
        assert banner("127.0.0.1", port, PATIENT) == WEB


def test_who_speaks_tls_alone_is_asked_in_tls(context: ssl.SSLContext) -> None:
    with serving(web, context) as port:
        assert banner("127.0.0.1", port, PATIENT) == WEB


@pytest.mark.parametrize("serve", [endless, greeting("x" * 10_000_000)])
def test_of_what_never_ends_the_beginning_is_read(serve: Serve) -> None:
    with serving(serve) as port:
        assert len(banner("127.0.0.1", port, PATIENT)) <= LARGEST


def test_who_says_nothing_is_said_to() -> None:
    with serving(silent) as port, pytest.raises(CannotAsk):
        banner("127.0.0.1", port, QUICK)
