from collections.abc import Iterator

from whence.model import Fact, Mac, probe
from whence.model.mac_addresses import mac_kind
from whence.probes._stations import rows
from whence.world import MacMakers


@probe(answers="has-maker")
def maker(mac: Mac, makers: MacMakers) -> Iterator[Fact]:
    """Who made this network card, or what else does its address say?"""
    reading, kind = makers.maker(mac.address), mac_kind(mac.address)
    if kind.words:
        yield mac.fact("is-a", kind.words, reading.whole())
    if not kind.has_maker:
        return
    for row, line in rows(reading):
        who = row["maker"] or "not told: its holder does not want to be named"
        yield mac.fact("has-maker", who, line.evidence)
        text = f"{row['block']} of {row['registry']}, IEEE, as of {row['date']}"
        yield mac.fact("is-in-block", text, line.evidence)
