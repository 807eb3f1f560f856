"""What the stories share of their networks: cables and addresses, in the words of ip(8)."""

from __future__ import annotations

from collections.abc import Sequence

from whence.lab.machines import Machine

GATEWAY = "198.51.100.1"  # of the provider, outside: RFC 5737


def lay(machine: Machine, lines: str) -> None:
    """Carry out lines of ip(8) on a machine; cables end in other machines, none on the host."""
    machine.run("ip", "-batch", "-", text=lines)


def station(address: str, lan: str) -> str:
    """Give a machine of the inside network its address; ``lan`` is the network's first octets."""
    return f"""\
link set lo up
link set eth0 up
addr add {address}/24 dev eth0
route add default via {lan}.1
"""


def provider(addresses: Sequence[str], lan: str, wan: str) -> str:
    """Give the machine outside its addresses, and the way back to the inside network."""
    here = "".join(f"addr add {address}/32 dev eth0\n" for address in addresses)
    return f"""\
link set lo up
link set eth0 up
addr add {GATEWAY}/24 dev eth0
{here}route add {lan}.0/24 via {wan}
"""
