"""Building the loud host's office: gateway, switch, hub, a dozen machines, ordinary life."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from whence.lab.building import run
from whence.lab.contract import NEVER, Office, Site
from whence.lab.machines import Machine
from whence.lab.programs import CALLER, LOG, RESPONDER, SAVER
from whence.lab.root_view import HOME, give_a_root_view, write
from whence.lab.stories.loud import servers, wiring
from whence.lab.stories.loud.drawing import PORTS, Drawn, draw

HERE = Path(__file__).parent
FLOOD = (sys.executable, "-I", str(HERE / "flood.py"))
FORGE = (sys.executable, "-I", str(HERE / "forge.py"))
SWITCHES = f"{HOME}/.config/whence/switches.toml"
PLAN = f"{HOME}/cables.csv"
LEASES = "/var/lib/misc/dnsmasq.leases"
DHCPD = "/var/lib/dhcp/dhcpd.leases"
MIRRORED = ("mirror", "spoofed")  # variants with a switch that can only mirror
ENDS = {"off": "is silent since", "twins": "goes on after the change"}  # if a cable is pulled
PIECES = 45  # a second, of the backup: more bytes than the loud one sends, in fewer packets
SETTINGS = """\
[defaults]
community = "public"

[[switch]]
name = "{name}"
url = "snmp://{address}"
"""


def build(office: Drawn, site: Site) -> Office:
    """Build the office."""
    snmp = office.variant not in MIRRORED
    sockets = site.folder / "switch"  # all of the lab that is to be seen on the gateway
    sockets.mkdir()
    gateway, outside, switch, hub = map(site.boot, ("gateway", "outside", "switch", "hub"))
    hosts = {seat.name: site.boot(seat.machine) for seat in office.seats}
    wiring.connect(office, gateway, outside, switch, hub, hosts, bridge=snmp)
    if snmp:
        servers.serve_snmp(switch, office, sockets)
    else:
        servers.serve_open_vswitch(switch, office.switch, sockets)
    _furnish(gateway, office, sockets, snmp=snmp)
    for seat in (office.loud, office.twin):
        servers.serve_names(hosts[seat.name], seat, site.folder / f"names-{seat.name}")
    _begin_ordinary_life(office, outside, hosts, site.folder / LOG)
    _make_loud(office, gateway, hosts)
    return Office(
        "loud",
        office.seed,
        office.variant,
        f"The line of {office.hostname} is full, and nobody knows why.",
        (*gateway.inside, "env", f"HOME={HOME}"),
        truth(office),
        {"sockets": str(sockets)},
        (gateway, outside, switch, hub, *hosts.values()),
    )


def drawn(office: Office) -> Drawn:
    """Give what an office was built from."""
    return draw(office.seed, office.variant)


def truth(office: Drawn) -> dict[str, str]:
    """Say what the answers must name, and whom they must not."""
    loud = office.loud
    here = office.spare if office.variant == "moved" else loud.port
    cable = office.cable(here)
    found = {
        "address": loud.address,
        "remote": f"{office.remote} port {office.port}",
        "card": loud.mac,
        "maker": loud.maker,
        "name": loud.name,
        "port": f"p{here}",
        "outlet": cable.outlet,
        "room": cable.room,
    }
    innocent = [seat for seat in office.seats if seat != loud]
    if office.variant == "twins":
        found["second card"] = office.twin.mac
        found["conflict"] = f"Conflict: 2 stations answer for {loud.address}"
        for what in ("name", "port", "outlet", "room"):  # it may be either of them
            del found[what]
        innocent = [seat for seat in innocent if seat != office.twin]
    if office.variant == "spoofed":
        found["address"] = office.forged
        found["silence"] = "no station answers"
        for what in ("card", "maker", "name"):
            del found[what]
        innocent = list(office.seats)
    if office.variant == "off":
        found["silence"] = "does not answer"
        found["name"] = loud.name.lower()  # of the lease: nobody is there to ask
    found["end"] = ENDS.get(office.variant, "fell silent at")
    wrong = [word for seat in innocent for word in (seat.name, seat.address, seat.mac)]
    if office.variant == "twins":
        wrong.append("fell")  # silent, since only the other one's cable is pulled
    if "port" in found:
        others = {cable for cable in office.cables if cable.port not in (here, PORTS)}
        wrong += [cable.outlet for cable in sorted(others, key=lambda cable: cable.port)]
    return found | {f"{NEVER} said to be it": " ".join(wrong)}


def _make_loud(office: Drawn, gateway: Machine, hosts: dict[str, Machine]) -> None:
    there = f"{office.remote}:{office.port}"
    host = hosts[office.loud.name]
    if office.variant == "spoofed":
        shown = json.loads(gateway.run("ip", "-json", "link", "show", "dev", "lan"))
        host.start(*FORGE, office.forged, there, str(office.rate), shown[0]["address"])
    else:
        host.start(*FLOOD, there, str(office.rate), "forever")


def _furnish(gateway: Machine, office: Drawn, sockets: Path, *, snmp: bool) -> None:
    give_a_root_view(gateway, ("/etc", "/var"), keep=sockets)
    gateway.run("rm", "-rf", "/var/lib/whence", LEASES, DHCPD)
    gateway.run("hostname", office.hostname)
    write(gateway, "/etc/hosts", f"127.0.0.1 localhost\n{office.wan} {office.hostname}\n")
    if office.variant == "clocks":
        write(gateway, DHCPD, servers.leases_of_dhcpd(office))
    else:
        write(gateway, LEASES, servers.leases(office))
    write(gateway, PLAN, servers.plan(office))
    if snmp:
        text = SETTINGS.format(name=office.switch, address=f"{office.lan}.2")
        write(gateway, SWITCHES, text, "600")
    # The last of it: from now on only its own processes are seen there.
    run((*gateway.inside, "mount", "-n", "-t", "proc", "proc", "/proc"))


def _begin_ordinary_life(
    office: Drawn, outside: Machine, hosts: dict[str, Machine], log: Path
) -> None:
    web, backup = f"{office.web}:80", f"{office.backup}:873"
    outside.start(*RESPONDER, str(log), "-", web, f"{office.remote}:{office.port}")
    outside.start(*SAVER, "at", backup)
    files = office.seats[-2]  # a server of the office
    hosts[files.name].start(*RESPONDER, "-", "-", f"{files.address}:445")
    for seat in office.seats:
        if seat != files:
            hosts[seat.name].start(*CALLER, web, f"{files.address}:445")
    if office.variant == "backup":
        hosts[files.name].start(*SAVER, "to", backup, str(PIECES))
    if office.variant == "twins":
        wiring.give_address(hosts[office.twin.name], office, office.loud.address)
