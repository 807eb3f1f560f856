"""A Linux bridge and an Open vSwitch, with hosts that really send."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Whence, whence
from whence.world.namespaces import inside

__all__ = ["whence"]  # a fixture
pytestmark = pytest.mark.lab

SWITCH, HOST = "wsb", "wsb{}"  # network namespaces
PORTS = {1: "br0", 2: "br0", 3: "ovs0", 4: "ovs0"}


def run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Build both, with two hosts each; give the folder in which Open vSwitch runs."""
    folder = tmp_path_factory.mktemp("openvswitch")
    names = [SWITCH, *(HOST.format(number) for number in PORTS)]
    try:
        for name in names:
            run("ip", "netns", "add", name)
        run("ip", "-n", SWITCH, "link", "add", "br0", "type", "bridge")
        run("ip", "-n", SWITCH, "link", "set", "br0", "up")
        _start(folder)
        for number, bridge in PORTS.items():
            _plug_in(number, bridge, folder)
        yield folder
    finally:
        for file in sorted(folder.glob("*.pid"), reverse=True):
            os.kill(int(file.read_text()), 15)
        for name in names:
            subprocess.run(["ip", "netns", "del", name], check=False)


def _start(folder: Path) -> None:
    environment = os.environ | {"OVS_RUNDIR": str(folder)}
    database, line = str(folder / "conf.db"), f"punix:{folder}/db.sock"
    schema = next(Path("/usr/share").glob("openvswitch/vswitch.ovsschema"))
    enter = ["ip", "netns", "exec", SWITCH]
    for words in (
        ["ovsdb-tool", "create", database, str(schema)],
        ["ovsdb-server", f"--remote={line}", "--pidfile", "--detach", "--no-chdir", database],
        ["ovs-vsctl", "--no-wait", "init"],
        ["ovs-vswitchd", "--pidfile", "--detach", "--no-chdir", f"unix:{folder}/db.sock"],
        ["ovs-vsctl", "add-br", "ovs0", "--", "set", "bridge", "ovs0", "datapath_type=netdev"],
    ):
        subprocess.run([*enter, *words], check=True, capture_output=True, env=environment)


def _plug_in(number: int, bridge: str, folder: Path) -> None:
    host, port = HOST.format(number), f"p{number}"
    peer = f"type veth peer name eth0 netns {host} address 02:57:00:00:00:0{number}"
    run("ip", "link", "add", port, "netns", SWITCH, *peer.split())
    run("ip", "-n", SWITCH, "link", "set", port, "up")
    run("ip", "-n", host, "link", "set", "eth0", "up")
    run("ip", "-n", host, "addr", "add", f"10.98.0.{number}/24", "dev", "eth0")
    if bridge == "br0":
        run("ip", "-n", SWITCH, "link", "set", port, "master", "br0")
    else:
        environment = os.environ | {"OVS_RUNDIR": str(folder)}
        subprocess.run(["ovs-vsctl", "add-port", "ovs0", port], check=True, env=environment)
    _send(host)


def _send(host: str) -> None:
    """Let a host send frames that a switch learns from."""

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            line.sendto(b"here", ("10.98.0.255", 9))

    inside(f"/run/netns/{host}", send)


def learned(whence: Whence, url: str) -> dict[str, str]:
    """Ask until two hosts are learned: the first frame may be earlier than the port."""
    for _ in range(50):
        status, shown, _ = whence("switch", url, "learned", "--json")
        rows = [json.loads(line)["whence"] for line in shown.splitlines()] if status == 0 else []
        found = {row["mac"]: row["ifName"] for row in rows}
        if len(found) >= 2:
            return found
        for number in PORTS:
            _send(HOST.format(number))
        time.sleep(0.1)
    return found


def test_a_linux_bridge_tells_who_is_at_which_port(whence: Whence, folder: Path) -> None:
    url = f"bridge:br0?namespace={SWITCH}"
    assert learned(whence, url) == {"02:57:00:00:00:01": "p1", "02:57:00:00:00:02": "p2"}
    _, ports, _ = whence("switch", url, "ports", "--json")
    assert {json.loads(line)["whence"]["port"]["name"] for line in ports.splitlines()} == {
        "p1",
        "p2",
    }
    status, told, _ = whence("place", "02:57:00:00:00:02", "--switch", url)
    assert status == 0
    assert told.startswith("02:57:00:00:00:02 is plugged in at br0 p2")
    assert "same facts" in whence("case", "replay", "last")[2]


def test_open_vswitch_tells_who_is_at_which_port(
    whence: Whence, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVS_RUNDIR", str(folder))
    assert learned(whence, "ovs:ovs0") == {"02:57:00:00:00:03": "p3", "02:57:00:00:00:04": "p4"}
    status, told, _ = whence("place", "02:57:00:00:00:03", "--switch", "ovs:ovs0")
    assert status == 0
    assert told.startswith("02:57:00:00:00:03 is plugged in at ovs0 p3")
    assert "same facts" in whence("case", "replay", "last")[2]


def test_a_bridge_that_is_not_there_is_called_so(whence: Whence, folder: Path) -> None:
    status, _, said = whence("switch", f"bridge:nobr?namespace={SWITCH}", "learned")
    assert (status, "nobr" in said) == (69, True)
