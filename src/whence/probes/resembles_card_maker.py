"""Is who is at the other end the maker of a network card of this machine?"""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import CannotAsk, Fact, Organisation, probe
from whence.model.mac_addresses import mac_kind
from whence.model.maker_names import Maker
from whence.probes._files import names_in, read_if_there
from whence.probes._makers_here import Made, resembling
from whence.probes._stations import rows
from whence.world import Host, MacMakers

FOLDER = "/sys/class/net"  # sysfs-class-net: "address", as the card has it
MOST = 64  # interfaces; of containers there are hundreds, and none is a card


@probe(answers="resembles-maker-of", near=3)
def resembles_card_maker(
    organisation: Organisation, host: Host, makers: MacMakers
) -> Iterator[Fact]:
    """Does this organisation resemble the maker of a network card of this machine?"""
    yield from resembling(organisation, _inventory(host, makers))


def _inventory(host: Host, makers: MacMakers) -> Iterator[Made]:
    for name in names_in(host, FOLDER)[:MOST]:
        reading = read_if_there(host, f"{FOLDER}/{name}/address")
        address = reading.text.strip() if reading else ""
        if address.count(":") != 5 or not mac_kind(address).has_maker:
            continue
        try:
            found = [*rows(makers.maker(address))]
        except CannotAsk:
            continue
        for row, line in found:
            if row["maker"]:
                yield (
                    f"the network card {name} ({row['maker']})",
                    Maker(row["maker"]),
                    line.evidence,
                )
