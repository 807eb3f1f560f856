"""The plan of cables between switches and outlets."""

from __future__ import annotations

import os
from pathlib import Path

from whence.model import BadInput, SwitchPort
from whence.model.cables import Mistake, Plan, Stop
from whence.world import Cables, utc_now
from whence.world.cable_plan import CablePlan, keep_plan, read_stop
from whence.world.places import Places
from whence.world.switch_settings import SwitchSettings

__all__ = ["Mistake", "Plan", "Stop", "cables", "keep", "path_from"]


def cables() -> Cables | None:
    """Give the plan that this user keeps, else the NetBox that is set, or None."""
    place = Places.of_this_user().cables
    if place.exists():
        return CablePlan(place, utc_now)
    if netbox := SwitchSettings.read(os.environ).netbox:
        from whence.world.netbox import NetBoxPlan  # not before: few have one

        return NetBoxPlan(netbox, utc_now)
    return None


def keep(path: Path) -> Plan:
    """Take in a plan from a file, in place of the one before.

    Raises
    ------
    BadInput
        If it is none, or has not one cable that can be used.
    CannotStore
        If it cannot be read, or not be kept.

    """
    return keep_plan(path, Places.of_this_user().cables)


def path_from(switch: str, port: str) -> tuple[Stop, ...]:
    """Give the way from a port of a switch to the outlet.

    Raises
    ------
    BadInput
        If the plan does not have the port.
    CannotAsk
        If there is no plan.

    """
    plan = cables() or CablePlan(Places.of_this_user().cables, utc_now)
    reading = plan.from_port(SwitchPort(switch, port))
    stops = tuple(read_stop(line) for line in reading.lines() if line)
    if not stops:
        raise BadInput(
            f"the plan has no cable at {switch} {port}",
            try_="look at the names of switches and ports in it; GigabitEthernet1/0/7 is Gi1/0/7",
        )
    return stops
