import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model.banners import claims

RED_HAT = (
    "HTTP/1.1 403 Forbidden\r\nServer: Apache/2.4.37 (Red Hat Enterprise Linux) OpenSSL/1.1.1k\r\n"
)


@pytest.mark.parametrize(
    ("banner", "words"),
    [
        (RED_HAT + "\r\n<html>", "Apache/2.4.37 on Red Hat Enterprise Linux"),
        ("HTTP/1.1 200 OK\r\nserver: nginx\r\n\r\n", "nginx"),
        ("HTTP/1.0 200 OK\r\n\r\nServer: in the body", "nothing but the status 200"),
        ("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n", "OpenSSH_9.2p1 on Debian"),
        ("220 mx.example.org ESMTP Postfix (Debian/GNU)\r\n",
         "mx.example.org ESMTP Postfix (Debian/GNU), which means Debian"),
        ("* OK IMAP ready\r\n", "* OK IMAP ready"),
    ],
)  # fmt: skip
def test_what_it_says_is_read(banner: str, words: str) -> None:
    assert claims(banner)[0].words == words


def test_where_it_leads_on_to_is_told() -> None:
    told = claims("HTTP/1.1 301 Moved\r\nServer: x\r\nLocation: https://vendor.example/\r\n\r\n")
    assert [one.words for one in told] == ["x", "that it leads on to https://vendor.example/"]


def test_bytes_are_no_claim() -> None:
    assert not claims("\x15\x03\x03\x00\x02\x02\x46")
    assert not claims("")


@given(st.text(max_size=300))
def test_no_banner_is_too_odd(banner: str) -> None:
    assert all(len(claim.words) <= 300 for claim in claims(banner))
