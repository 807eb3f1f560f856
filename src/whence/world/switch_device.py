"""What a switch is asked through: an SNMP agent, a command line, commands of this machine."""

from __future__ import annotations

from whence.world.contracts import Clock, Device, Host
from whence.world.host_device import HostDevice
from whence.world.snmp import SnmpAgent
from whence.world.snmp_access import Patience, SnmpAccess
from whence.world.snmp_device import SnmpDevice
from whence.world.ssh_device import SshDevice
from whence.world.switch_settings import Configured, Login

# The largest forwarding tables of switches have a quarter of a million rows.
PATIENCE = Patience(rows=300_000, seconds=120.0)


def device_of(configured: Configured, host: Host, now: Clock) -> Device:
    """Give what answers the questions of a switch's driver. Nothing is sent before one is asked."""
    way, access = configured.way, configured.access
    if isinstance(access, SnmpAccess):
        return SnmpDevice(way.name, SnmpAgent(access, PATIENCE), now)
    if isinstance(access, Login):
        return SshDevice(way.name, access, now)
    return HostDevice(way.name, host, way.options.get("namespace", ""))
