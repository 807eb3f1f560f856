from tests.analysis.world import Row, flow, tables
from whence.analysis._declare import Context
from whence.analysis.ghosts import Ghost
from whence.analysis.silent_networks import SilentNetwork, silent_networks
from whence.model import Confidence
from whence.model.findings import Finding

SCANNED = [f"203.0.113.{n}" for n in range(1, 41)]


def call(source: str, destination: str, port: int = 17777, tries: int = 3) -> Row:
    return flow(source, destination, port, transport="udp", sent=tries, received=0)


def found(*flows: Row) -> list[Finding]:
    return silent_networks(tables(*flows), Context())


def test_the_calls_of_three_stations_to_one_network_are_one() -> None:
    calls = [call(f"192.0.2.{n}", address) for n in (7, 8, 9) for address in SCANNED]
    [silence] = found(*calls)
    assert isinstance(silence, SilentNetwork)
    assert silence.sentence == (
        "40 addresses of 203.0.113.0/24 port 17777/udp never answered, called by 3 stations: "
        "360 tries in 120 flows."
    )
    assert silence.evidence == (
        "nothing at all ever comes from 203.0.113.0/24",
        "by 192.0.2.7 (40 addresses, 120 tries), 192.0.2.8 (40 addresses, 120 tries) and "
        "192.0.2.9 (40 addresses, 120 tries)",
    )
    assert (silence.addresses, silence.tries) == (40, 360)
    assert silence.confidence is Confidence.LIKELY


def test_silent_networks_of_one_site_are_one() -> None:
    [silence] = found(call("192.0.2.9", "10.9.3.7"), call("192.0.2.9", "10.9.200.1"))
    assert isinstance(silence, SilentNetwork)
    assert silence.networks == ("10.9.0.0/16",)
    [silence] = found(call("2001:db8:1::9", "2001:db8:2::1"),
                      call("2001:db8:1::9", "2001:db8:2:ff::1"))  # fmt: skip
    assert isinstance(silence, SilentNetwork)
    assert silence.networks == ("2001:db8:2::/56",)


def test_whoever_speaks_between_them_keeps_networks_apart() -> None:
    between = flow("192.0.2.9", "10.9.100.1")
    assert all(isinstance(one, Ghost) for one in found(
        call("192.0.2.9", "10.9.3.7"), call("192.0.2.9", "10.9.200.1"), between))  # fmt: skip


def test_sites_are_not_joined() -> None:
    assert len(found(call("192.0.2.9", "10.9.3.7"), call("192.0.2.9", "10.10.3.7"))) == 2


def test_ports_are_told_apart() -> None:
    assert len(found(call("192.0.2.9", "10.9.3.7", 1), call("192.0.2.9", "10.9.3.8", 2))) == 2


def test_who_calls_everywhere_is_told_once() -> None:
    [silence] = found(*(call("192.0.2.9", f"10.{n}.3.7") for n in range(1, 9)))
    assert silence.sentence.startswith(
        "8 addresses of 8 networks (10.1.3.0/24, 10.2.3.0/24 and 6 more) port 17777/udp never"
    )
    assert silence.source == "192.0.2.9"


def test_one_port_of_a_host_that_speaks() -> None:
    speaks = flow("192.0.2.1", "203.0.113.1")
    [silence] = found(
        call("192.0.2.8", "203.0.113.1"), call("192.0.2.9", "203.0.113.1"), speaks,
        call("192.0.2.9", "203.0.113.2", 99),
    )[:1]  # fmt: skip
    assert "203.0.113.1 port 17777/udp never answered, called by 2 stations" in silence.sentence
    assert silence.evidence[-1] == "203.0.113.1 says other things, but never answers here"
