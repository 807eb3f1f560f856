"""``whence switch`` and ``whence place``, as a user runs them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Whence, whence
from tests.snmp_agents import Recorded, integer, octets, serving
from whence.store.texts import unpacked

__all__ = ["whence"]  # a fixture
COMMUNITY = "hush-hush"
MAC = "00:1b:21:01:02:03"
NEARBY = octets(bytes.fromhex("001b21010203"))
VALUES = {
    (1, 3, 6, 1, 2, 1, 1, 1, 0): octets(b"a switch\x1b[31m"),
    (1, 3, 6, 1, 2, 1, 1, 5, 0): octets(b"sw1"),
    (1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 7): octets(b"Gi0/7\x1b[2J"),
    (1, 3, 6, 1, 2, 1, 2, 2, 1, 3, 7): integer(6),
    (1, 3, 6, 1, 2, 1, 4, 22, 1, 2, 7, 192, 0, 2, 7): octets(bytes.fromhex("001b21010203")),
    (1, 3, 6, 1, 2, 1, 17, 1, 4, 1, 2, 1): integer(7),
    (1, 3, 6, 1, 2, 1, 17, 4, 2, 0): integer(300),
    (1, 3, 6, 1, 2, 1, 17, 4, 3, 1, 2, 0, 0x1B, 0x21, 1, 2, 3): integer(1),
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(Recorded({COMMUNITY: dict(VALUES)})) as port:
        yield f"snmp://{COMMUNITY}@127.0.0.1:{port}"


@pytest.fixture(autouse=True)
def _no_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))


def test_the_rows_of_a_switch_for_people_and_for_machines(whence: Whence, url: str) -> None:
    status, shown, _ = whence("switch", url, "learned")
    assert status == 0
    assert MAC in shown
    assert "\x1b" not in shown
    [line] = whence("switch", url, "learned", "--json")[1].splitlines()
    row = json.loads(line)["whence"]
    assert (row["mac"], row["fdb_id"], row["vlans"], row["ifIndex"]) == (MAC, 0, [], 7)


def test_what_a_switch_can_tell_and_what_not(whence: Whence, url: str) -> None:
    status, told, _ = whence("switch", url)
    assert status == 0
    assert "yes  the forwarding table\n       1 address at 1 port" in told
    assert "no   neighbours" in told
    assert "switch LLDP on" in told


def test_nothing_of_a_community_comes_into_a_case_or_on_the_screen(
    whence: Whence, url: str, tmp_path: Path
) -> None:
    status, shown, errors = whence("place", "192.0.2.7", "--switch", url, "--all")
    assert status == 0, errors
    assert shown.startswith(f"192.0.2.7 ({MAC}) is plugged in at sw1 Gi0/7")
    assert "heard in the last 300 s" in shown
    [case] = [file for file in tmp_path.rglob("*") if file.is_file() and _is_sqlite(file)]
    with closing(sqlite3.connect(case)) as opened:
        texts = [unpacked(*row) for row in opened.execute("SELECT digest, packed FROM text")]
        dumped = "\n".join([*opened.iterdump(), *texts])
    assert "walk 1.3.6.1.2.1.17.4.3.1.2" in dumped
    assert COMMUNITY not in dumped + shown + errors
    document = json.loads(whence("place", MAC, "--switch", url, "--json")[1])
    [spot] = document["whence"]["places"]
    assert (spot["mac"], spot["switch"], spot["is_place"]) == (MAC, "sw1", True)
    assert document["observer"]["name"] == "sw1"
    assert "same facts" in whence("case", "replay", "last")[2]


def test_what_a_switch_could_not_tell_is_not_taken_for_nothing(whence: Whence) -> None:
    vlans = {(1, 3, 6, 1, 4, 1, 9, 9, 46, 1, 3, 1, 1, 2, 1, vlan): integer(1) for vlan in (1, 10)}
    own = {(1, 3, 6, 1, 2, 1, 17, 4, 3, 1, 2, 2, 0, 0, 0, 0, 1): integer(0)}
    with serving(Recorded({COMMUNITY: VALUES | vlans | own})) as port:
        url = f"snmp://{COMMUNITY}@127.0.0.1:{port}"
        told = " ".join(whence("place", "00:1b:21:01:02:99", "--switch", url)[1].split())
        check = whence("switch", url)[1]
    assert "no switch says where that is" in told
    assert "Did sw1 tell all that it has learned? the VLANs cannot be asked one by one" in told
    assert "no   all of it\n       because: the VLANs cannot be asked one by one" in check
    assert "yes  to be noted\n       1 entry of the switch itself" in check


def test_the_link_behind_an_address_is_no_part_of_it(whence: Whence) -> None:
    nearby = {(1, 3, 6, 1, 2, 1, 4, 35, 1, 4, 7, 2, 16, 0xFE, 0x80, *[0] * 13, 9): NEARBY}
    with serving(Recorded({COMMUNITY: VALUES | nearby})) as port:
        url = f"snmp://{COMMUNITY}@127.0.0.1:{port}"
        for target in ("fe80::9%eth0", "[fe80::9%eth0]"):
            shown = whence("place", target, "--switch", url)[1]
            assert shown.startswith(f"fe80::9 ({MAC}) is plugged in at sw1 Gi0/7")


def test_a_switch_without_an_answer_and_a_url_that_is_none(whence: Whence) -> None:
    with serving(lambda _: []) as port:
        pass  # nobody listens there any more
    silent, _, said = whence("switch", f"snmp://{COMMUNITY}@127.0.0.1:{port}", "ports")
    assert (silent, COMMUNITY in said) == (69, False)
    wrong, _, said = whence("switch", f"telnet://{COMMUNITY}@127.0.0.1", "ports")
    assert (wrong, COMMUNITY in said) == (78, False)
    nowhere, told, _ = whence("place", MAC)
    assert nowhere == 1
    assert "switches.toml" in told


def _is_sqlite(file: Path) -> bool:
    return file.read_bytes().startswith(b"SQLite format 3")
