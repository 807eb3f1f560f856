"""Which way real packets go through a real router, by a capture of all its interfaces."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.lab

HOST, ROUTER, SERVER, GHOST = "192.0.2.9", "192.0.2.1", "198.51.100.7", "203.0.113.62"
CABLES = """\
link add lan0 netns ROUTER type veth peer name eth0 netns HOST
link add wan0 netns ROUTER type veth peer name eth0 netns SERVER
"""
SEND = "import socket, sys; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', (sys.argv[1], {}))"
SERVE = (
    "import socket\n"
    f"server = socket.create_server(('{SERVER}', 443))\n"
    "print('there', flush=True)\n"
    "while True:\n"
    "    call, _ = server.accept()\n"
    "    call.recv(100)\n"
    "    call.sendall(b'answer')\n"
    "    call.close()\n"
)
CALL = (
    f"import socket; call = socket.create_connection(('{SERVER}', 443)); call.sendall(b'hello'); "
    "call.recv(100); call.close()"
)


class Office:
    """A host, a router and a server, each in a network namespace of its own."""

    def __init__(self) -> None:
        self.names = {name: f"whence-{name}-{os.getpid()}" for name in ("host", "router", "server")}
        for name in self.names.values():
            subprocess.run(["ip", "netns", "add", name], check=True)
        cables = CABLES
        for name, namespace in self.names.items():
            cables = cables.replace(name.upper(), namespace)
        subprocess.run(["ip", "-batch", "-"], input=cables, text=True, check=True)
        self.set_up("host", f"addr add {HOST}/24 dev eth0", "eth0", ROUTER)
        self.set_up("server", f"addr add {SERVER}/24 dev eth0", "eth0", "198.51.100.1")
        self.set_up("router", f"addr add {ROUTER}/24 dev lan0\naddr add 198.51.100.1/24 dev wan0",
                    "lan0\nwan0", SERVER)  # fmt: skip
        self.run("router", "sysctl", "-qw", "net.ipv4.ip_forward=1")

    def set_up(self, name: str, addresses: str, links: str, gateway: str) -> None:
        up = "".join(f"link set {link} up\n" for link in ["lo", *links.split()])
        batch = f"{addresses}\n{up}route add default via {gateway}\n"
        self.run(name, "ip", "-batch", "-", text=batch)

    def run(self, name: str, *argv: str, text: str = "") -> None:
        subprocess.run(self.inside(name, *argv), input=text, text=True, check=True)

    def python(self, name: str, code: str, *words: str) -> None:
        self.run(name, sys.executable, "-c", code, *words)

    def inside(self, name: str, *argv: str) -> list[str]:
        return ["ip", "netns", "exec", self.names[name], *argv]

    def close(self) -> None:
        for name in self.names.values():
            subprocess.run(["ip", "netns", "del", name], check=False)


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What the router's interfaces saw."""
    if not shutil.which("tcpdump"):
        pytest.skip("there is no tcpdump")
    office = Office()
    file = tmp_path_factory.mktemp("capture") / "router.pcap"
    tcpdump = office.inside("router", "tcpdump", "-q", "-i", "any", "-U", "-w", str(file))
    try:
        with (
            subprocess.Popen(office.inside("server", sys.executable, "-c", SERVE),
                             stdout=subprocess.PIPE) as server,
            subprocess.Popen(tcpdump, stderr=subprocess.PIPE, text=True) as listener,
        ):  # fmt: skip
            assert server.stdout
            assert server.stdout.readline() == b"there\n"
            assert listener.stderr
            assert any("listening" in line for line in listener.stderr)
            _traffic(office)
            time.sleep(1)
            for process in (listener, server):
                process.send_signal(signal.SIGINT)
                process.wait(10)
        yield str(file)
    finally:
        office.close()


def _traffic(office: Office) -> None:
    office.python("host", CALL)
    for _ in range(4):
        office.python("router", SEND.format(514), SERVER)
        office.python("host", SEND.format(514), GHOST)
        office.python("host", SEND.format(7777), ROUTER)
    office.python("host", SEND.format(9), "192.0.2.77")
    time.sleep(3)  # three questions by ARP


def whence(*words: str) -> list[dict[str, dict[str, str]]]:
    done = subprocess.run(
        [Path(sys.executable).with_name("whence"), *words, "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("target", "way"),
    [
        (f"{SERVER}:443", "passes through"),
        (f"{SERVER}:514", "starts here"),
        (f"{GHOST}:514", "passes through"),
        (f"{ROUTER}:7777", "ends here"),
    ],
)
def test_which_way_it_goes(capture: str, target: str, way: str) -> None:
    [route, *_] = whence("path", target, capture)
    assert route["whence"]["way"] == way
    assert route["whence"]["confidence"] in ("certain", "likely")


def test_a_packet_that_was_passed_on_is_counted_once(capture: str) -> None:
    pairs = whence("talkers", capture, "--by", "pair")
    counted = {pair["destination"]["ip"]: pair["network"]["packets"] for pair in pairs}
    assert int(counted[GHOST]) == 4


def test_the_ghost_and_the_neighbour_that_is_not_there(capture: str) -> None:
    found = whence("findings", capture, "--internal", "192.0.2.0/24")
    told = {finding["event"]["action"]: finding["destination"]["ip"] for finding in found}
    assert told["ghost"] == GHOST
    assert told["unanswered-arp"] == "192.0.2.77"
