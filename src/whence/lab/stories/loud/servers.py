"""The servers of the loud host's office: of the switch, of names; leases, the plan of cables."""

from __future__ import annotations

import csv
import io
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from whence.lab.building import CannotBuild, run, tool
from whence.lab.machines import Machine
from whence.lab.office_switch_settings import SNMP
from whence.lab.stories.loud.drawing import PORTS, Drawn, Seat

AGENT = Path(__file__).parents[2] / "office_switch_agent.py"
OVS_SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
OWN_INTERFACES = 'mount -n -t sysfs ports /sys && exec "$@"'  # which the agent looks up there
LEASED = timedelta(minutes=10)
PATIENCE = 15.0  # s for a daemon to serve
SAMBA = """\
[global]
netbios name = {name}
workgroup = OFFICE
interfaces = eth0
bind interfaces only = yes
private dir = {folder}
lock directory = {folder}
state directory = {folder}
cache directory = {folder}
pid directory = {folder}
ncalrpc dir = {folder}/ncalrpc
log file = {folder}/log
server role = standalone server
disable netbios = no
local master = no
domain master = no
preferred master = no
"""


def serve_snmp(switch: Machine, office: Drawn, folder: Path) -> None:
    """Start snmpd and lldpd on a switch that is a Linux bridge."""
    agent = f"{sys.executable} -I {AGENT}"
    settings = SNMP.format(address=f"{office.lan}.2", folder=folder, agent=agent)
    settings = settings.replace("office-sw-1", office.switch)
    (folder / "snmpd.conf").write_text(settings)
    (folder / "snmp").mkdir()
    places = (f"SNMP_PERSISTENT_DIR={folder}/snmp", f"SNMPCONFPATH={folder}")
    switch.start(
        "unshare", "--mount", "sh", "-c", OWN_INTERFACES, "sh", "env", *places,
        tool("snmpd"), "-f", "-Lo", "-C", "-c", str(folder / "snmpd.conf"), "-I", "-smux",
    )  # fmt: skip
    _wait_for("snmpd", (folder / "agentx.sock").exists)
    switch.start(
        tool("lldpd"), "-d", "-x", "-X", str(folder / "agentx.sock"),
        "-u", str(folder / "lldpd.sock"), "-I", "p*", "-S", "switch of the lab",
    )  # fmt: skip


def serve_open_vswitch(switch: Machine, name: str, folder: Path) -> None:
    """Start Open vSwitch with its datapath in user space: no kernel module is needed."""
    places = [f"OVS_{name}DIR={folder}" for name in ("RUN", "DB", "LOG", "SYSCONF")]
    quiet = ("-vconsole:off", "-vsyslog:off")
    run(("ovsdb-tool", "create", str(folder / "conf.db"), OVS_SCHEMA))
    sockets = (f"--remote=punix:{folder}/db.sock", f"--unixctl={folder}/db.ctl")
    database = str(folder / "conf.db")
    switch.start("env", *places, tool("ovsdb-server"), database, *sockets, *quiet)
    _wait_for("ovsdb-server", (folder / "db.sock").exists)
    vsctl = ("ovs-vsctl", f"--db=unix:{folder}/db.sock", "--timeout=15", "--retry")
    run((*vsctl, "--no-wait", "init"))
    switch.start("env", *places, tool("ovs-vswitchd"), f"unix:{folder}/db.sock",
                 f"--unixctl={folder}/switch.ctl", *quiet)  # fmt: skip
    _wait_for("ovs-vswitchd", (folder / "switch.ctl").exists)
    words = f"add-br {name} -- set bridge {name} datapath_type=netdev".split()
    for port in (*(f"p{number}" for number in range(1, PORTS + 1)), "mon"):
        words += f"-- add-port {name} {port}".split()
    run((*vsctl, *words))


def serve_names(host: Machine, seat: Seat, folder: Path) -> None:
    """Start samba's nmbd on a machine, which tells its NetBIOS name to who asks."""
    folder.mkdir()
    settings = folder / "smb.conf"
    settings.write_text(SAMBA.format(name=seat.name, folder=folder))
    host.start(tool("nmbd"), "--foreground", "--no-process-group", "-s", str(settings))


def leases(office: Drawn) -> str:
    """Write down the leases, as dnsmasq does: of the others, they were not given by DHCP."""
    ends = int(time.time()) + 43200
    return "".join(
        f"{ends} {seat.mac} {seat.address} {seat.name.lower()} 01:{seat.mac}\n"
        for seat in office.seats
    )


def leases_of_dhcpd(office: Drawn) -> str:
    """Write the leases of a server whose clock is wrong, as ISC's dhcpd does.

    They are short; who had the loud one's address before is another machine.
    """
    here = datetime.now(UTC) + timedelta(seconds=office.skew)
    former = replace(office.seats[-1], address=office.loud.address)
    blocks = [_block(former, here - timedelta(minutes=14))]
    blocks += [_block(seat, here - timedelta(minutes=3)) for seat in office.seats]
    return (
        "# The format of this file is documented in the dhcpd.leases(5) manual page.\n"
        + "".join(blocks)
    )


def _block(seat: Seat, starts: datetime) -> str:
    times = [f"{when:%w %Y/%m/%d %H:%M:%S}" for when in (starts, starts + LEASED)]
    return (
        f"lease {seat.address} {{\n  starts {times[0]};\n  ends {times[1]};\n"
        f"  binding state active;\n  hardware ethernet {seat.mac};\n"
        f'  client-hostname "{seat.name.lower()}";\n}}\n'
    )


def plan(office: Drawn) -> str:
    """Write the plan of cables that somebody kept, as a spreadsheet does."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(("switch", "port", "panel", "panel_port", "outlet", "room"))
    for cable in office.cables:
        place = (cable.panel, cable.panel_port, cable.outlet, cable.room)
        lines.writerow((office.switch, f"p{cable.port}", *place))
    return text.getvalue()


def _wait_for(what: str, serves: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not serves():
        if time.monotonic() > deadline:
            raise CannotBuild(f"{what} of the lab does not come up", try_="whence lab down")
        time.sleep(0.02)
