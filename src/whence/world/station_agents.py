"""The SNMP agents of machines that are no switches: printers, servers, power supplies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from whence.model import CannotAsk, Reading
from whence.world.contracts import Clock
from whence.world.snmp import SnmpAgent
from whence.world.snmp_access import Patience
from whence.world.snmp_device import SnmpDevice
from whence.world.switch_settings import FILE, SwitchSettings

DESCRIPTION, NAME, LOCATION = (f"1.3.6.1.2.1.1.{number}.0" for number in (1, 5, 6))
PATIENCE = Patience(timeout=0.6, retries=1)  # most machines have no agent, and stay silent


class TheseAgents:
    """A ``world.Agents`` that asks with what the user's settings say."""

    def __init__(self, settings: SwitchSettings, now: Clock, switches: Sequence[str] = ()) -> None:
        self._settings = settings
        self._now = now
        self._switches = switches  # that were named instead of those of the settings

    def system(self, address: str) -> Reading:
        """Ask the agent at an address which machine it is on."""
        access = self._settings.agent_at(address, self._switches)
        if access is None:
            raise CannotAsk(
                f"{address} was not asked by SNMP",
                because="no community and no user is set for it",
                try_=f"community under [defaults] of ~/.config/{FILE}, or WHENCE_SNMP_COMMUNITY",
            )
        with SnmpAgent(access, PATIENCE) as agent:
            told = SnmpDevice(address, agent, self._now)
            reading = told.ask(f"get {DESCRIPTION} {NAME} {LOCATION}")
        return replace(reading, source=f"snmp system of {address}")
