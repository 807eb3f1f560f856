import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Whence, squeezed
from tests.frames import NOON, Frame, arp, ethernet, ipv4, write_pcap
from tests.snmp_agents import Recorded, integer, octets, serving

CARD, OTHER = "00:14:22:01:02:03", "00:1b:21:aa:bb:07"


@pytest.fixture
def leases(tmp_path: Path) -> str:
    file = tmp_path / "dnsmasq.leases"
    file.write_text(f"9999999999 {CARD} 203.0.113.77 recep\x1b[31mtion *\n")
    return str(file)


@pytest.fixture
def capture(tmp_path: Path) -> str:
    frame = arp(2, (OTHER, "203.0.113.77"), (CARD, "192.0.2.1"))
    return str(write_pcap(tmp_path / "office.pcap", [Frame(NOON, frame)]))


def test_a_lease_says_which_machine_it_is(whence: Whence, leases: str) -> None:
    status, out, _ = whence("station", "203.0.113.77", "--leases", leases)
    first, *rest = out.splitlines()
    assert first.startswith(
        f"203.0.113.77 is recep\\x1b[31mtion, a Dell Inc. card at {CARD}"
    )  # what a stranger calls itself does not steer the terminal
    assert status == 0
    assert any("certain leased to " + CARD in squeezed(line) for line in rest)
    assert "  it would be heard outside this machine  → --ask-neighbours" in rest
    assert "    What does it call itself by LLMNR, as Windows does?" in rest


def test_the_answer_for_machines(whence: Whence, leases: str, capture: str) -> None:
    status, out, _ = whence(
        "station", CARD.upper().replace(":", "-"), "--leases", leases, "--read", capture, "--json"
    )
    answer = json.loads(out)
    assert status == 0
    assert answer["host"]["mac"] == [CARD.upper().replace(":", "-")]
    assert answer["host"]["ip"] == ["203.0.113.77"]
    assert answer["whence"]["station"]["maker"] == "Dell Inc."
    assert answer["whence"]["verdict"] == "explained"


def test_a_capture_is_evidence_and_the_case_replays(whence: Whence, capture: str) -> None:
    status, out, _ = whence("station", "203.0.113.77", "--read", capture)
    assert status == 0
    assert f"certain was captured at {OTHER}" in squeezed(out)
    assert whence("case", "replay")[0] == 0
    status, out, _ = whence("station", "last")
    assert f"203.0.113.77 is an Intel Corporate card at {OTHER}" in out


LINUX = "020405b40402080a000000010000000001030307"
WINDOWS = "020405b40103030801010402"


