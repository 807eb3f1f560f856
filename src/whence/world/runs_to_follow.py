"""Naming the processes that are about to become runs, for those who look at what they write."""

from __future__ import annotations

import struct

from whence.world.bpf import BpfMap
from whence.world.capabilities import CAP_BPF

_NUMBER = struct.Struct("=I")


class RunsToFollow:
    """The map ``awaited`` of outputs.bpf.c, as another process handed it to us."""

    def __init__(self, file: int) -> None:
        """Take the map; -1: nobody looks."""
        self.missed = 0  # runs for which there was no room
        self._map = BpfMap(file, _NUMBER.size, _NUMBER.size) if file >= 0 else None

    @property
    def capabilities(self) -> frozenset[int]:
        """What it takes to write to it, before Linux 5.19."""
        return frozenset({CAP_BPF}) if self._map else frozenset()

    def follow(self, pid: int, run: int) -> None:
        """Say that this run begins when the process executes the next program."""
        if self._map is None:
            return
        try:
            self._map.put(_NUMBER.pack(pid), _NUMBER.pack(run))
        except OSError:
            self.missed += 1
