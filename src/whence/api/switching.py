"""Ask switches."""

from __future__ import annotations

import os

from whence.inquiry.switch_check import Told, check_switch
from whence.inquiry.switches import open_switch
from whence.world import Switch, ThisHost, utc_now
from whence.world.switch_settings import SwitchSettings

__all__ = ["Told", "check_switch", "settings", "switch"]


def settings() -> SwitchSettings:
    """Read which switches this user has set."""
    return SwitchSettings.read(os.environ)


def switch(text: str) -> Switch:
    """Open the switch that a URL, or a name of the settings, stands for.

    Raises
    ------
    BadSettings
        If it is neither, or the settings are not right.

    """
    return open_switch(settings().find(text), ThisHost(), utc_now)
