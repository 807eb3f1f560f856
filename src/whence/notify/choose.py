"""From an address to somebody who tells."""

from __future__ import annotations

from whence import notify
from whence.model import BadSettings
from whence.model.discovery import discover
from whence.notify.addresses import split
from whence.notify.declare import Channel
from whence.notify.digest import Limits
from whence.notify.notifier import Notifier, Say
from whence.notify.settings import Settings
from whence.world import Clock, utc_now


def notifier(
    url: str, settings: Settings, say: Say, *, limits: Limits | None = None, now: Clock = utc_now
) -> Notifier:
    """Make ready to tell whoever ``url`` names; nothing is sent yet.

    Raises
    ------
    BadSettings
        If there is no channel for such an address, or it lacks something.

    """
    channel = _channel_for(split(url).scheme, settings)
    return Notifier(channel.prepare(url, settings), say, limits=limits, now=now)


def channels() -> list[Channel]:
    """Find every channel there is."""
    return [*{channel.section: channel for channel in discover(notify, Channel)}.values()]


def _channel_for(scheme: str, settings: Settings) -> Channel:
    by_scheme = {scheme: channel for channel in channels() for scheme in channel.schemes}
    known = {channel.section for channel in by_scheme.values()}
    if unknown := sorted(settings.sections.keys() - known):
        raise BadSettings(
            f"the settings have a section [{unknown[0]}] that nothing reads",
            try_="use " + ", ".join(f"[{name}]" for name in sorted(known)),
        )
    if scheme not in by_scheme:
        raise BadSettings(
            f"“{scheme}:” is no way to notify" if scheme else "this is not an address to notify",
            try_="use " + ", ".join(f"{name}:" for name in sorted(by_scheme)),
        )
    return by_scheme[scheme]
