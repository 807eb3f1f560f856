"""The cables of the office: every one of them ends in namespaces of the lab, none on the host."""

from __future__ import annotations

from whence.lab.cables import GATEWAY, lay, provider, station
from whence.lab.machines import Machine
from whence.lab.stories.firewall.drawing import Drawn

MASQUERADE = """\
table ip office {
  chain leaving {
    type nat hook postrouting priority srcnat
    oifname "wan" masquerade
  }
}
"""


def connect(
    story: Drawn, firewall: Machine, outside: Machine, desk: Machine, files: Machine
) -> None:
    """Plug in the cables and give out the addresses."""
    lay(firewall, _cables(outside, desk, files) + _firewall(story))
    firewall.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
    if story.inside:
        firewall.run("nft", "-f", "-", text=MASQUERADE)
    lay(outside, _outside(story))
    for machine, address in ((desk, story.desk), (files, story.files)):
        lay(machine, station(address, story.lan))


def _cables(outside: Machine, desk: Machine, files: Machine) -> str:
    ends = (("wan", outside), ("lan1", desk), ("lan2", files))
    return "".join(
        f"link add {name} type veth peer name eth0 netns {machine.first.pid}\n"
        for name, machine in ends
    )


def _firewall(story: Drawn) -> str:
    return f"""\
link set lo up
link add lan type bridge
link set lan1 master lan up
link set lan2 master lan up
link set lan up
link set wan up
addr add {story.lan}.1/24 dev lan
addr add {story.wan}/24 dev wan
route add default via {GATEWAY}
"""


def _outside(story: Drawn) -> str:
    there = (story.innocent,) if story.inside else (story.remote, story.innocent)
    far = "".join(f"addr add {address}/32 dev lo\n" for address in there)
    return provider((story.web,), story.lan, story.wan) + far
