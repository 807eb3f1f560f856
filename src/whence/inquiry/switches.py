"""Switches that can be asked: their drivers found, their devices opened, their answers kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import whence.switches
from whence.model import BadSettings
from whence.model.discovery import discover
from whence.world import Clock, Device, Host, Switch
from whence.world.switch_device import device_of
from whence.world.switch_list import Driver, Way
from whence.world.switch_settings import Configured

Through = Callable[[Device], Device]  # what stands between a driver and its device


@cache
def drivers() -> dict[str, Driver]:
    """Give the drivers by scheme."""
    return {driver.scheme: driver for driver in discover(whence.switches, Driver, absent={})}


def switch_of(device: Device, way: Way) -> Switch:
    """Make a switch of what answers its driver's questions.

    Raises
    ------
    BadSettings
        If there is no driver for it.

    """
    known = drivers()
    if way.scheme not in known:
        raise BadSettings(f"there is no driver for {way.scheme}:", try_=", ".join(sorted(known)))
    return known[way.scheme].make(device, way)


def open_switch(
    configured: Configured, host: Host, now: Clock, through: Through = lambda device: device
) -> Switch:
    """Open a switch; nothing is sent before it is asked something."""
    return switch_of(through(device_of(configured, host, now)), configured.way)
