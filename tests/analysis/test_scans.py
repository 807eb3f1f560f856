from tests.analysis.world import Row, flow, tables
from whence.analysis._declare import Context
from whence.analysis.scans import Scan, scans


def found(*flows: Row) -> list[Scan]:
    return [scan for scan in scans(tables(*flows), Context()) if isinstance(scan, Scan)]


def test_one_port_of_many_hosts() -> None:
    [scan] = found(
        *(flow(destination=f"198.51.100.{n}", port=445, received=0) for n in range(1, 101))
    )
    assert scan.sentence == "192.0.2.9 tries 100 hosts on port 445/tcp: 100 % fail."
    assert (scan.shape, scan.tried, scan.failed) == ("horizontal", 100, 100)


def test_many_ports_of_one_host_half_open() -> None:
    closed = [flow(port=n, received=1, state="REJ") for n in range(1, 50)]
    opened = flow(port=50, state="RSTO", resets=1, source_payload=0)
    [scan] = found(*closed, opened)
    assert (scan.shape, scan.tried, scan.half_open) == ("vertical", 50, 1)
    assert "half open" in scan.sentence


def test_an_echo_sweep() -> None:
    [scan] = found(
        *(flow(destination=f"198.51.100.{n}", transport="icmp", received=0) for n in range(1, 60))
    )
    assert "59 hosts on icmp" in scan.sentence


def test_a_browser_reaches_most_of_what_it_calls() -> None:
    assert not found(*(flow(destination=f"198.51.100.{n}") for n in range(1, 101)))
