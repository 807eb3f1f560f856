"""Which machines share a switch port, where they are few."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Reach, SwitchPort, probe
from whence.model.mac_addresses import mac_kind
from whence.model.wiring import is_switch
from whence.probes._places import rows_at
from whence.world import Switches

MOST = 8  # addresses; of a crowd only the number is told


@probe(answers="has-learned", reach=Reach.DEVICE, near=3)
def learned_there(port: SwitchPort, switches: Switches) -> Iterator[Fact]:
    """Which addresses are learned at this switch port, if a few machines share it?"""
    wiring = switches.wiring()
    leads_on = any(map(is_switch, wiring.neighbours_at(port)))
    if leads_on or wiring.leads_to(wiring.whole(port)):
        return
    learned = {row.mac: row for row in rows_at(port, wiring)}
    if 1 < len(learned) <= MOST:
        for mac, row in sorted(learned.items()):
            words = mac_kind(mac).words
            yield port.fact("has-learned", f"{mac} ({words})" if words else mac, *row.evidence)
