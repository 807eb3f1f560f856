"""Counts the packets of interfaces: ``python -m whence.sensors.packet_counting INTERFACE…``.

A process of its own that keeps only the rights to read its counters. Each second, and at its end,
it writes what was counted since: the length in 4 bytes, then ``world.packet_counts.Counts`` as
MessagePack; or once, when it cannot go on, a map with "error". It ends on SIGTERM, SIGINT, and
when nobody reads any more.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence

from whence.model import WhenceError
from whence.world import capabilities
from whence.world.bpf import packaged
from whence.world.counting_process import frame, frame_of_error
from whence.world.interfaces import interface
from whence.world.packet_counts import CAPABILITIES, FOR_SOCKETS, PacketCounters

OBJECT = packaged("whence.sensors", "packets.bpf.o")  # before rights are given up
ENDING = (signal.SIGTERM, signal.SIGINT)


def main(arguments: Sequence[str] | None = None) -> int:
    """Count until told to end, and give the exit status."""
    options = _options(arguments)
    ended = threading.Event()
    for number in ENDING:
        signal.signal(number, lambda *_: ended.set())
    try:
        _count(options, ended)
    except WhenceError as error:
        os.write(sys.stdout.fileno(), frame_of_error(error))
        return error.exit_code
    except BrokenPipeError:
        pass
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m whence.sensors.packet_counting", description=__doc__
    )
    parser.add_argument("interfaces", nargs="+", metavar="INTERFACE")
    parser.add_argument("--every", type=float, default=1.0, metavar="SECONDS")
    parser.add_argument("--by", default="", metavar="HOOK", help="“tcx” or “packet socket”")
    return parser.parse_args(arguments)


def _count(options: argparse.Namespace, ended: threading.Event) -> None:
    found = [interface(name) for name in options.interfaces]
    spare = [right for right in FOR_SOCKETS if right in capabilities.held()]
    capabilities.give_up_all_but((*CAPABILITIES, *spare))
    with PacketCounters(OBJECT, found, options.by) as counters:
        capabilities.give_up_all_but(CAPABILITIES)
        _write(frame(counters.take()))  # says that it has begun
        while not ended.wait(options.every):
            _write(frame(counters.take()))
        _write(frame(counters.take()))


def _write(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
