"""The cables of the office: every one of them ends in namespaces of the lab, none on the host."""

from __future__ import annotations

from whence.lab.machines import Machine
from whence.lab.stories.firewall.drawing import Drawn

GATEWAY = "198.51.100.1"


def connect(
    story: Drawn, firewall: Machine, outside: Machine, desk: Machine, files: Machine
) -> None:
    """Plug in the cables and give out the addresses."""
    firewall.run("ip", "-batch", "-", text=_cables(outside, desk, files) + _firewall(story))
    firewall.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
    outside.run("ip", "-batch", "-", text=_outside(story))
    for machine, address in ((desk, story.desk), (files, story.files)):
        machine.run("ip", "-batch", "-", text=_inside(story, address))


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
    return f"""\
link set lo up
link set eth0 up
addr add {GATEWAY}/24 dev eth0
addr add {story.web}/32 dev eth0
addr add {story.remote}/32 dev lo
addr add {story.innocent}/32 dev lo
route add {story.lan}.0/24 via {story.wan}
"""


def _inside(story: Drawn, address: str) -> str:
    return f"""\
link set lo up
link set eth0 up
addr add {address}/24 dev eth0
route add default via {story.lan}.1
"""
