"""The witness of the present: the sockets and processes that are there right now."""

from __future__ import annotations

from whence.model import CannotAsk, Flow, Process, Reading
from whence.model.ecs import encode, from_sighting, record_line
from whence.world.processes import LiveProcesses
from whence.world.sockets import Sockets


class PresentWitness:
    """Knows what is there when it is asked, and nothing of what has ended."""

    def __init__(self, processes: LiveProcesses, sockets: Sockets) -> None:
        self._processes = processes
        self._sockets = sockets

    @classmethod
    def open(cls) -> PresentWitness:
        """Look at this machine."""
        processes = LiveProcesses.open()
        return cls(processes, Sockets(processes))

    def connections(self, flow: Flow) -> Reading:
        """Give each socket that the flow covers: a line each, as model.ecs."""
        lines = [encode(from_sighting(seen)) for seen in self._sockets.now(flow)]
        return self._reading(f"connections {flow}", lines)

    def process(self, process: Process) -> Reading:
        """Give a process and its ancestors: a line each, as model.ecs.

        Raises
        ------
        CannotAsk
            If the process has ended, even where another one has its pid now.

        """
        lineage = self._processes.lineage(process.pid)
        if lineage[0].process != process:
            raise CannotAsk(
                f"{process} has ended", because="another process has been given its pid"
            )
        return self._reading(
            f"process {process.pid}@{process.started}", [record_line(one) for one in lineage]
        )

    def _reading(self, source: str, lines: list[str]) -> Reading:
        text = "".join(f"{line}\n" for line in lines)
        return Reading(source, text, self._processes.now(), self._processes.host)
