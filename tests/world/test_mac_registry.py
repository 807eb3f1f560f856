import json
import lzma
from datetime import date
from pathlib import Path

import pytest

from whence.model import CannotStore
from whence.world import EPOCH
from whence.world.mac_registry import OWN, MacRegistry, Registry


@pytest.fixture
def registry(tmp_path: Path) -> MacRegistry:
    return MacRegistry(tmp_path, "here", lambda: EPOCH)


@pytest.mark.parametrize(
    ("mac", "maker", "block", "name"),
    [
        ("00:14:22:01:23:45", "Dell Inc.", "00:14:22/24", "MA-L"),
        ("00:55:da:12:34:56", "KoolPOS Inc.", "00:55:da:1/28", "MA-M"),
        ("00:1b:c5:00:01:02", "Converging Systems Inc.", "00:1b:c5:00:0/36", "MA-S"),
    ],
)
def test_the_longest_block_that_holds_an_address_says_who_made_it(
    registry: MacRegistry, mac: str, maker: str, block: str, name: str
) -> None:
    told = registry.maker(mac).json()
    assert (told["maker"], told["block"], told["registry"]) == (maker, block, name)


def test_an_address_of_nobody(registry: MacRegistry) -> None:
    assert registry.maker("52:54:00:01:02:03").text == ""


def test_the_registry_says_how_old_it_is_and_whose(registry: MacRegistry) -> None:
    status = registry.status()
    assert status.date >= date(2026, 8, 26)
    assert "BSD-2-Clause" in status.licence
    assert status.assignments["MA-L"] > 40_000
    assert status.assignments["MA-M"] > 6_000
    assert status.assignments["MA-S"] > 7_000


def test_a_newer_registry_is_laid_over_the_one_in_use(registry: MacRegistry) -> None:
    new = {"525400": "Red Hat", "DAA119": "Random", "BA5500": "A company id"}
    registry.update(Registry(date(2027, 1, 1), "test", "", {**new, "CA5500": "Another"}))
    assert registry.maker("52:54:00:01:02:03").json()["maker"] == "Red Hat"
    assert registry.maker("00:14:22:01:23:45").json()["maker"] == "Dell Inc."
    assert registry.status().date == date(2027, 1, 1)
    assert registry.status().assignments["CID"] == 3


def test_a_registry_that_is_older_than_the_bundled_one_is_not_used(registry: MacRegistry) -> None:
    registry.update(Registry(date(2020, 1, 1), "old", "", {"525400": "Old"}))
    assert registry.maker("52:54:00:01:02:03").text == ""


@pytest.mark.parametrize(
    "content",
    [b"", b"no xz", lzma.compress(b"no json\n"), lzma.compress(json.dumps({}).encode() + b"\n")],
)
def test_a_damaged_registry_is_told_in_words(registry: MacRegistry, content: bytes) -> None:
    (registry.state / OWN).write_bytes(content)
    with pytest.raises(CannotStore):
        registry.maker("00:14:22:01:23:45")


def test_the_same_registry_packs_to_the_same_bytes() -> None:
    one = Registry(date(2027, 1, 1), "test", "", {"525400": "A", "001422": "B"})
    other = Registry(date(2027, 1, 1), "test", "", {"001422": "B", "525400": "A"})
    assert one.packed() == other.packed()
