from collections.abc import Iterator

from whence.model import Confidence, Fact, Flow, probe
from whence.probes._stations import mac, rows
from whence.world import Imported


@probe(answers="is-told-of-in", near=0)
def reported_machine(flow: Flow, imported: Imported) -> Iterator[Fact]:
    """Does a table that was imported tell which machine has the address?"""
    if flow.destination is None:
        return
    told = [one for one in rows(imported.told(flow.destination)) if mac(one[0].get("mac"))]
    if told:
        row, line = told[-1]  # the latest
        place = f"{row['file']} line {row['line']}"
        yield flow.fact("is-told-of-in", place, line.evidence, confidence=Confidence.REPORTED)