def syn(options: str, ttl: int) -> bytes:
    """A first segment, with its header as long as it is."""
    octets = bytes.fromhex(options)
    ports, numbers = (50_000).to_bytes(2, "big") + (443).to_bytes(2, "big"), bytes(8)
    head = ports + numbers + bytes((((20 + len(octets)) // 4) << 4, 2)) + b"\xfa\xf0" + bytes(4)
    return ethernet(ipv4("192.0.2.7", "198.51.100.1", 6, head + octets, ttl), CARD)


def test_how_a_machine_begins_connections_says_what_it_may_run(
    whence: Whence, tmp_path: Path
) -> None:
    frames = [Frame(NOON + n, syn(LINUX, 64)) for n in range(3)]
    file = write_pcap(tmp_path / "linux.pcap", frames)
    _, out, _ = whence("station", "192.0.2.7", "--read", str(file))
    sign = "Linux or Android, by how it begins connections, 64:64240:1460:7:mss,sack,ts,nop,ws"
    assert f"possibly {sign} (tcp, {file} packet 1)." in out.splitlines()[0]
    assert f"possible may run {sign}" in squeezed(out)

    file = write_pcap(tmp_path / "two.pcap", [*frames, Frame(NOON + 9, syn(WINDOWS, 128))])
    first = whence("station", "192.0.2.7", "--read", str(file))[1].splitlines()[0]
    assert "which does not fit with" in first
    assert "Linux or Android, by" in first
    assert "Windows, by how it begins connections, 128:64240:1460:8:mss,nop,ws,nop" in first


def test_an_address_that_nothing_is_known_of(whence: Whence) -> None:
    status, out, _ = whence("station", "198.51.100.77")
    assert out.startswith("198.51.100.77: nothing says which machine it is")
    assert status == 1


def test_the_link_is_no_part_of_an_address(whence: Whence) -> None:
    assert whence("station", "fe80::77%eth0")[1].startswith("fe80::77: nothing says")


@pytest.mark.parametrize("target", ["example.org", "192.0.2.7:80", "00:14:22"])
def test_what_is_no_machine_is_refused_in_words(whence: Whence, target: str) -> None:
    status, out, err = whence("station", target)
    assert (status, out) == (65, "")
    assert "is no address of a machine" in err


def test_a_lease_file_that_is_none_is_told(whence: Whence, tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("hello\n")
    status, out, _ = whence("station", "203.0.113.77", "--leases", str(file))
    assert "is no file of leases that is known" in out
    assert status == 1


def test_a_file_that_is_not_there_is_refused_before_anything_is_asked(whence: Whence) -> None:
    status, out, err = whence("station", "203.0.113.77", "--leases", "/no/such/file")
    assert (status, out) == (65, "")
    assert "there is no file /no/such/file" in err
    assert "no case" in whence("case", "list")[2]


def test_the_table_of_makers_says_how_old_it_is(whence: Whence) -> None:
    status, out, _ = whence("data", "status")
    assert status == 0
    assert "makers of network cards: 53,730 blocks of addresses" in out
    assert "BSD-2-Clause" in out
    lines = whence("data", "status", "--json")[1].splitlines()
    table, *others = (json.loads(line)["whence"]["table"] for line in lines)
    assert "cloud ranges" in {other["name"] for other in others}
    assert table["date"] == "2026-08-26"


def test_a_newer_table_is_taken_from_a_file(whence: Whence, tmp_path: Path) -> None:
    file = tmp_path / "manuf"
    file.write_text("00:14:22\tDell\tDell Technologies\n")
    os.utime(file, (1_900_000_000, 1_900_000_000))
    status, out, _ = whence("data", "update", "--from", str(tmp_path))
    assert status == 0
    assert "53,730 blocks of addresses, as of 2030-03-17" in out
    assert "a Dell Technologies card" in whence("station", CARD)[1]


def test_an_older_table_is_refused(whence: Whence, tmp_path: Path) -> None:
    file = tmp_path / "manuf"
    file.write_text("00:14:22\tDell\tDell Technologies\n")
    os.utime(file, (1_500_000_000, 1_500_000_000))
    status, _, err = whence("data", "update", "--from", str(file))
    assert status == 65
    assert "what is in use is newer: of 2026-08-26" in err


def test_a_table_that_is_none_is_refused(whence: Whence, tmp_path: Path) -> None:
    assert whence("data", "update", "--from", str(tmp_path))[0] == 65
    status, _, err = whence("data", "update", "--from", str(tmp_path / "absent"))
    assert status == 65
    assert "there is no file" in err


SWITCH = {
    (1, 3, 6, 1, 2, 1, 1, 5, 0): octets(b"sw1"),
    (1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 7): octets(b"Gi0/7"),
    (1, 3, 6, 1, 2, 1, 2, 2, 1, 3, 7): integer(6),
    (1, 3, 6, 1, 2, 1, 4, 22, 1, 2, 7, 203, 0, 113, 77): octets(bytes.fromhex("001422010203")),
    (1, 3, 6, 1, 2, 1, 17, 1, 4, 1, 2, 1): integer(7),
    (1, 3, 6, 1, 2, 1, 17, 4, 3, 1, 2, 0, 0x14, 0x22, 1, 2, 3): integer(1),
}


def test_the_tables_of_a_router_say_which_machine_it_is_and_where(
    whence: Whence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    with serving(Recorded({"public": dict(SWITCH)})) as port:
        url = f"snmp://public@127.0.0.1:{port}"
        status, out, _ = whence("station", "203.0.113.77", "--ask-devices", "--switch", url)
    assert status == 0
    start = f"203.0.113.77 is a Dell Inc. card at {CARD}; it is plugged in at sw1 Gi0/7; heard"
    assert out.startswith(start)
    assert "reported answers at " + CARD in squeezed(out)
    assert "203.0.113.77 is on no link of this machine" in out
    assert whence("case", "replay")[0] == 0


def test_a_switch_is_not_asked_without_leave(whence: Whence) -> None:
    status, _, err = whence("station", "203.0.113.77", "--switch", "snmp://127.0.0.1")
    assert status == 2
    assert "--switch goes with --ask-devices" in err
