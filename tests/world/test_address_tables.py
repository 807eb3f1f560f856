"""Tables of addresses: those that come with whence, of the system, and dropped in by the user."""

from __future__ import annotations

import contextlib
import gzip
import json
import random
from datetime import date
from pathlib import Path

import maxminddb
import pytest
from bench.remote.pack_cloud_ranges import pack

from tests.world.mmdb import write_mmdb
from whence.model import CannotAsk
from whence.world import EPOCH
from whence.world.address_tables import LocalTables
from whence.world.country_ranges import CountryRanges
from whence.world.data_tables import TableKind
from whence.world.maxmind_tables import MaxmindNetworks
from whence.world.network_owners import NetworkOwners
from whence.world.sorted_lines import line_before, number_of
from whence.world.tor_exits import TorExits

RANGES = [
    {"cidr": "203.0.113.0/24", "p": 0, "s": "EC2", "r": "eu-west-1"},
    {"cidr": "203.0.113.0/24", "p": 0, "s": "AMAZON", "r": "eu-west-1"},
    {"cidr": "203.0.0.0/16", "p": 0, "s": "AMAZON", "r": "GLOBAL"},
    {"cidr": "2001:db8::/32", "p": 1, "s": "SQL"},
    {"cidr": "2001:db8::/32", "p": 1, "s": "SQL.WESTEUROPE", "r": "westeurope"},
]
GEOIP = """\
# Generated: Thu, 25 Jun 2026 04:33:59 GMT
3405803776,3405804031,AU
3405804032,3405804287,XX-not-a-country
3405804288,3405804543,DE
"""
NETWORKS = (
    "1.0.0.0\t1.0.0.255\t13335\tUS\tCLOUDFLARENET\n"
    "203.0.113.0\t203.0.113.255\t64500\tAU\tFORTIFIED Example\n"
    "203.0.114.0\t203.0.114.255\t0\tNone\tNot routed\n"
    "2001:db8::\t2001:db8:ffff:ffff:ffff:ffff:ffff:ffff\t64501\tDE\tSIX\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cloud-ranges.zz").write_bytes(pack(RANGES, ["aws", "azure"], "2030-01-02", "test"))
    (tmp_path / "geoip").write_text(GEOIP)
    (tmp_path / "ip2asn-combined.tsv.gz").write_bytes(gzip.compress(NETWORKS.encode()))
    (tmp_path / "tor-exits.txt").write_text("# exits\n203.0.113.9\n2001:db8::9\n")
    return tmp_path


def told(folder: Path, table: str, address: str) -> list[dict[str, str]]:
    reading = LocalTables(folder, "here", lambda: EPOCH).look_up(table, address)
    rows = [json.loads(line) for line in reading.lines() if line]
    return [row for row in rows if "network" in row]


def test_a_cloud_is_told_with_service_and_region_and_date(folder: Path) -> None:
    [row] = told(folder, "cloud", "203.0.113.7")
    assert (row["provider"], row["service"], row["region"]) == ("Amazon", "EC2", "eu-west-1")
    assert (row["network"], row["date"]) == ("203.0.113.0/24", "2030-01-02")


def test_what_lies_in_a_wider_range_alone_is_told_of_that(folder: Path) -> None:
    [row] = told(folder, "cloud", "203.0.9.1")
    assert (row["network"], row["service"]) == ("203.0.0.0/16", "Web Services")


def test_a_service_with_its_region_is_told_once(folder: Path) -> None:
    [row] = told(folder, "cloud", "2001:db8::7")
    assert (row["provider"], row["service"], row["region"]) == (
        "Microsoft Azure", "SQL", "westeurope",
    )  # fmt: skip


def test_each_cloud_is_in_the_bundled_table(tmp_path: Path) -> None:
    found = {
        row["provider"]
        for address in ("52.30.1.2", "20.38.98.100", "34.90.1.2", "104.16.1.1", "134.209.64.7",
                        "92.4.64.9", "2603:1020:1403:2::541")
        for row in told(tmp_path, "cloud", address)
    }  # fmt: skip
    assert found == {"Amazon", "Microsoft Azure", "Google", "Cloudflare", "DigitalOcean",
                     "Oracle Cloud"}  # fmt: skip


def test_a_table_of_the_user_goes_before_an_older_one(folder: Path) -> None:
    """The newer one has nothing of this address, so the bundled one is asked, too."""
    [row] = told(folder, "cloud", "52.30.1.2")
    assert (row["region"], row["date"] < "2030") == ("eu-west-1", True)


@pytest.mark.parametrize(
    ("address", "countries"),
    [
        ("203.0.113.0", ["AU"]),
        ("203.0.113.255", ["AU"]),
        ("203.0.114.1", []),
        ("203.0.115.9", ["DE"]),
    ],
)
def test_a_country_is_told(folder: Path, address: str, countries: list[str]) -> None:
    kind = CountryRanges()
    table = next(one for one in kind.files(folder) if one.path == folder / "geoip")
    assert table.date == date(2026, 6, 25)
    assert [row["country"] for row in kind.rows(table, address)] == countries


