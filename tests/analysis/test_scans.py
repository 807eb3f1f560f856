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


def bare(n: int, **more: object) -> Row:
    given = {"source_port": 45000, "syns": 0, "answers": 0, "source_payload": None,
             "destination_payload": None}  # fmt: skip
    return flow(port=n, **given | more)  # type: ignore[arg-type]


def test_segments_that_begin_nothing_from_one_port_to_many() -> None:
    [scan] = found(*(bare(n, resets=1, state="RSTR") for n in range(1, 101)))
    assert (scan.shape, scan.tried, scan.failed) == ("vertical", 100, 100)
    [scan] = found(*(bare(n, received=0, state="SH") for n in range(1, 101)))
    assert scan.failed == 100


def test_the_late_ends_of_old_connections() -> None:
    hosts = range(1, 101)
    assert not found(*(
        bare(443, destination=f"198.51.100.{n}", source_port=50000 + n, resets=1, state="RSTR")
        for n in hosts
    ))  # fmt: skip
    assert not found(*(bare(50000 + n, source_port=443, resets=1) for n in hosts))


def test_a_traceroute_calls_a_port_for_each_packet() -> None:
    assert not found(*(flow(port=33434 + n, transport="udp", received=0) for n in range(45)))


def test_a_broadcast_to_many_ports() -> None:
    everybody = "ff:ff:ff:ff:ff:ff"
    assert not found(*(
        flow(destination="192.0.2.63", port=n, transport="udp", received=0,
             destination_mac=everybody)
        for n in range(1, 40)
    ))  # fmt: skip
