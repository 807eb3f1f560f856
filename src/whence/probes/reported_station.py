from collections.abc import Iterator

from whence.model import Confidence, Fact, Ip, probe
from whence.probes._stations import mac, named, rows
from whence.world import Imported

REPORTED = Confidence.REPORTED


@probe(answers="was-reported-at")
def reported_station(ip: Ip, imported: Imported) -> Iterator[Fact]:
    """Which MAC address had this address, in tables of other machines that were imported?"""
    for row, line in rows(imported.told(ip.address)):
        station = mac(row.get("mac"))
        place = f"{row['file']} line {row['line']}"
        if station:
            yield ip.fact("was-reported-at", station, line.evidence, confidence=REPORTED)
        elif row.get("state"):
            text = f"{row['state']}, {place}"
            yield ip.fact("does-not-answer", text, line.evidence, confidence=REPORTED)
        if ends := row.get("ends"):
            yield ip.fact("has-lease", f"until {ends}, {place}", line.evidence, confidence=REPORTED)
        if not row.get("asked"):
            yield from named(ip, row.get("name", ""), line.evidence)
