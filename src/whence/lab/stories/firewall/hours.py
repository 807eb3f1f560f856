"""The office's clock: an hour of it, in which the hourly trigger comes once, is some seconds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from whence.lab.building import CannotBuild
from whence.lab.contract import Office
from whence.lab.stories.firewall import furnishing

HOUR = 12.0  # seconds; contacts less than 10 s apart would be one, and a job may begin late


class Hours:
    """Has the jobs run, each time that an hour has passed, until ``stop`` is set."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._stop = threading.Event()
        self.job = "cron.daily"  # which line of the anacrontab is due

    def strike(self) -> None:
        """Have the jobs run now."""
        wall = self._office.machine("firewall")
        wall.start(*furnishing.ANACRON, furnishing.ANACRON_TABLE, self.job)

    def run(self) -> None:
        """Strike each hour."""
        while not self._stop.wait(HOUR):
            with suppress(CannotBuild):  # the office has gone
                self.strike()

    def stop(self) -> None:
        """Strike no more."""
        self._stop.set()


@contextmanager
def hours(office: Office) -> Iterator[Hours]:
    """Let time pass; cron goes by the real time, and needs nobody."""
    clock = Hours(office)
    passing = threading.Thread(target=clock.run, daemon=True)
    if office.variant != "cron":
        passing.start()
    try:
        yield clock
    finally:
        clock.stop()
        if passing.is_alive():
            passing.join()
