"""The cables of the loud host's office: a switch of 24 ports, a hub at one of them, a gateway."""

from __future__ import annotations

from collections.abc import Mapping

from whence.lab.building import CannotBuild
from whence.lab.cables import GATEWAY, lay, provider
from whence.lab.machines import Machine
from whence.lab.stories.loud.drawing import PORTS, Drawn, Seat

QUIET = ("net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")


def connect(
    office: Drawn,
    gateway: Machine,
    outside: Machine,
    switch: Machine,
    hub: Machine,
    hosts: Mapping[str, Machine],
    *,
    bridge: bool,
) -> None:
    """Plug in the cables and give out the addresses."""
    for machine in (gateway, switch, hub, *hosts.values()):
        machine.run("sysctl", "-qw", *QUIET)
    ends = {seat.port: (hosts[seat.name], seat) for seat in office.seats if seat.port != office.hub}
    lay(switch, _switch(office, gateway, hub, ends, bridge=bridge))
    lay(hub, _hub(office, hosts))
    lay(gateway, f"link add wan type veth peer name eth0 netns {outside.first.pid}\n"
           + _gateway(office))  # fmt: skip
    gateway.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
    lay(outside, _outside(office))
    for seat in office.seats:
        give_address(hosts[seat.name], office, seat.address)
        # A datapath in user space takes packets before their checksums are made.
        _quietly(hosts[seat.name], "ethtool", "-K", "eth0", "tx", "off")
    _quietly(gateway, "ethtool", "-K", "lan", "tx", "off")


def give_address(machine: Machine, office: Drawn, address: str) -> None:
    """Give a machine its address and the way outside."""
    machine.run("sh", "-c", "ip address flush dev eth0 scope global")
    lay(
        machine,
        "link set lo up\nlink set eth0 up\n"
        f"addr add {address}/24 brd + dev eth0\nroute replace default via {office.lan}.1\n",
    )


def move(seat: Seat, switch: Machine, host: Machine, to: int) -> None:
    """Take the cable of a machine out of its port, and plug it into another one.

    The ports of the switch stay as they are, as those of any switch do.
    """
    lay(
        host,
        f"link set eth0 down\nlink set eth0 address 02:00:00:00:00:{seat.port:02x}\n"
        f"link set eth0 netns {switch.first.pid} name x{seat.port}\n",
    )
    lay(switch, f"link set x{to} netns {host.first.pid} name eth0\n")
    lay(host, f"link set eth0 address {seat.mac}\n")


def _switch(
    office: Drawn,
    gateway: Machine,
    hub: Machine,
    ends: Mapping[int, tuple[Machine, Seat]],
    *,
    bridge: bool,
) -> str:
    lines = ["link set lo up", f"link add mon type veth peer name mon netns {gateway.first.pid}"]
    lines += ["link set mon up"]
    for port in range(1, PORTS + 1):
        far = f"x{port}"  # nothing is plugged in
        if port == PORTS:
            far = f"lan netns {gateway.first.pid}"
        elif port == office.hub:
            far = f"out netns {hub.first.pid}"
        elif port in ends:
            machine, seat = ends[port]
            far = f"eth0 address {seat.mac} netns {machine.first.pid}"
        lines += [f"link add p{port} type veth peer name {far}", f"link set p{port} up"]
    if bridge:
        lines += ["link add br0 type bridge", "link set br0 up"]
        lines += [f"link set p{port} master br0" for port in range(1, PORTS + 1)]
        lines += [f"addr add {office.lan}.2/24 dev br0"]
    return "\n".join(lines) + "\n"


def _hub(office: Drawn, hosts: Mapping[str, Machine]) -> str:
    """Make a hub: a bridge that forgets at once whom it heard, and so sends everything to all."""
    lines = ["link set lo up", "link add hub type bridge ageing_time 0", "link set hub up"]
    lines += ["link set out master hub up"]
    for number, seat in enumerate(office.neighbours, start=1):
        pid = hosts[seat.name].first.pid
        lines += [f"link add h{number} type veth peer name eth0 address {seat.mac} netns {pid}"]
        lines += [f"link set h{number} master hub up"]
    return "\n".join(lines) + "\n"


def _gateway(office: Drawn) -> str:
    return f"""\
link set lo up
link set lan up
link set wan up
link set mon arp off up promisc on
addr add {office.lan}.1/24 brd + dev lan
addr add {office.wan}/24 dev wan
route add default via {GATEWAY}
"""


def _outside(office: Drawn) -> str:
    here = provider((office.web, office.backup), office.lan, office.wan)
    return f"{here}addr add {office.remote}/32 dev lo\n"


def _quietly(machine: Machine, *argv: str) -> None:
    try:
        machine.run(*argv)
    except CannotBuild:
        return  # a driver that has no such feature