@pytest.mark.parametrize(
    ("address", "numbers"),
    [("203.0.113.7", ["64500"]), ("203.0.114.7", []), ("2.0.0.1", []), ("2001:db8::7", ["64501"]),
     ("2001:db9::", []), ("0.0.0.1", [])],
)  # fmt: skip
def test_a_network_is_told(folder: Path, address: str, numbers: list[str]) -> None:
    assert [row["number"] for row in told(folder, "networks", address)] == numbers


def test_an_exit_of_tor_is_told(folder: Path) -> None:
    assert told(folder, "tor-exits", "203.0.113.9")
    assert told(folder, "tor-exits", "2001:db8:0::9")
    assert not told(folder, "tor-exits", "203.0.113.7")


def test_tables_of_maxmind_are_read(folder: Path) -> None:
    write_mmdb(folder / "dbip-asn.mmdb", "203.0.113.0/24", {
        "autonomous_system_number": 64502, "autonomous_system_organization": "Newer"})  # fmt: skip
    write_mmdb(folder / "GeoLite2-Country.mmdb", "203.0.113.0/24", {"country": {"iso_code": "NZ"}})
    assert maxminddb.open_database(folder / "dbip-asn.mmdb").get("203.0.113.7")
    [row] = told(folder, "networks", "203.0.113.7")
    assert (row["number"], row["name"]) == ("64502", "Newer")
    [row] = told(folder, "country", "203.0.113.7")
    assert row["country"] == "NZ"


def test_no_table_is_said_so_with_what_to_do(tmp_path: Path) -> None:
    for table in ("networks", "tor-exits"):
        with pytest.raises(CannotAsk) as refused:
            told(tmp_path, table, "203.0.113.7")
        assert str(tmp_path) in refused.value.because
        assert refused.value.try_


@pytest.mark.parametrize("name", ["cloud-ranges.zz", "ip2asn-combined.tsv.gz", "x-asn.mmdb"])
def test_a_damaged_table_is_said_so(folder: Path, name: str) -> None:
    table = "cloud" if name.startswith("cloud") else "networks"
    (folder / name).write_bytes(b"\x1f\x8b no table")
    with pytest.raises(CannotAsk, match=name):
        told(folder, table, "203.0.113.7")


def test_no_changed_byte_of_a_table_is_too_odd(folder: Path) -> None:
    chance = random.Random(8)
    path = folder / "cloud-ranges.zz"
    whole = path.read_bytes()
    for number in range(300):
        changed = bytearray(whole)
        changed[chance.randrange(len(changed))] = chance.randrange(256)
        path = folder / str(number) / "cloud-ranges.zz"
        path.parent.mkdir()
        path.write_bytes(changed)
        try:
            told(path.parent, "cloud", "203.0.113.7")
        except CannotAsk:
            continue


KINDS: dict[str, TableKind] = {
    "ip2asn-combined.tsv": NetworkOwners(),
    "x-asn.mmdb": MaxmindNetworks(),
    "geoip": CountryRanges(),
    "tor-exits.txt": TorExits(),
}


@pytest.mark.parametrize("name", [*KINDS])
def test_no_table_of_the_user_is_too_odd(tmp_path: Path, name: str) -> None:
    chance = random.Random(name)
    sample = tmp_path / name
    write_mmdb(sample, "203.0.113.0/24", {"autonomous_system_number": 1, "x": {"y": ["z"]}})
    texts = {"geoip": GEOIP, "tor-exits.txt": "203.0.113.9\n", "ip2asn-combined.tsv": NETWORKS}
    whole = texts[name].encode() if name in texts else sample.read_bytes()
    for _ in range(300):
        changed = bytearray(whole)
        for _ in range(chance.randint(1, 5)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        sample.write_bytes(changed)
        with contextlib.suppress(CannotAsk):
            for table in KINDS[name].files(tmp_path):
                if table.path == sample:
                    assert all(row["network"] for row in KINDS[name].rows(table, "203.0.113.7"))


def test_halving_finds_what_reading_all_finds() -> None:
    chance = random.Random(9)
    firsts = sorted(chance.sample(range(1000), 100))
    table = "".join(f"{first},{first + 3},AU\n" for first in firsts).encode()
    for address in range(1000):
        expected = max((first for first in firsts if first <= address), default=None)
        line = line_before(table, address, lambda line: number_of(line.partition(",")[0]))
        assert line.partition(",")[0] == ("" if expected is None else str(expected))


def test_a_folder_that_is_not_there_has_no_tables(tmp_path: Path) -> None:
    assert told(tmp_path / "none", "special", "10.0.0.1")
    assert not [*tmp_path.iterdir()]
