"""The clouds publish which addresses they have, for what and where."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from whence.model import Confidence, Fact, Remote, probe
from whence.probes._tables import TableRow, table_rows
from whence.world import AddressTables


@probe(answers="belongs-to-cloud", near=1)
def cloud(remote: Remote, tables: AddressTables) -> Iterator[Fact]:
    """Which cloud has this address, for which service, in which region?"""
    told: dict[tuple[str, str], list[TableRow]] = defaultdict(list)
    for row in table_rows(remote, "cloud", tables):
        told[row.told["provider"], row.told["region"]].append(row)
    for (provider, region), rows in told.items():
        services = ", ".join(row.told["service"] for row in rows if row.told["service"])
        text = f"{provider} {services}".rstrip() + (f" in {region}" if region else "")
        yield remote.fact(
            "belongs-to-cloud",
            rows[0].dated(text),
            *(row.evidence for row in rows),
            confidence=Confidence.LIKELY,
        )
