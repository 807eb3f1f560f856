"""The cables of the office: its stations are on one switch; behind the firewall nobody answers."""

from __future__ import annotations

from collections.abc import Mapping

from whence.lab.cables import GATEWAY, lay, provider, station
from whence.lab.machines import Machine
from whence.lab.stories.ghosts.drawing import Drawn


def connect(drawn: Drawn, wall: Machine, outside: Machine, inside: Mapping[str, Machine]) -> None:
    """Plug in the cables and give out the addresses; ``inside`` is by address."""
    lay(wall, _firewall(drawn, outside, inside))
    wall.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
    lay(outside, _outside(drawn))
    for address, machine in inside.items():
        lay(machine, station(address, drawn.lan))


def _firewall(drawn: Drawn, outside: Machine, inside: Mapping[str, Machine]) -> str:
    plugs = "".join(
        f"link add port{number} type veth peer name eth0 netns {machine.first.pid}\n"
        f"link set port{number} master inside up\n"
        for number, machine in enumerate(inside.values(), start=1)
    )
    return f"""\
link set lo up
link add inside type bridge
link add outside type veth peer name eth0 netns {outside.first.pid}
{plugs}link set inside up
link set outside up
addr add {drawn.lan}.1/24 dev inside
addr add {drawn.wan}/24 dev outside
route add default via {GATEWAY}
"""


def _outside(drawn: Drawn) -> str:
    """What is not outside either goes nowhere, and nobody is told: as at any provider."""
    private = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")  # RFC 1918
    nowhere = "".join(f"route add blackhole {network}\n" for network in private)
    return provider((drawn.web,), drawn.lan, drawn.wan) + nowhere
