"""A switch of an office, 24 or 48 ports in network namespaces: a Linux bridge or Open vSwitch.

``with office_switch(24) as switch:`` builds it within a second or two. In the namespace
``switch.desk`` are ``mon0``, to which the switch mirrors, and ``mgmt0``, by which its agent is
asked. The far ends of the ports are ``h1``, ``h2`` … in one namespace, where frames are sent from;
a port whose far end is to be a real machine gets a namespace of its own.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from whence.lab.building import CannotBuild, run, tool
from whence.lab.office import require_root
from whence.lab.office_switch_settings import OPEN_VSWITCH, SNMP

Kind = Literal["bridge", "ovs"]
PREFIX = "whsw"
MANAGEMENT, DESK = "10.98.0.1", "10.98.0.2"
PATIENCE = 15.0  # s for a daemon to serve
_NUMBERS = itertools.count(1)  # of switches that this process built


@dataclass(slots=True)
class OfficeSwitch:
    """A switch that is up."""

    ports: int
    kind: Kind
    folder: Path
    namespace: str  # of the switch
    desk: str  # of whoever looks for something
    hosts: str  # of the far ends
    machines: dict[int, str] = field(default_factory=dict)  # namespaces of real machines
    daemons: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def names(self) -> tuple[str, ...]:
        """The ports, as the switch calls them."""
        return tuple(f"p{number}" for number in range(1, self.ports + 1))

    @property
    def uplink(self) -> str:
        """The last port: behind it is the gateway."""
        return self.names[-1]

    @property
    def mirror(self) -> str:
        """The URL by which its mirrors are changed."""
        if self.kind == "bridge":
            return f"tc://{self.namespace}/mon"
        sockets = f"db=unix:{self.folder}/db.sock&control={self.folder}/switch.ctl"
        return f"ovs://br0/mon?{sockets}"

    @property
    def smon(self) -> str:
        """The URL by which its mirrors are changed through SNMP."""
        return f"smon://lab@{MANAGEMENT}/mon"

    def on_the_desk(self, *argv: str) -> tuple[str, ...]:
        """Give the words that run a command where the frames are mirrored to."""
        return ("ip", "netns", "exec", self.desk, *argv)

    def command(self, *argv: str) -> tuple[str, ...]:
        """Give the words that run a command on the switch."""
        return ("ip", "netns", "exec", self.namespace, *argv)

    def start(self, *argv: str, environment: dict[str, str] | None = None) -> None:
        """Start a daemon on the switch; it ends with the switch, or with who built it."""
        leash = (tool("setpriv"), "--pdeathsig", "KILL")
        with (self.folder / f"{Path(argv[0]).name}.out").open("wb") as said:
            daemon = subprocess.Popen(
                (*leash, *self.command(tool(argv[0]), *argv[1:])),
                stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                env=os.environ | (environment or {}),
            )  # fmt: skip
        self.daemons.append(daemon)


@contextlib.contextmanager
def office_switch(
    ports: int = 24, kind: Kind = "bridge", *, agent: bool = False, machines: Sequence[int] = ()
) -> Iterator[OfficeSwitch]:
    """Build a switch; it is gone without a trace afterwards.

    With ``agent``, snmpd and lldpd run on it: IF-MIB, LLDP-MIB, BRIDGE-MIB, and the mirrors of
    SMON-MIB; the community ``public`` reads, ``lab`` writes.

    Raises
    ------
    NotPermitted
        If this user is not root.
    CannotBuild
        If a tool is missing.

    """
    require_root()
    _remove_what_was_left()
    name = f"{PREFIX}{os.getpid()}-{next(_NUMBERS)}"
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir="/tmp"))
    inside = {number: f"{name}-m{number}" for number in machines}
    switch = OfficeSwitch(
        ports, kind, folder, f"{name}-sw", f"{name}-desk", f"{name}-hosts", inside
    )
    try:
        _cable(switch)
        if kind == "ovs":
            _open_vswitch(switch)
        if agent:
            _agent(switch)
        yield switch
    finally:
        _take_down(switch)


def _cable(switch: OfficeSwitch) -> None:
    spaces = (switch.namespace, switch.desk, switch.hosts, *switch.machines.values())
    run(("ip", "-batch", "-"), "".join(f"netns add {space}\n" for space in spaces))
    quiet = "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1"
    for space in spaces:
        run(("ip", "netns", "exec", space, *quiet.split()))
    lines = ["link set lo up", f"link add mon type veth peer name mon0 netns {switch.desk}"]
    lines.append(f"link add mgmt type veth peer name mgmt0 netns {switch.desk}")
    lines += [f"addr add {MANAGEMENT}/24 dev mgmt", "link set mgmt up", "link set mon up"]
    for number, name in enumerate(switch.names, start=1):
        far = switch.machines.get(number, switch.hosts)
        end = "eth0" if number in switch.machines else f"h{number}"
        mac = mac_of(number)
        lines.append(f"link add {name} type veth peer name {end} address {mac} netns {far}")
        lines.append(f"link set {name} up")
    if switch.kind == "bridge":
        lines += ["link add br0 type bridge", "link set br0 up"]
        lines += [f"link set {name} master br0" for name in switch.names]
    run(("ip", "-netns", switch.namespace, "-batch", "-"), "\n".join(lines) + "\n")
    desk = f"link set mon0 up promisc on\nlink set mgmt0 up\naddr add {DESK}/24 dev mgmt0\n"
    run(("ip", "-netns", switch.desk, "-batch", "-"), desk)
    ends = [n for n in range(1, switch.ports + 1) if n not in switch.machines]
    run(("ip", "-netns", switch.hosts, "-batch", "-"),
        "".join(f"link set h{number} up\n" for number in ends))  # fmt: skip
    for number, space in switch.machines.items():
        up = f"link set lo up\nlink set eth0 up\naddr add 10.99.0.{number}/24 dev eth0\n"
        run(("ip", "-netns", space, "-batch", "-"), up)
        # A datapath in user space takes packets before their checksums are made.
        with contextlib.suppress(CannotBuild):
            run(("ip", "netns", "exec", space, "ethtool", "-K", "eth0", "tx", "off"))


def mac_of(port: int) -> str:
    """Give the MAC address of what is behind a port."""
    return f"02:57:00:00:00:{port:02x}"


def _open_vswitch(switch: OfficeSwitch) -> None:
    """Start Open vSwitch with its datapath in user space: no kernel module is needed."""
    folder = switch.folder
    environment = {f"OVS_{name}DIR": str(folder) for name in ("RUN", "DB", "LOG", "SYSCONF")}
    database, schema = folder / "conf.db", "/usr/share/openvswitch/vswitch.ovsschema"
    run(("ovsdb-tool", "create", str(database), schema))
    switch.start(
        "ovsdb-server", str(database), f"--remote=punix:{folder}/db.sock",
        f"--unixctl={folder}/db.ctl", "-vconsole:off", "-vsyslog:off", environment=environment,
    )  # fmt: skip
    _wait_for(folder / "db.sock")
    vsctl = ("ovs-vsctl", f"--db=unix:{folder}/db.sock", "--timeout=15", "--retry")
    run((*vsctl, "--no-wait", "init"))
    switch.start(
        "ovs-vswitchd", f"unix:{folder}/db.sock", f"--unixctl={folder}/switch.ctl",
        "-vconsole:off", "-vsyslog:off", environment=environment,
    )  # fmt: skip
    _wait_for(folder / "switch.ctl")
    words = [word for name in (*switch.names, "mon") for word in OPEN_VSWITCH.format(name).split()]
    run((*vsctl, "add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev", *words))


def _agent(switch: OfficeSwitch) -> None:
    folder = switch.folder
    script = f"{sys.executable} -I {Path(__file__).with_name('office_switch_agent.py')}"
    settings = SNMP.format(address=MANAGEMENT, folder=folder, agent=script)
    (folder / "snmpd.conf").write_text(settings)
    (folder / "snmp").mkdir()
    environment = {"SNMP_PERSISTENT_DIR": str(folder / "snmp"), "SNMPCONFPATH": str(folder)}
    switch.start(
        "snmpd", "-f", "-Lo", "-C", "-c", str(folder / "snmpd.conf"), "-I", "-smux",
        environment=environment,
    )  # fmt: skip
    _wait_for(folder / "agentx.sock")
    switch.start(
        "lldpd", "-d", "-x", "-X", str(folder / "agentx.sock"), "-u", str(folder / "lldpd.sock"),
        "-I", "p*", "-S", "whence lab switch", environment=environment,
    )  # fmt: skip


def _wait_for(socket: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not socket.exists():
        if time.monotonic() > deadline:
            raise CannotBuild("a daemon of the switch does not come up", because=f"no {socket}")
        time.sleep(0.02)


def _take_down(switch: OfficeSwitch) -> None:
    for daemon in reversed(switch.daemons):
        daemon.send_signal(signal.SIGTERM)
    for daemon in switch.daemons:
        try:
            daemon.wait(5)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()
    spaces = (switch.namespace, switch.desk, switch.hosts, *switch.machines.values())
    for space in spaces:
        with contextlib.suppress(CannotBuild):
            run(("ip", "netns", "delete", space))
    shutil.rmtree(switch.folder, ignore_errors=True)


def _remove_what_was_left() -> None:
    """Remove switches whose builder was killed."""
    for space in Path("/run/netns").glob(f"{PREFIX}*-*"):
        number = space.name.removeprefix(PREFIX).partition("-")[0]
        if number.isdecimal() and not Path(f"/proc/{number}").exists():
            with contextlib.suppress(CannotBuild):
                run(("ip", "netns", "delete", space.name))
