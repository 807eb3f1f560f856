import ipaddress
from collections.abc import Iterator

from whence.model import Fact, Flow, Ip, probe
from whence.probes._stations import Row, rows
from whence.world import Neighbours


@probe(answers="ends-at", near=0)
def on_our_link(flow: Flow, neighbours: Neighbours) -> Iterator[Fact]:
    """Is one of its ends a machine on a link of ours?"""
    for address in dict.fromkeys((flow.destination, flow.source)):
        if address is None or (":" in address and address.startswith("ff")):
            continue
        for row, line in rows(neighbours.known()):
            if _is_there(address, row) or _is_on(address, row):
                yield flow.fact("ends-at", Ip(address), line.evidence)
                break


def _is_there(address: str, row: Row) -> bool:
    """Say whether the kernel knows it; the loopback interface, which has no MAC, is no link."""
    return row.get("ip") == address and (row["state"] != "OWN" or bool(row["mac"]))


def _is_on(address: str, row: Row) -> bool:
    """Say whether an address of ours is in one network with another."""
    if row.get("state") != "OWN" or row["namespace"] or not row["mac"]:
        return False
    network = ipaddress.ip_network(f"{row['ip']}/{row['prefix']}", strict=False)
    found = ipaddress.ip_address(address)
    return found in network and found not in (network.network_address, network.broadcast_address)
