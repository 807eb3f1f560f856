"""The addresses of large clouds, with service and region, packed; the user may have a newer table.

The packed form is zlib of: a line of JSON (``date``, ``source``, ``licence``, ``labels``; ``v4``
and ``v6``: numbers of records), then the records, sorted. A record is a network's address (4 or 16
bytes), its prefix length (1 byte), and the number of a label (2 bytes), all big-endian. A label is
a list of [provider, service, region]. ``bench/remote/pack_cloud_ranges.py`` makes it.
"""

from __future__ import annotations

import ipaddress
import json
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from whence.world.data_tables import DataTable, Row, unreadable

BUNDLED = Path(__file__).with_name("cloud_ranges.zz")
DROPPED = "cloud-ranges.zz"
LARGEST = 64 << 20  # bytes, unpacked; the table of 2026 takes 1 MB
TAIL = 3  # bytes after the address: prefix length and label


@dataclass(frozen=True, slots=True)
class _Opened:
    head: dict[str, object]
    labels: list[list[list[str]]]
    records: dict[int, memoryview]  # 4 and 6 → the records


class CloudRanges:
    """Which cloud, service and region an address is of."""

    name = "cloud ranges"
    advice = "install whence again: the table comes with it"

    def files(self, folder: Path) -> Iterator[DataTable]:
        """Give the bundled table and the user's own."""
        for path in (BUNDLED, folder / DROPPED):
            if path == BUNDLED or path.exists():
                head = _open(path).head
                day = date.fromisoformat(str(head["date"]))
                yield DataTable(self.name, path, day, str(head["source"]), str(head["licence"]))

    def rows(self, table: DataTable, address: str) -> Iterator[Row]:
        """Give what the narrowest range says that holds the address."""
        opened, asked = _open(table.path), ipaddress.ip_address(address)
        records, size = opened.records[asked.version], asked.max_prefixlen // 8
        for length in range(asked.max_prefixlen, 0, -1):
            network = ipaddress.ip_network((asked, length), strict=False)
            key = network.network_address.packed + bytes((length,))
            label = _find(records, key, size + TAIL)
            if label is not None:
                for provider, service, region in opened.labels[label]:
                    yield {
                        "network": str(network),
                        "provider": provider,
                        "service": service,
                        "region": region,
                    }
                return


def _find(records: memoryview, key: bytes, size: int) -> int | None:
    def at(index: int) -> bytes:
        return bytes(records[index * size : index * size + len(key)])

    count = len(records) // size
    index = bisect_left(range(count), key, key=at)
    if index < count and at(index) == key:
        return int.from_bytes(records[(index + 1) * size - 2 : (index + 1) * size], "big")
    return None


@lru_cache(maxsize=4)
def _open(path: Path) -> _Opened:
    try:
        unpacked = zlib.decompressobj().decompress(path.read_bytes(), LARGEST)
        end = unpacked.index(b"\n")
        head = json.loads(unpacked[:end])
        date.fromisoformat(head["date"])
        first = end + 1 + int(head["v4"]) * (4 + TAIL)
        last = first + int(head["v6"]) * (16 + TAIL)
        if last != len(unpacked):
            raise ValueError("it is cut off")
        view = memoryview(unpacked)
        return _Opened(head, head["labels"], {4: view[end + 1 : first], 6: view[first:last]})
    except (OSError, zlib.error, ValueError, KeyError, TypeError) as e:
        raise unreadable(path, e) from e
