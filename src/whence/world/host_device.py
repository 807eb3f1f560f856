"""A bridge of a machine as a device: its questions are commands."""

from __future__ import annotations

import shlex

from whence.model import Reading
from whence.world.contracts import Host


class HostDevice:
    """Runs commands of a machine, in a network namespace if one is named."""

    def __init__(self, name: str, host: Host, namespace: str = "") -> None:
        self.name = name
        self._host = host
        self._before = ("ip", "netns", "exec", namespace) if namespace else ()

    def ask(self, question: str) -> Reading:
        """Run a command that changes nothing."""
        return self._host.run(*self._before, *shlex.split(question))
