from collections.abc import Iterator

from whence.model import Confidence, Fact, Hostname, Remote, probe
from whence.probes._stations import rows
from whence.world import Imported


@probe(answers="is-called", near=1)
def reported_names(remote: Remote, imported: Imported) -> Iterator[Fact]:
    """Which name was asked for before it was called, in logs that were imported?"""
    told = {
        row["name"]: line
        for row, line in rows(imported.told(remote.address))
        if row.get("asked") and "name" in row
    }
    for name, line in told.items():
        yield remote.fact(
            "is-called", Hostname(name.lower()), line.evidence, confidence=Confidence.REPORTED
        )
