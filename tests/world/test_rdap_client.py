"""RDAP over HTTPS, asked of a real registry on loopback, with an authority of its own."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.world.outside_servers import Registry, dripping, registry, serving
from whence.model import BadSettings, CannotAsk
from whence.world.online_settings import OnlineSettings
from whence.world.rdap_client import LARGEST, rdap

ASKED = "203.0.113.7"
PATH = f"/rdap/ip/{ASKED}"
KNOWN = {"objectClassName": "ip network", "name": "FORTIFIED-NET"}


@pytest.fixture
def there(tmp_path: Path) -> Iterator[tuple[Registry, OnlineSettings]]:
    with registry(tmp_path) as (server, authority):
        yield (
            server,
            OnlineSettings(
                rdap_server="https://rdap.example.net/rdap/",
                ca=authority,
                patience=2,
                at={"rdap.example.net": f"127.0.0.1:{server.server_port}"},
            ),
        )


Place = tuple[Registry, OnlineSettings]


def test_the_registry_in_charge_is_asked(there: Place, tmp_path: Path) -> None:
    server, settings = there
    table = tmp_path / "ipv4.json"
    services = [
        [["203.0.0.0/8"], ["https://elsewhere.example/"]],
        [["203.0.113.0/24"], ["http://no.example/", "https://rdap.example.net/rdap"]],
        [["2001:db8::/32"], ["https://six.example/"]],
    ]
    table.write_text(json.dumps({"services": services}))
    server.say(PATH, 200, KNOWN)
    told = rdap(ASKED, replace(settings, rdap_server="", rdap_bootstrap=str(table)))
    assert json.loads(told) == KNOWN


def test_each_registry_is_in_the_bundled_table() -> None:
    """Nobody is asked: port 9 of loopback, discard, is closed."""
    for address, host in (
        ("1.1.1.1", "rdap.apnic.net"),
        ("8.8.8.8", "rdap.arin.net"),
        ("193.0.0.1", "rdap.db.ripe.net"),
        ("200.1.1.1", "rdap.lacnic.net"),
        ("41.1.1.1", "rdap.afrinic.net"),
        ("2a00::1", "rdap.db.ripe.net"),
        ("2600::1", "rdap.arin.net"),
    ):
        with pytest.raises(CannotAsk, match=host):
            rdap(address, OnlineSettings(at={host: "127.0.0.1:9"}))


def test_a_redirect_is_followed(there: Place) -> None:
    server, settings = there
    server.say(PATH, 302, Location="/other/ip")
    server.say("/other/ip", 200, KNOWN)
    assert json.loads(rdap(ASKED, settings)) == KNOWN


def test_redirects_in_a_circle_come_to_an_end(there: Place) -> None:
    server, settings = there
    server.say(PATH, 301, Location="/a")
    server.say("/a", 301, Location=PATH)
    with pytest.raises(CannotAsk) as refused:
        rdap(ASKED, settings)
    assert refused.value.because == "it leads back to where it began"
    assert len(server.asked) == 2


def test_redirects_without_end_come_to_one(there: Place) -> None:
    server, settings = there
    server.say(PATH, 301, Location="/0")
    for number in range(20):
        server.say(f"/{number}", 301, Location=f"/{number + 1}")
    with pytest.raises(CannotAsk) as refused:
        rdap(ASKED, settings)
    assert "over 4 times" in refused.value.because
    assert len(server.asked) == 5


@pytest.mark.parametrize(
    "where",
    ["http://rdap.example.net/", "https://10.0.0.1/", "file:///etc/passwd", "https://["],
)
def test_nobody_is_led_away_from_https_or_into_the_own_network(there: Place, where: str) -> None:
    server, settings = there
    server.say(PATH, 302, Location=where)
    with pytest.raises(CannotAsk) as refused:
        rdap(ASKED, settings)
    assert "https" in refused.value.because or "not public" in refused.value.because


def test_who_asks_too_often_is_told_when_to_ask_again(there: Place) -> None:
    server, settings = there
    server.say(PATH, 429, Retry_After="120")
    with pytest.raises(CannotAsk) as refused:
        rdap(ASKED, settings)
    assert refused.value.because == "it answered 429, and to wait 120 s"


def test_an_address_that_nobody_has_is_said_so(there: Place) -> None:
    _, settings = there
    with pytest.raises(CannotAsk, match="knows no network"):
        rdap(ASKED, settings)


def test_an_answer_too_large_is_not_read(there: Place) -> None:
    server, settings = there
    server.say(PATH, 200, b"[" * (LARGEST + 1))
    with pytest.raises(CannotAsk, match="said too much"):
        rdap(ASKED, settings)


def test_a_certificate_of_nobody_known_is_not_trusted(there: Place) -> None:
    server, settings = there
    server.say(PATH, 200, KNOWN)
    with pytest.raises(CannotAsk) as refused:
        rdap(ASKED, replace(settings, ca=""))
    assert "not trusted" in str(refused.value)
    assert "online.toml" in refused.value.try_
    assert not server.asked


def test_a_certificate_for_another_name_is_not_trusted(there: Place) -> None:
    server, settings = there
    at = {"other.example": f"127.0.0.1:{server.server_port}"}
    with pytest.raises(CannotAsk, match="not trusted"):
        rdap(ASKED, replace(settings, rdap_server="https://other.example/", at=at))


def test_who_is_slow_is_hung_up_on() -> None:
    began = time.monotonic()
    slow = OnlineSettings(rdap_server="https://rdap.example.net/", patience=0.2)
    with serving(dripping) as port:
        settings = replace(slow, at={"rdap.example.net": f"127.0.0.1:{port}"})
        with pytest.raises(CannotAsk):
            rdap(ASKED, settings)
    assert time.monotonic() - began < 5


def test_settings_that_are_no_settings_are_said_so(tmp_path: Path) -> None:
    for server in ("http://rdap.example.net/", "https://[", "rdap.example.net", "https://a b/"):
        with pytest.raises(BadSettings):
            rdap(ASKED, OnlineSettings(rdap_server=server))
    with pytest.raises(BadSettings):
        rdap(ASKED, OnlineSettings(rdap_bootstrap=str(tmp_path / "none.json")))
    (tmp_path / "odd.json").write_text('{"services": [1]}')
    with pytest.raises(BadSettings):
        rdap(ASKED, OnlineSettings(rdap_bootstrap=str(tmp_path / "odd.json")))
