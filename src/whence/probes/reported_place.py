from collections.abc import Iterator

from whence.model import Confidence, Fact, Mac, SwitchPort, probe
from whence.probes._stations import rows
from whence.world import Imported

UNNAMED = "a switch that is not named"


@probe(answers="plugged-in-at", near=2)
def reported_place(mac: Mac, imported: Imported) -> Iterator[Fact]:
    """At which switch port was this machine learned, in forwarding tables that were imported?

    A port at which others were learned, too, may lead to another switch.
    """
    for row, line in rows(imported.told(mac.address)):
        if "port" not in row:
            continue
        port = SwitchPort(row.get("host", UNNAMED), row["port"])
        relation = "plugged-in-at" if row["alone"] else "reached-through"
        heard = "alone at that port" if row["alone"] else "with others at that port"
        text = f"in {row['file']} line {row['line']}: learned {heard}"
        yield mac.fact(relation, port, line.evidence, confidence=Confidence.REPORTED)
        yield mac.fact("was-heard", text, line.evidence, confidence=Confidence.REPORTED)
