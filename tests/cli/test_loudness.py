"""Who is loud, from sums and from tables: the same, whatever is in the capture."""

from itertools import product
from pathlib import Path

import pytest

from tests.cli.conftest import Whence
from tests.frames import NOON, Frame, arp, conversation, dns_answer, ethernet, udp, write_pcap

GATEWAY = "02:00:00:00:00:01"
RANKINGS = [*product(("station", "pair", "port", "protocol"), ("packets", "bytes", "flows"))]


@pytest.fixture
def site(tmp_path: Path) -> str:
    """A site with clients, a resolver, a web server, a gateway with ARP, and names."""
    frames = [Frame(NOON, arp(2, (GATEWAY, "192.0.2.1"), (GATEWAY, "192.0.2.20")))]
    for n in range(20, 40):
        client, web = f"192.0.2.{n}", f"198.51.100.{n % 5}"
        frames += conversation(client, web, (40000 + n, 443), NOON + n)
        frames += conversation(client, "192.0.2.80", (41000 + n, 80), NOON + n + 0.5, b"GET")
        frames.append(Frame(NOON + n, ethernet(udp(client, "192.0.2.2", (5000, 53)))))
        frames.append(
            Frame(
                NOON + n + 0.01,
                ethernet(dns_answer(client, "192.0.2.2", f"www{n % 5}.example.org", web)),
            )
        )
    frames.append(Frame(NOON + 3, ethernet(udp("192.0.2.2", "203.0.113.5", (53, 53)))))
    frames += [
        Frame(NOON + n, ethernet(udp("192.0.2.9", f"203.0.113.{n % 7}", (n, 514))))
        for n in range(300)
    ]
    return str(write_pcap(tmp_path / "site.pcap", sorted(frames, key=lambda each: each.seconds)))


@pytest.mark.parametrize("internal", [(), ("--internal", "192.0.2.0/24")])
def test_sums_tell_the_same_as_tables(
    whence: Whence, site: str, internal: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    questions = [
        ("talkers", site, "--by", by, "--measure", measure, *form, *internal)
        for by, measure in RANKINGS
        for form in ((), ("--json", "--count", "3"))
    ]
    with monkeypatch.context() as sums:
        sums.setattr("whence.api.traffic.read_captures", _unread)
        from_sums = [whence(*question) for question in questions]
    with monkeypatch.context() as tables:
        tables.setattr("whence.api.loudness._summed", lambda *_: None)
        assert [whence(*question) for question in questions] == from_sums
    assert all(status == 0 for status, _, _ in from_sums)


def test_a_pipe_is_read_once(whence: Whence, site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("whence.world.captures.Captures.sums", _unread)
    assert whence("talkers", site, site)[0] == 0  # nor several files, one of which may be a part


def _unread(*_: object, **__: object) -> None:
    raise AssertionError("this was not to be read")
