from collections.abc import Iterator

from whence.model import Fact, Mac, probe
from whence.model.mac_addresses import mac_kind
from whence.probes._stations import rows
from whence.world import MacMakers

PRIVATE = "Private"  # so the IEEE lists who paid for not being named


@probe(answers="has-maker")
def maker(mac: Mac, makers: MacMakers) -> Iterator[Fact]:
    """Who made this network card, or what else does its address say?"""
    reading, kind = makers.maker(mac.address), mac_kind(mac.address)
    if kind.words:
        yield mac.fact("is-a", kind.words, reading.whole())
    if not kind.has_maker:
        return
    for row, line in rows(reading):
        text = f"{row['block']} of {row['registry']}, IEEE, as of {row['date']}"
        if not row["maker"]:
            text += ": given out in smaller blocks, and its own is not listed"
        elif row["maker"] == PRIVATE:
            text += ": its holder does not want to be named"
        else:
            yield mac.fact("has-maker", row["maker"], line.evidence)
        yield mac.fact("is-in-block", text, line.evidence)
