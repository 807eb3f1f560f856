"""Flow exporters, as a user hears them."""

import json
import re
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("whence._native")

from tests.cli.conftest import Whence
from tests.world.exporters import OneWay, netflow5

MAIN = "from whence.cli.start import main; main()"


@contextmanager
def hearing(*words: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run whence until it listens; give it and the port."""
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, *words, "--receive", "127.0.0.1:0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr
        said = process.stderr.readline()
        found = re.fullmatch(r"listening for NetFlow, IPFIX and sFlow on 127.0.0.1:(\d+)\n", said)
        assert found, said
        yield process, int(found[1])
    finally:
        process.kill()
        process.communicate()


def tell(port: int, *datagrams: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as router:
        for datagram in datagrams:
            router.sendto(datagram, ("127.0.0.1", port))


CALL = (OneWay(), OneWay().back())


def test_flows_are_shown_in_the_end_that_were_still_open() -> None:
    with hearing("flows") as (process, port):
        tell(port, netflow5(*CALL), netflow5(*CALL, sequence=12))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    [_, row] = out.splitlines()
    assert re.search(r"10.0.0.1:40000 +198.51.100.7:443 +tcp +SF +10 ↔ 10 ", row)
    assert row.endswith("127.0.0.1:3")
    assert "heard 1 exporter: 2 datagrams, 4 records" in err
    assert "127.0.0.1 (netflow5, domain 0): 10 exports did not arrive" in err


def test_flows_as_documents_until_there_are_enough() -> None:
    with hearing("flows", "--json", "--count", "1", "--for", "2s") as (process, port):
        tell(port, netflow5(*CALL, OneWay(ports=(40001, 443))))
        out, _err = process.communicate(timeout=30)
    [flow] = [json.loads(line) for line in out.splitlines()]
    assert flow["source"]["ip"] == "10.0.0.1"
    assert flow["whence"]["exporter"] == "127.0.0.1"
    assert flow["observer"]["ingress"]["interface"]["name"] == "127.0.0.1:3"


def test_what_has_no_template_is_said() -> None:
    records = struct.pack("!HHII", 300, 16, 1, 2) + bytes(4)
    header = struct.pack("!HHIIII", 9, 1, 10_000, 1_700_000_000, 0, 7)
    with hearing("flows", "--for", "1s") as (process, port):
        tell(port, header + records, b"no export")
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (1, "")
    assert "1 set of records still waits for its template" in err
    assert "1 datagram was no flow export" in err


def test_who_is_loud_by_what_a_router_tells() -> None:
    loud = OneWay(source="10.0.0.9", packets=5000, flags=2)
    with hearing("talkers", "--for", "1s") as (process, port):
        tell(port, netflow5(loud, *(OneWay(source=f"10.0.0.{n}") for n in range(20, 48))))
        out, err = process.communicate(timeout=30)
    assert out.startswith("10.0.0.9 is 1,000 times louder than the median of its 28 neighbours")
    assert "heard 1 datagram, 29 records" in err


def test_which_way_by_what_a_router_tells() -> None:
    with hearing("path", "198.51.100.7:443", "--for", "1s") as (process, port):
        tell(port, netflow5(*CALL))
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "port 443/tcp passes through: in by 127.0.0.1:3, out by 127.0.0.1:4" in out
    assert "reported" in out


def test_a_port_that_another_has(whence: Whence) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        for command in ("flows", "talkers"):
            status, out, err = whence(command, "--receive", f"127.0.0.1:{port}", "--for", "1s")
            assert (status, out) == (69, "")
            assert "in use" in err
            assert f"ss -lunp sport = :{port}" in err


@pytest.mark.parametrize("where", ["127.0.0.1", "1:2:3", "2001:db8::1:2055", ":65536", "name:1"])
def test_nowhere_to_listen(whence: Whence, where: str) -> None:
    status, _, err = whence("flows", "--receive", where)
    assert status == 2
    assert "[2001:db8::1]:2055" in err


@pytest.mark.parametrize(("option", "port"), [("--udp", 514), ("--tcp", 514), ("--tls", 6514)])
def test_log_lines_are_heard_at_ports_of_their_own(whence: Whence, option: str, port: int) -> None:
    status, _, err = whence("logs", "receive", option, "foo")
    assert status == 2
    assert f"write 192.0.2.1:{port}, [2001:db8::1]:{port} or :{port}" in err


@pytest.mark.parametrize(
    "words",
    [["flows", "--receive", "192.0.2.99:2055"], ["logs", "receive", "--udp", "192.0.2.99:1"]],
)
def test_an_address_of_another_machine_is_no_place_to_listen(
    whence: Whence, words: list[str]
) -> None:
    status, _, err = whence(*words)
    assert (status, "192.0.2.99" in err, "ip -brief address" in err) == (69, True, True)


def test_files_and_exporters_are_not_read_at_once(whence: Whence) -> None:
    assert whence("flows")[0] == 2
    assert whence("flows", "a.pcap", "--receive", ":2055")[0] == 2
    assert whence("flows", "--receive", ":2055", "--filter", "udp")[0] == 2


def test_files_of_nfcapd_need_nfdump(
    whence: Whence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "nfcapd.202611251200"
    file.write_bytes(struct.pack("=H", 0xA50C) + bytes(300))
    monkeypatch.setenv("PATH", str(tmp_path))
    status, out, err = whence("talkers", str(file))
    assert (status, out) == (69, "")
    assert "apt-get install nfdump" in err


def test_a_filter_cannot_choose_among_flows(whence: Whence, tmp_path: Path) -> None:
    file = tmp_path / "nfcapd.202611251200"
    file.write_bytes(struct.pack("=H", 0xA50C) + bytes(300))
    status, _, err = whence("flows", str(file), "--filter", "udp")
    assert status == 65
    assert f"nfdump -r {file}" in err
