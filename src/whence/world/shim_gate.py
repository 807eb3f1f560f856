"""Being called by the shim in a program's place: it hangs on until we hang up."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from whence.model import CannotStore, Execution
from whence.world.asked_execution import AskedExecution
from whence.world.diversion import SUFFIX
from whence.world.execution_gate import Asked
from whence.world.processes import LARGEST, contents, words

BACKLOG = 1024  # shims that may call at one moment; the next ones do not wait, and go by unseen
AT_ONCE = 32
CREDENTIALS = struct.Struct("=iII")  # struct ucred of unix(7)


class ShimGate:
    """A socket that shims call; the kernel says which process each of them is."""

    def __init__(self, path: Path) -> None:
        self.overflows = 0
        self._path = path
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            path.unlink(missing_ok=True)
            self._listener.bind(str(path))
            path.chmod(0o666)  # whoever runs the program calls
            self._listener.listen(BACKLOG)
        except OSError as e:
            raise CannotStore(f"could not listen at {path}", because=e.strerror or str(e)) from e

    def fileno(self) -> int:
        """Give the descriptor to wait on."""
        return self._listener.fileno()

    def read(self) -> Iterator[Asked]:
        """Yield who calls."""
        for _ in range(AT_ONCE):
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            told = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
            yield Asked(CREDENTIALS.unpack(told)[0], connection.detach())

    def allow(self, asked: Asked) -> None:
        """Let it become the program."""
        os.close(asked.file)

    def close(self) -> None:
        """Answer no more."""
        self._listener.close()


class ShimPlace:
    """What the sensor wants to know of a program that has a shim in its place."""

    def __init__(self, path: str, proc: str = "/proc") -> None:
        self.replaced = self.missed = 0
        self.problem = ""
        self._path = Path(path)
        self._proc = proc

    def look(self) -> None:
        """Say what is wrong if the shim is not in its place."""
        try:
            self._path.stat()
        except OSError as e:
            self.problem = f"{self._path}: {e.strerror}"
        else:
            self.problem = ""

    def concerns(self, asked: Asked) -> bool:
        """Say whether it is the shim that calls; anybody might, and is believed if unknown.

        A shim that waited too long is the program already, and still tells who it is.
        """
        try:
            running = Path(f"{self._proc}/{asked.thread}/exe").stat()
            return any(
                os.path.samestat(running, place.stat())
                for place in (self._path, Path(f"{self._path}{SUFFIX}"))
                if place.exists()
            )
        except PermissionError:
            return True  # another user's, in a container
        except OSError:
            self.missed += 1  # it waited too long, and has ended since
            return False

    def asked(self, pid: int) -> AskedExecution | None:
        """Say what the shim was given: the program is given the same."""
        given = contents(f"{self._proc}/{pid}/cmdline", LARGEST)
        return AskedExecution(str(self._path), words(given), len(given)) if given else None

    def execution(self, asked: AskedExecution | None, folder: str, at: datetime) -> Execution:
        """Say what is about to be executed."""
        args, size = (asked.args, asked.args_bytes) if asked else ((), 0)
        return Execution(at, str(self._path), str(self._path), args, size, folder)

    def close(self) -> None:
        """Nothing is to be done."""
