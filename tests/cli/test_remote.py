"""``whence remote`` with the outside on loopback: real servers, reached by settings alone."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from bench.remote.pack_cloud_ranges import pack

from tests.cli.conftest import Whence, squeezed
from tests.sensors.certificates import Authority
from tests.world.outside_servers import answering, registry, resolver, serving

ASKED = "203.0.113.7:443"
HOLDER = "Fortified Example Networks, Inc."
OWNER = f"orgname: {HOLDER}\n"
RECORDS = {
    ("7.113.0.203.in-addr.arpa.", "PTR"): ("host.example.org.", "\\027[31mred.example."),
    ("host.example.org.", "A"): ("203.0.113.7",),
    ("7.113.0.203.origin.asn.cymru.com.", "TXT"): ('"64500 | 203.0.113.0/24 | AU | apnic | 2010"',),
    ("AS64500.asn.cymru.com.", "TXT"): ('"64500 | AU | apnic | 2010 | FORTIFIED, AU"',),
}
RDAP = {
    "name": "FORTIFIED-NET",
    "entities": [{"roles": ["registrant"], "vcardArray": ["vcard", [["fn", {}, "text", HOLDER]]]}],
}


def web(end: socket.socket) -> None:
    end.recv(1000)
    end.sendall(b"HTTP/1.1 200 OK\r\nServer: Apache/2.4 (Red Hat Enterprise Linux)\r\n\r\n")


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let each end point be on loopback, and a table of clouds be the user's own."""
    tables = tmp_path / "state" / "tables"
    tables.mkdir(parents=True)
    ranges = [{"cidr": "203.0.113.0/24", "p": 0, "s": "EC2", "r": "eu-west-1"}]
    (tables / "cloud-ranges.zz").write_bytes(pack(ranges, ["aws"], "2030-01-02", "test"))
    pair = Authority(tmp_path, "of the other end").vouch("backup.fortified.example")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    with ExitStack() as stack:
        rdap, authority = stack.enter_context(registry(tmp_path))
        rdap.say("/ip/203.0.113.7", 200, RDAP)
        iana = stack.enter_context(serving(answering("refer: whois.example.net\n")))
        rir = stack.enter_context(
            serving(answering(f"netrange: 203.0.113.0/24\norgname: {HOLDER}\n"))
        )
        other = stack.enter_context(serving(web, context))
        at = {
            "rdap.example.net": rdap.server_port,
            "whois.example.net": rir,
            "203.0.113.7:443": other,
        }
        for name, value in {
            "DNS_SERVER": stack.enter_context(resolver(RECORDS)),
            "WHOIS_SERVER": f"127.0.0.1:{iana}",
            "RDAP_SERVER": "https://rdap.example.net/",
            "CA": authority,
            "PATIENCE": "3",
            "AT": ",".join(f"{name}=127.0.0.1:{port}" for name, port in at.items()),
        }.items():
            monkeypatch.setenv(f"WHENCE_ONLINE_{name}", value)
        yield


@pytest.mark.usefixtures("outside")
def test_all_that_can_be_known_is_told_and_replays_without_the_network(
    whence: Whence, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, said, warned = whence("remote", ASKED, "--touch-remote")
    assert status == 0
    assert said.startswith(
        "203.0.113.7:443 is set aside for documentation, as TEST-NET-3 "
        "(RFC 5737, 203.0.113.0/24), "
        "belongs to Amazon EC2 in eu-west-1 (cloud ranges of 2030-01-02, likely), "
        "is registered to Fortified Example Networks, Inc. (RDAP, reported), "
    )
    for words in (
        "AS64500 FORTIFIED, AU, as a part of 203.0.113.0/24",
        "likely reverse name host.example.org",
        "CN=backup.fortified.example, vouched for by CN=of the other end",
        "and says Apache/2.4 on Red Hat Enterprise Linux (HTTP).",
        "says of itself Apache/2.4 on Red Hat Enterprise Linux (HTTP)",
    ):
        assert words in squeezed(said)
    assert "calling 203.0.113.7:443; whoever is there sees this machine call" in warned
    assert "\x1b" not in said
    monkeypatch.setenv("WHENCE_ONLINE", "/nowhere")  # who reads the settings now, fails
    status, replayed, _ = whence("case", "replay", "last")
    assert replayed.partition("\n")[0] == said.partition("\n")[0]


@pytest.mark.usefixtures("outside")
def test_json_has_the_names_of_ecs(whence: Whence) -> None:
    status, said, _ = whence("remote", ASKED, "--online", "--json")
    document = json.loads(said)
    assert status == 0
    assert document["destination"] == {
        "ip": "203.0.113.7",
        "port": 443,
        "domain": "host.example.org",
        "as": {"number": 64500, "organization": {"name": HOLDER}},
    }
    assert {entry["try"] for entry in document["whence"]["not_checked"]} >= {"--touch-remote"}


def test_nothing_known_is_said_so_with_status_1(whence: Whence) -> None:
    status, said, _ = whence("remote", "193.0.99.99")
    assert "nothing here says whose it is" in said or "is used in" in said
    assert status == 1
    assert "--online" in said


@pytest.mark.parametrize("target", ["example.org", ":443", "4242", "00:00:5e:00:53:01", "x y"])
def test_what_is_no_address_is_bad_input(whence: Whence, target: str) -> None:
    status, _, told = whence("remote", target)
    assert status == 65
    assert "whence remote 203.0.113.7:443" in told or "is not something" in told


@pytest.mark.parametrize(
    "words", [("remote", "203.0.113.7"), ("203.0.113.7",), (":443",), ("10.0.0.7:443",)]
)
def test_to_call_somebody_takes_a_port(whence: Whence, words: tuple[str, ...]) -> None:
    status, _, told = whence(*words, "--touch-remote")
    assert status == 2
    assert "whence remote 203.0.113.7:443" in told


def test_settings_that_are_not_right_are_said_so(
    whence: Whence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHENCE_ONLINE", "/nowhere/online.toml")
    status, _, told = whence("remote", ASKED, "--online")
    assert status == 78
    assert "/nowhere/online.toml" in told
