"""Log lines in datagrams: hundreds taken with one call, so that a flood costs little."""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import socket
import struct
from pathlib import Path

from whence.world.log_ports import open_path, open_port, peer_text, where
from whence.world.log_spool import Kind, mark
from whence.world.message_headers import Message, MessageHeader, Part
from whence.world.receive_buffer import dropped, make_room

BATCH = 512  # datagrams that one call may take
LARGEST = 1 << 16  # bytes; a datagram has no more
SLOT = LARGEST + 320  # bytes: not all of them at the same places of the processor's caches
NAME = 28  # bytes of a sockaddr_in6, which is larger than a sockaddr_in
KNOWN = 1 << 16  # senders, by address and port, whose marks are remembered
ENDS = b"\r\n\0"  # what some senders put after a message
V4, V6 = struct.Struct("=HH"), 8  # family and port; offset of the address in a sockaddr_in6


_libc = ctypes.CDLL(None, use_errno=True)
_receive = getattr(_libc, "recvmmsg", None)
WORD = 4
LATER = (errno.EAGAIN, errno.EINTR, errno.ENOMEM, errno.ENOBUFS)


class DatagramSocket:
    """A socket whose datagrams are taken in batches."""

    def __init__(self, opened: socket.socket, kind: Kind, room: int) -> None:
        self.kind = kind
        self._socket = opened
        self.room = make_room(opened, room)
        self.wanted_room = 2 * room
        self._unix = opened.family == socket.AF_UNIX
        self._marks: dict[bytes, bytes] = {}
        self._own_mark = mark(kind, where(opened)) if self._unix else b""
        if _receive is None:
            return
        self._data = mmap.mmap(-1, BATCH * SLOT, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._names = (ctypes.c_char * (BATCH * NAME))()
        self._name_bytes = memoryview(self._names).cast("B")
        start = ctypes.addressof(ctypes.c_char.from_buffer(self._data))
        names = ctypes.addressof(self._names)
        self._parts = (Part * BATCH)(*(Part(start + n * SLOT, LARGEST) for n in range(BATCH)))
        parts = ctypes.addressof(self._parts)
        headers = (
            MessageHeader(
                None if self._unix else names + n * NAME,
                0 if self._unix else NAME,
                parts + n * ctypes.sizeof(Part),
                1,
            )
            for n in range(BATCH)
        )
        self._messages = (Message * BATCH)(*map(Message, headers))
        words = memoryview(self._messages).cast("B").cast("I")
        self._lengths = words[Message.length.offset // WORD :: ctypes.sizeof(Message) // WORD]

    @classmethod
    def udp(cls, address: str, port: int, room: int) -> DatagramSocket:
        """Listen on a port."""
        return cls(open_port(address, port, socket.SOCK_DGRAM), Kind.UDP, room)

    @classmethod
    def unix(cls, path: str, room: int) -> DatagramSocket:
        """Listen on a socket of the file system."""
        return cls(open_path(path, socket.SOCK_DGRAM), Kind.UNIX, room)

    def fileno(self) -> int:
        """Give the descriptor, to wait for it."""
        return self._socket.fileno()

    @property
    def where(self) -> str:
        """Where it listens."""
        return where(self._socket)

    @property
    def dropped(self) -> int:
        """Datagrams for which the kernel had no room."""
        return dropped(self._socket)

    def take(self) -> tuple[list[bytes], list[bytes]]:
        """Take what is there, at most ``BATCH``: messages, and the mark of each one's sender."""
        if _receive is None:
            return self._take_singly()
        count = _receive(self._socket.fileno(), self._messages, BATCH, socket.MSG_DONTWAIT, None)
        if count <= 0:
            number = ctypes.get_errno()
            if count < 0 and number not in LATER:
                raise OSError(number, os.strerror(number))
            return [], []
        data = self._data
        lengths = self._lengths[:count].tolist()
        messages = [
            data[begin : begin + length].rstrip(ENDS)
            for begin, length in zip(range(0, count * SLOT, SLOT), lengths, strict=True)
        ]
        if self._unix:
            return messages, [self._own_mark] * count
        names = bytes(self._name_bytes[: count * NAME])
        senders = [names[begin : begin + NAME] for begin in range(0, count * NAME, NAME)]
        known = self._marks
        for sender in set(senders) - known.keys():
            if len(known) >= KNOWN:
                known.clear()
                return messages, [self._mark(sender) for sender in senders]
            known[sender] = self._mark(sender)
        return messages, [known[sender] for sender in senders]

    def close(self) -> None:
        """Listen no more."""
        path = self._socket.getsockname() if self._unix else ""
        self._socket.close()
        if path:
            Path(path).unlink(missing_ok=True)

    def _take_singly(self) -> tuple[list[bytes], list[bytes]]:
        messages: list[bytes] = []
        marks: list[bytes] = []
        try:
            while len(messages) < BATCH:
                message, sender = self._socket.recvfrom(LARGEST)
                messages.append(message.rstrip(ENDS))
                marks.append(
                    self._own_mark
                    if self._unix
                    else mark(self.kind, peer_text(sender[0]), sender[1])
                )
        except BlockingIOError:
            pass
        return messages, marks

    def _mark(self, name: bytes) -> bytes:
        family, port = V4.unpack_from(name)
        raw = name[4:8] if family == socket.AF_INET else name[V6 : V6 + 16]
        return mark(self.kind, peer_text(socket.inet_ntop(family, raw)), socket.ntohs(port))
