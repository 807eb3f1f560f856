"""Which machine is it? Asked of real servers, and of two machines that have one address."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab.stations import (
    DESK,
    DESK_CARD,
    OURS,
    SHARED,
    SHARED6,
    TWIN_CARDS,
    Office,
    office,
    printed,
    running,
    servers,
    wait_until,
)
from whence.world.netbios_wire import MEANINGS

pytestmark = pytest.mark.lab

WHENCE = str(Path(sys.executable).with_name("whence"))
LLMNR = f"""
from whence.model.neighbour_questions import NeighbourQuestion
from whence.world import utc_now
from whence.world.neighbours import ThisNeighbours
print(ThisNeighbours("x", utc_now).ask(NeighbourQuestion.LLMNR, "{DESK}").text)
"""
PRINTER = "02:00:5e:00:53:07"


@pytest.fixture(scope="module")
def places() -> Iterator[Office]:
    with office() as places:
        yield places


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("station")


@pytest.fixture(scope="module")
def desk(places: Office, folder: Path) -> Iterator[Office]:
    asking = (sys.executable, "-c", LLMNR)
    with servers(places.desk, folder):
        wait_until(lambda: "RECEPTION-PC" in asked_by_samba(places, folder), "nmbd")
        wait_until(lambda: ":445" in printed(places.desk, "ss", "-Hltn"), "smbd")
        wait_until(lambda: "startup complete" in (folder / "avahi.log").read_text(), "avahi")
        wait_until(lambda: "reception" in printed(places.ours, *asking), "systemd-resolved")
        yield places


def asked_by_samba(places: Office, folder: Path) -> str:
    return printed(places.ours, "nmblookup", "-s", f"{folder}/smb.conf", "-A", DESK)


def answer(places: Office, state: Path, *words: str, command: tuple[str, ...] = (WHENCE,)) -> Any:
    environment = os.environ | {"WHENCE_STATE": str(state)}
    told = subprocess.run(places.ours.command(*command, *words, "--json"), env=environment,
                          text=True, capture_output=True, timeout=60, check=False)  # fmt: skip
    assert "Traceback" not in told.stderr
    return json.loads(told.stdout)


@pytest.fixture(scope="module")
def told(desk: Office, folder: Path) -> Any:
    return answer(desk, folder / "state", "station", DESK, "--ask-neighbours")


def of(answer: Any, relation: str) -> list[str]:
    return [fact["value"] for fact in answer["whence"]["facts"] if fact["relation"] == relation]


def test_the_names_are_those_that_nmblookup_finds(told: Any, desk: Office, folder: Path) -> None:
    found = re.findall(r"^\s(\S+)\s+<(..)> - (<GROUP>)?", asked_by_samba(desk, folder), re.M)
    expected = [
        f"{name} <{suffix}> {MEANINGS[int(suffix, 16), bool(group)]}"
        for name, suffix, group in found
    ]
    assert len(expected) == 5
    assert sorted(of(told, "has-netbios-name")) == sorted(expected)


def test_the_machine_is_told_in_one_sentence(told: Any) -> None:
    sentence = told["whence"]["sentence"]
    assert sentence.startswith(f"{DESK} is RECEPTION-PC, ")
    assert f"a Dell Inc. card at {DESK_CARD}" in sentence
    assert "frontdesk.local" in sentence
    assert "in OFFICE" in sentence
    assert told["host"]["mac"] == [DESK_CARD.upper().replace(":", "-")]
    assert told["whence"]["verdict"] == "explained"


def test_each_protocol_was_heard(told: Any) -> None:
    sources = {
        fact["evidence"][0].partition(":")[2].rpartition(":")[0]
        for fact in told["whence"]["facts"]
        if fact["relation"] in ("is-named", "is-claimed-by", "describes-itself-as")
    }
    assert sources == {
        f"{question} {DESK}"
        for question in ("who has", "netbios node status of", "mdns name of", "smb greeting of",
                         "ssdp description of", "llmnr name of")
    }  # fmt: skip
    assert of(told, "describes-itself-as") == ["Printer/1.0 UPnP/1.0", "Copier – X1"]
    assert told["whence"]["station"]["may_run"] == "Samba, by what its SMB service says"


def test_who_may_not_send_arp_is_told_so_and_hears_the_rest(desk: Office, folder: Path) -> None:
    plain = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", WHENCE)
    told = answer(desk, folder / "state", "station", DESK, "--ask-neighbours", command=plain)
    assert not of(told, "is-claimed-by")
    assert "RECEPTION-PC" in of(told, "is-named")
    refused = {one["because"]: one["try"] for one in told["whence"]["not_checked"]}
    assert refused[f"may not ask who has {DESK}: that takes CAP_NET_RAW"] == "run it as root"


def test_what_was_asked_replays(told: Any, folder: Path) -> None:
    environment = os.environ | {"WHENCE_STATE": str(folder / "state")}
    replayed = subprocess.run([WHENCE, "case", "replay", told["whence"]["case"]], text=True,
                              env=environment, capture_output=True, check=False)  # fmt: skip
    assert "the replay came to the same facts" in replayed.stdout + replayed.stderr


def test_an_agent_of_snmp_names_its_machine_and_its_neighbours(
    places: Office, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, log = folder / "snmpd.conf", folder / "snmpd.log"
    settings.write_text(
        f"agentAddress udp:{DESK}:161\nrocommunity office\nsysName copier-2\n"
        "sysDescr Copier X1\nsysLocation second floor, by the stairs\n"
    )
    places.desk.run(*["ip", "address", "add", "2001:db8:5::7/64", "dev", "eth0", "nodad"])
    places.twin.run(*["ip", "address", "add", "2001:db8:5::9/64", "dev", "eth0", "nodad"])
    reaching = "import socket; socket.create_connection(('2001:db8:5::9', 9), 5)"
    printed(places.desk, "python3", "-c", reaching)  # refused; but now it knows who that is
    monkeypatch.setenv("WHENCE_SNMP_COMMUNITY", "office")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    serving = ("snmpd", "-f", "-C", "-c", str(settings), "-Lf", str(log))
    with running(places.desk, *serving):
        wait_until(lambda: ":161 " in printed(places.desk, "ss", "-Hlun"), "snmpd")
        told = answer(places, folder / "state", "station", DESK, "--ask-devices")
        asked = ("station", "2001:db8:5::9", "--ask-devices", "--switch", f"snmp://office@{DESK}")
        router = answer(places, folder / "state", *asked)
    assert "copier-2" in of(told, "is-named")
    assert "Copier X1" in of(told, "describes-itself-as")
    assert of(told, "says-it-stands-in") == ["second floor, by the stairs"]
    assert TWIN_CARDS[0] in of(router, "answers-at")
    ours = answer(places, folder / "state", "station", OURS, "--ask-neighbours")
    assert not of(ours, "does-not-answer")


@pytest.mark.parametrize("address", [SHARED, SHARED6])
def test_two_machines_with_one_address_are_a_conflict(
    places: Office, folder: Path, address: str
) -> None:
    told = answer(places, folder / "state", "station", address, "--ask-neighbours")
    assert sorted(of(told, "is-claimed-by")) == sorted(TWIN_CARDS)
    assert told["whence"]["sentence"].startswith(f"Conflict: 2 stations answer for {address}: ")
    assert "(Dell Inc.)" in told["whence"]["sentence"]
    assert told["whence"]["verdict"] == "suspicious"


def test_traffic_to_a_neighbour_is_told_with_its_machine(places: Office, folder: Path) -> None:
    told = answer(places, folder / "state", f"{SHARED}:9")
    assert of(told, "ends-at") == [SHARED]
    assert any(card in told["whence"]["others"][0] for card in TWIN_CARDS)


def test_an_address_that_nobody_has(places: Office, folder: Path) -> None:
    told = answer(places, folder / "state", "station", "192.0.2.200", "--ask-neighbours")
    assert of(told, "does-not-answer")[0] == "asked by ARP just now"
    assert told["whence"]["verdict"] == "insufficient"


def test_the_lease_that_a_real_dnsmasq_gave(places: Office, folder: Path) -> None:
    leases = folder / "given.leases"
    places.twin.run(*f"ip link add name lan0 link eth0 address {PRINTER} type macvlan".split())
    places.twin.run("sysctl", "-qw", "net.ipv6.conf.lan0.disable_ipv6=1")
    places.twin.run("ip", "link", "set", "lan0", "up")
    serving = (
        "dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --interface=office --no-ping "
        f"--user=root --pid-file= --dhcp-range=192.0.2.100,192.0.2.110 --dhcp-leasefile={leases}"
    ).split()
    asking = "udhcpc -n -q -f -i lan0 -x hostname:printer7 -s /bin/true -t 20 -T 1"
    with running(places.ours, *serving):
        wait_until(lambda: ":67 " in printed(places.ours, "ss", "-Hlun"), "dnsmasq")
        subprocess.run(
            places.twin.command(*asking.split()), check=True, timeout=40, capture_output=True
        )
    given = leases.read_text().split()[2]
    told = answer(places, folder / "state", "station", given, "--leases", str(leases))
    assert of(told, "leased-to") == [PRINTER]
    assert told["whence"]["sentence"].startswith(f"{given} is printer7, at {PRINTER} (locally ")
    by_card = answer(places, folder / "state", "station", PRINTER, "--leases", str(leases))
    assert by_card["host"]["ip"] == [given]


def test_the_name_that_dns_has_for_it(places: Office, folder: Path) -> None:
    (folder / "resolv.conf").write_text("nameserver 192.0.2.1\n")
    serving = (
        "dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --pid-file= "
        f"--user=root --interface=office --host-record=pc7.office.example,{DESK} "
        f"--ptr-record=8.2.0.192.in-addr.arpa,liar.example"
    ).split()
    hide = f"mount --bind {folder}/resolv.conf $(readlink -f /etc/resolv.conf) && exec"
    with running(places.ours, *serving):
        wait_until(lambda: ":53 " in printed(places.ours, "ss", "-Hlun"), "dnsmasq")
        for address, expected in (
            (DESK, "pc7.office.example leads back\n"),
            ("192.0.2.8", "liar.example has no address\n"),
        ):
            script = (
                f"{hide} {sys.executable} -c 'from whence.world.names import ThisResolver; "
                "from whence.world import utc_now; "
                f'print(ThisResolver("x", utc_now).names_of("{address}").text, end="")\''
            )
            told = printed(places.ours, "unshare", "--mount", "sh", "-c", script)
            assert told == expected
