"""The loud host: one machine sends far more than all others, and nobody knows which."""

from whence.lab.contract import Story
from whence.lab.stories.loud.building import build
from whence.lab.stories.loud.drawing import VARIANTS, Drawn, draw
from whence.lab.stories.loud.telling import judge, tell

STORY: Story[Drawn] = Story(
    name="loud",
    about="The loud host: the line is full, and nobody knows whose traffic it is",
    variants=VARIANTS,
    by_hand=(
        "capture on the gateway, and sort who sends how much to whom",
        "look the address up in the ARP table of the gateway",
        "look the MAC address up in the list of the IEEE",
        "look the address up in the leases, and ask it for its NetBIOS name",
        "log in to the switch and search its forwarding table for the MAC address",
        "see how many addresses are at that port, to know that a hub is there",
        "look the port up in the plan of cables: patch panel, outlet, room",
        "go there, and unplug the machines one after the other while somebody watches",
        "capture on the gateway again, to know that it was the right one",
    ),
    draw=draw,
    build=build,
    tell=tell,
    judge=judge,
    needs=("snmpd", "lldpd", "nmbd", "ovs-vswitchd", "ovsdb-server", "ethtool"),
)
