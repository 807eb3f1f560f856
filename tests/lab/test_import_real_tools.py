"""What real tools print of one real connection is taken in, however they are told to print it."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.frames import conversation, write_pcap
from tests.inquiry.imports.reading import is_complete, likeliest, read
from whence.model.reported import Socket, Traffic

pytestmark = pytest.mark.lab

SOCKETS = (
    ("ss", "ss -tunap"),
    ("ss", "ss -tunapeoim"),
    ("ss", "ss -HtnpO"),
    ("linux_netstat", "netstat -tunap"),
    ("linux_netstat", "netstat -tunapeo"),
    ("lsof", "lsof -nPi"),
    ("lsof_fields", "lsof -nPi -F pcuftPnT"),
    ("lsof_fields", "lsof -nPi -F"),
)
PACKETS = ("-nn", "-n -e", "-nn -tttt -v", "-nn -tt -vvv -e", "-q -n", "-nn -X", "-n -t", "-n -S")


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    """A connection on the loopback, by its ports."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as caller:
            accepted, _ = server.accept()
            with accepted:
                yield caller.getsockname()[1], port


def test_tables_of_sockets(ends: tuple[int, int]) -> None:
    for kind, command in SOCKETS:
        text = subprocess.run(command.split(), capture_output=True, text=True, check=False).stdout
        rows, lines = read(text)
        assert (likeliest(text), lines.strange_lines) == (kind, []), command
        assert is_complete(rows, lines), command
        found = {
            (row.local_port, row.remote_port, row.pid)
            for row in rows
            if isinstance(row, Socket) and row.local == "127.0.0.1"
        }
        assert (str(ends[0]), str(ends[1]), os.getpid()) in found, command


def test_packets(tmp_path: Path) -> None:
    frames = conversation("192.0.2.4", "203.0.113.8", (50124, 443))
    file = write_pcap(tmp_path / "a.pcap", frames)
    for options in PACKETS:
        text = subprocess.run(
            ["tcpdump", *options.split(), "-r", str(file)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        rows, lines = read(text)
        assert (likeliest(text), lines.strange_lines) == ("tcpdump", []), options
        assert is_complete(rows, lines), options
        first = rows[0]
        assert isinstance(first, Traffic)
        assert (first.source, first.source_port) == ("192.0.2.4", 50124), options
        assert (first.destination, first.destination_port) == ("203.0.113.8", 443), options
        assert len(rows) == len(frames), options


def test_flows(tmp_path: Path) -> None:
    frames = conversation("192.0.2.4", "203.0.113.8", (50124, 443))
    file = write_pcap(tmp_path / "a.pcap", frames)
    subprocess.run(
        ["nfpcapd", "-r", str(file), "-l", str(tmp_path)], check=True, capture_output=True
    )
    (flows,) = tmp_path.glob("nfcapd.2*")
    zone = {**os.environ, "TZ": "UTC"}
    for kind, form in (("nfdump_csv", "csv"), ("nfdump_text", "line"), ("nfdump_text", "long")):
        text = subprocess.run(
            ["nfdump", "-r", str(flows), "-o", form, "-N"],
            capture_output=True, text=True, check=True, env=zone,
        ).stdout  # fmt: skip
        rows, lines = read(text)
        assert (likeliest(text), lines.strange_lines) == (kind, []), text
        assert is_complete(rows, lines), form
        calls = [row for row in rows if isinstance(row, Traffic) and row.source == "192.0.2.4"]
        assert [(row.destination, row.destination_port) for row in calls] == [("203.0.113.8", 443)]


def test_neighbours() -> None:
    for kind, command in (("ip_neigh", "ip neigh show"), ("ip_neigh", "ip -json neigh show")):
        text = subprocess.run(
            ["unshare", "-n", "sh", "-c",
             "ip link add veth0 type veth peer name veth1 && ip addr add 192.0.2.4/24 dev veth0 && "
             "ip link set veth0 up && "
             f"ip neigh add 192.0.2.1 lladdr 00:14:22:03:04:05 dev veth0 && {command}"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        rows, lines = read(text)
        assert (likeliest(text), lines.strange_lines) == (kind, []), text
        assert [getattr(row, "mac", "") for row in rows] == ["00:14:22:03:04:05"]
