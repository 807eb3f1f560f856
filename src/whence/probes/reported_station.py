from collections.abc import Iterator
from datetime import UTC, datetime

from whence.model import Confidence, Fact, Ip, probe
from whence.model.leases.lease import ENDED
from whence.probes._stations import Row, mac, named, rows
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
        if isinstance(ends := row.get("ends"), int):
            lease = f"{_end(ends, row)} UTC, {place}"
            yield ip.fact("has-lease", lease, line.evidence, confidence=REPORTED)
        if not row.get("asked"):
            yield from named(ip, row.get("name", ""), line.evidence)


def _end(ends: int, row: Row) -> str:
    """Say until when a lease was, as it was when the file told of it; the end is in µs."""
    end = datetime.fromtimestamp(ends / 1_000_000, UTC)
    told = row.get("at")
    over = row.get("state") in ENDED or (told and end < datetime.fromisoformat(str(told)))
    return f"{'ended' if over else 'until'} {end:%Y-%m-%d %H:%M}"
