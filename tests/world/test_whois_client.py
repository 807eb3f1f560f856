"""Whois, asked of real servers on loopback, well-meaning and hostile."""

from __future__ import annotations

import time
from contextlib import ExitStack

import pytest

from tests.world.outside_servers import Serve, answering, dripping, endless, serving, silent
from whence.model import CannotAsk
from whence.model.whois_answers import registration
from whence.world.online_settings import OnlineSettings
from whence.world.whois_client import LARGEST, whois

ASKED = "203.0.113.7"
HOLDER = "inetnum: 203.0.113.0/24\norg-name: Fortified Example Networks\n"


def ask(iana: Serve, /, *, patience: float = 2, **others: Serve) -> str:
    """Ask a server that stands for IANA's; ``others`` are those of NAME.example."""
    with ExitStack() as stack:
        ports = {name: stack.enter_context(serving(serve)) for name, serve in others.items()}
        at = {f"{name}.example": f"127.0.0.1:{port}" for name, port in ports.items()}
        first = f"127.0.0.1:{stack.enter_context(serving(iana))}"
        return whois(ASKED, OnlineSettings(whois_server=first, patience=patience, at=at))


def test_a_referral_is_followed_to_who_knows() -> None:
    asked: list[str] = []
    told = ask(answering("refer: rir.example\r\n"), rir=answering(HOLDER, asked))
    assert asked == [f"{ASKED}\r\n"]
    assert "% from rir.example:43\ninetnum" in told
    assert registration(told).organisation == "Fortified Example Networks"


def test_referrals_in_a_circle_come_to_an_end() -> None:
    told = ask(
        answering("refer: one.example\n"),
        one=answering("ReferralServer: whois://two.example\n"),
        two=answering("refer: one.example\n"),
    )
    assert told.count("% from") == 3


def test_referrals_without_end_come_to_one() -> None:
    chain = {f"s{n}": answering(f"refer: s{n + 1}.example\n") for n in range(6)}
    told = ask(answering("refer: s0.example\n"), patience=2, **chain)
    assert told.count("% from") == 4
    assert "4 servers were asked, and not s3.example:43" in told


def test_nobody_is_led_into_the_own_network() -> None:
    called: list[str] = []
    with serving(answering("secret", called)) as inside:
        told = ask(answering(f"refer: 127.0.0.1:{inside}\n"))
        named = ask(answering("refer: 10.0.0.1\n"))
    assert not called
    assert "is not asked" in told
    assert "is not public" in told
    assert "is not public" in named


def test_what_never_ends_is_cut_off() -> None:
    told = ask(endless)
    assert len(told) < LARGEST + 200
    assert f"cut off after {LARGEST} bytes" in told


def test_a_line_of_ten_megabytes_is_cut_off() -> None:
    told = ask(answering(b"descr: " + b"x" * (10 << 20)))
    assert len(told) < LARGEST + 200
    assert len(registration(told).organisation) == 200


@pytest.mark.parametrize("serve", [dripping, silent])
def test_who_is_slow_is_hung_up_on(serve: Serve) -> None:
    began = time.monotonic()
    with pytest.raises(CannotAsk, match="gave no answer"):
        ask(serve, patience=0.2)
    assert time.monotonic() - began < 5


def test_letters_of_iso_8859_1_are_read() -> None:
    told = ask(answering("descr: Größe\n".encode("latin-1")))
    assert registration(told).organisation == "Größe"


def test_a_second_server_that_is_silent_does_not_take_the_first_ones_word() -> None:
    told = ask(answering(HOLDER + "refer: mute.example\n"), patience=0.2, mute=silent)
    assert registration(told).organisation == "Fortified Example Networks"
    assert "% the whois server mute.example:43 gave no answer" in told


def test_nobody_there_is_said_so() -> None:
    with serving(silent) as port:
        pass
    with pytest.raises(CannotAsk, match="could not reach the whois server"):
        whois(ASKED, OnlineSettings(whois_server=f"127.0.0.1:{port}"))
