"""Senders that outrun whom they send to: UDP at a rate, TCP and TLS as fast as it takes."""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic, TypeVar

from whence.world.message_headers import Message, MessageHeader, Part

Given = TypeVar("Given")
TOGETHER = 64  # datagrams a call
SOCKETS = 16
LINE = (
    b"<164>Nov 26 2026 03:17:%02d fw-dc1 : %%ASA-4-419002: Received duplicate TCP SYN from "
    b"inside:10.20.5.%d/%d to transit:192.168.77.%d/10050 with different initial sequence number"
)


def line(number: int) -> bytes:
    """Make a line of the flood of the story."""
    return LINE % (number // 5 % 60, 17 + number % 2, 1024 + number % 60000, 10 + number % 3)


def datagrams(port: int, rate: int, seconds: float) -> int:
    """Send so many datagrams a second, evenly, from 16 sockets; give how many were sent."""
    libc = ctypes.CDLL(None)
    lines = [line(number) for number in range(TOGETHER)]
    parts = (Part * TOGETHER)(
        *(Part(ctypes.cast(one, ctypes.c_void_p).value, len(one)) for one in lines)
    )
    base = ctypes.addressof(parts)
    size = ctypes.sizeof(Part)
    messages = (Message * TOGETHER)(
        *(Message(MessageHeader(None, 0, base + n * size, 1)) for n in range(TOGETHER))
    )
    opened = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(SOCKETS)]
    for one in opened:
        one.connect(("127.0.0.1", port))
    numbers = [one.fileno() for one in opened]
    sent, turn, begun = 0, 0, time.perf_counter()
    while (elapsed := time.perf_counter() - begun) < seconds:
        if sent > rate * elapsed:
            time.sleep(0.0005)
            continue
        sent += libc.sendmmsg(numbers[turn % SOCKETS], messages, TOGETHER, 0)
        turn += 1
    return sent


def stream(port: int, count: int, *, counted: bool, trust: ssl.SSLContext | None) -> None:
    """Send so many messages over a connection, as fast as they are taken."""
    lines = [line(number) for number in range(1000)]
    block = b"".join(b"%d %b" % (len(one), one) if counted else one + b"\n" for one in lines)
    os.setsid()
    go_first()
    with socket.create_connection(("127.0.0.1", port)) as plain:
        out = trust.wrap_socket(plain, server_hostname="localhost") if trust else plain
        for _ in range(count // len(lines)):
            out.sendall(block)
        if isinstance(out, ssl.SSLSocket):
            out = out.unwrap()
        out.shutdown(socket.SHUT_WR)
        out.settimeout(30)
        out.recv(1)


def streams(
    port: int, count: int, connections: int, *, counted: bool, ca: str = ""
) -> Sequence[multiprocessing.process.BaseProcess]:
    """Send over several connections, each from a process of its own; they run when this returns."""
    context = multiprocessing.get_context("fork")
    trust = ssl.create_default_context(cafile=ca) if ca else None
    started = [
        context.Process(
            target=stream,
            args=(port, count // connections),
            kwargs={"counted": counted, "trust": trust},
        )
        for _ in range(connections)
    ]
    for one in started:
        one.start()
    return started


def go_first(*pids: int) -> None:
    """On a machine that does other things as well, let these run before them; or this process."""
    for pid in pids or (os.getpid(),):
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/autogroup").write_text("-15")


class Sending(Generic[Given]):
    """A sender in a process of its own; call it for its result."""

    def __init__(self, function: Callable[..., Given], *arguments: object) -> None:
        context = multiprocessing.get_context("fork")
        self._hearing, saying = context.Pipe(duplex=False)

        def send() -> None:
            os.setsid()  # a group of its own for the scheduler, sched(7): autogroup
            go_first()
            saying.send(function(*arguments))

        self._process = context.Process(target=send)
        self._process.start()

    def ready(self) -> bool:
        """Say whether it is done."""
        return self._hearing.poll()

    def __call__(self) -> Given:
        """Wait for its end, and give what it gave."""
        given: Given = self._hearing.recv()
        self._process.join()
        return given
