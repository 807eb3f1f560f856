"""Ask many switches at once, and lay what they tell side by side."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from whence.inquiry.switches import switch_of
from whence.model import CannotAsk, Reading, WhenceError
from whence.model.wiring import SwitchView, Wiring, wiring_of
from whence.world import Clock, Device, Host, RecordedHost
from whence.world.recorded import Answer
from whence.world.recording import Keep
from whence.world.switch_device import device_of
from whence.world.switch_list import Way
from whence.world.switch_settings import Configured

log = logging.getLogger(__name__)

LIST = "switches"  # the source of the reading that says which switches were asked
AT_ONCE = 64


class SideBySide:
    """The switches that were set, asked all at once and once only.

    Answers are kept switch by switch, in the order of the settings, whoever was the quickest, so
    that a case replays to the same result.
    """

    def __init__(
        self, configured: Sequence[Configured], host: Host, now: Clock, keep: Keep
    ) -> None:
        self.silent: dict[str, WhenceError] = {}  # who did not answer, and why
        self.missing: list[tuple[str, str]] = []  # who did not tell all, and what is missing
        self._configured = configured
        self._host = host
        self._now = now
        self._keep = keep
        self._wiring: Wiring | None = None

    def wiring(self) -> Wiring:
        """Say what they told."""
        if self._wiring is None:
            self._wiring = self._ask()
        return self._wiring

    def _ask(self) -> Wiring:
        if not self._configured:
            raise CannotAsk(
                "no switch is known that could be asked",
                because="neither a file of settings nor an option names one",
                try_="--switch snmp://ADDRESS, or ~/.config/whence/switches.toml",
            )
        ways = [one.way for one in self._configured]
        text = "".join(f"{msgspec.json.encode(way).decode()}\n" for way in ways)
        self._keep(LIST, Reading(LIST, text, self._now(), self._host.name))
        devices = [Remembering(device_of(one, self._host, self._now)) for one in self._configured]
        with ThreadPoolExecutor(min(AT_ONCE, len(devices)), "switch") as threads:
            views = [*threads.map(look, devices, ways)]
        for device in devices:
            device.keep(self._keep)
        for view in views:
            if isinstance(view, SwitchView):
                self.missing += [(view.name, what) for what in view.missing]
        return _wiring(ways, views, self.silent)


class ReplayedSwitches:
    """The switches of a case, by what they were recorded to have said."""

    def __init__(self, recorded: RecordedHost) -> None:
        self._recorded = recorded
        self._wiring: Wiring | None = None

    def wiring(self) -> Wiring:
        """Say what they told."""
        if self._wiring is None:
            lines = self._recorded.read(LIST).lines()
            ways = [msgspec.json.decode(str(line), type=Way) for line in lines if line]
            views = [look(self._recorded.device(way.name), way) for way in ways]
            self._wiring = _wiring(ways, views, {})
        return self._wiring


class Remembering:
    """Asks another device, and remembers the answers in their order."""

    def __init__(self, device: Device) -> None:
        self.name = device.name
        self._device = device
        self._answers: list[tuple[str, Answer]] = []

    def ask(self, question: str) -> Reading:
        """Ask one thing."""
        try:
            reading = self._device.ask(question)
        except CannotAsk as reason:
            self._answers.append((question, reason))
            raise
        self._answers.append((question, reading))
        return reading

    def keep(self, keep: Keep) -> None:
        """Hand the answers over."""
        for question, answer in self._answers:
            keep(f"{self.name}: {question}", answer)


def look(device: Device, way: Way) -> SwitchView | WhenceError:
    """Ask one switch for all that is needed to place an address, or say why that failed."""
    try:
        switch = switch_of(device, way)
        identity = switch.identity()
        return SwitchView(
            identity.name or way.name,
            identity,
            tuple(switch.ports()),
            tuple(switch.learned()),
            tuple(switch.neighbours()),
            tuple(switch.resolved()),
            switch.missing(),
        )
    except WhenceError as reason:
        return reason
    except Exception as fault:  # one device that talks nonsense costs its answer, not the case
        log.debug("%s failed", way, exc_info=True)
        return CannotAsk(
            f"what {way.name} says makes no sense", because=f"{type(fault).__name__}: {fault}"
        )


def _wiring(
    ways: Sequence[Way],
    views: Sequence[SwitchView | WhenceError],
    silent: dict[str, WhenceError],
) -> Wiring:
    failed = {
        way.name: view
        for way, view in zip(ways, views, strict=True)
        if isinstance(view, WhenceError)
    }
    silent |= failed
    told = [view for view in views if isinstance(view, SwitchView)]
    if not told:
        first = next(iter(failed.values()))
        raise CannotAsk(
            f"none of {len(ways)} switches could be asked" if len(ways) > 1 else str(first),
            because=first.because if len(ways) == 1 else f"{first}: {first.because}",
            try_=first.try_,
        )
    return wiring_of(told, failed)
