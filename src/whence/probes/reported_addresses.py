from collections.abc import Iterator

from whence.model import Confidence, Fact, Ip, Mac, probe
from whence.probes._stations import MOST, named, rows
from whence.world import Imported


@probe(answers="was-reported-with")
def reported_addresses(mac: Mac, imported: Imported) -> Iterator[Fact]:
    """Which addresses had this machine, in tables of other machines that were imported?"""
    told = {row["ip"]: (row, line) for row, line in rows(imported.told(mac.address)) if "ip" in row}
    for address, (row, line) in [*told.items()][:MOST]:
        ip = Ip(address)
        yield mac.fact("was-reported-with", ip, line.evidence, confidence=Confidence.REPORTED)
        yield from named(mac, row.get("name", ""), line.evidence)
