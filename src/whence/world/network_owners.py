"""Which network announces an address: ip2asn's tables, if the user dropped one in.

A line is: first address, last address, number of the network (ASN), country, who it is; by tabs.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path

from whence.world.data_tables import DataTable, Row, unreadable, written_on
from whence.world.sorted_lines import line_before, number_of, table_bytes

PATTERN = "ip2asn*.tsv*"  # ip2asn-v4.tsv.gz, ip2asn-v6.tsv, ip2asn-combined.tsv.gz
LONGEST = 200  # characters of a name


class NetworkOwners:
    """Which network (autonomous system) announces an address, and whose that is."""

    name = "announced networks"
    advice = "put ip2asn-v4.tsv.gz and ip2asn-v6.tsv.gz (iptoasn.com), or an asn.mmdb, there"

    def files(self, folder: Path) -> Iterator[DataTable]:
        """Give the user's tables."""
        for path in sorted(folder.glob(PATTERN)):
            if path.suffix in (".tsv", ".gz"):
                try:
                    day = written_on(path)
                except OSError as e:
                    raise unreadable(path, e) from e
                yield DataTable(self.name, path, day, "iptoasn.com", "PDDL")

    def rows(self, table: DataTable, address: str) -> Iterator[Row]:
        """Give the network of the range that holds the address."""
        asked = ipaddress.ip_address(address)
        try:
            whole = table_bytes(table.path)
        except (OSError, ValueError, EOFError) as e:
            raise unreadable(table.path, e) from e

        def first(line: str) -> int | None:
            """Order IPv4 before all of IPv6, as the combined table does."""
            begin = line.partition("\t")[0]
            if (":" in begin) == (asked.version == 6):
                return number_of(begin)
            return -1 if asked.version == 6 else 1 << 129

        fields = line_before(whole, int(asked), first).split("\t")
        if len(fields) < 5 or fields[2] in ("", "0"):  # 0: announced by nobody
            return
        begin, last, number, country, who = fields[:5]
        end = number_of(last)
        if end is not None and (":" in last) == (asked.version == 6) and int(asked) <= end:
            yield {
                "network": f"{begin} - {last}",
                "number": number,
                "country": country,
                "name": who.strip()[:LONGEST],
            }
