"""ClamAV, by the socket of its daemon, clamd(8): one file is shown to it, and it says what it is.

An open file is passed to it (FILDES), so that it can read what this user may; where the daemon is
only reached over TCP, or does not take files so, the bytes are sent (INSTREAM).
"""

from __future__ import annotations

import array
import os
import re
import socket
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from whence.model import CannotAsk
from whence.world.program_file import opened

VARIABLE = "WHENCE_CLAMD"  # a socket's path, or HOST:PORT
SETTINGS = ("/etc/clamav/clamd.conf", "/etc/clamd.d/scan.conf", "/etc/clamd.conf")
SOCKETS = ("/run/clamav/clamd.ctl", "/run/clamd.scan/clamd.sock", "/var/run/clamd.socket")
PATIENCE = 30.0  # seconds for a file
PIECE = 1 << 17
LARGEST = 25 << 20  # bytes that are sent; StreamMaxLength of clamd.conf is as much
LONGEST = 4096  # bytes of an answer


def clamd_said(path: str, environment: Mapping[str, str]) -> str:
    """Give what clamd says of a file, and in a second line what it is and how old its signatures.

    Raises
    ------
    CannotAsk
        If there is no clamd, or it gives no answer.

    """
    where = _where(environment)
    try:
        with opened(path) as file:
            said = _scanned(where, file)
        version = _asked(where, b"zVERSION\0")
    except TimeoutError as e:
        because = f"it took over {PATIENCE:.0f} s"
        raise CannotAsk("clamd gave no answer", because=because) from e
    except OSError as e:
        raise CannotAsk(
            f"clamd at {where} cannot be asked", because=e.strerror or str(e),
            try_=f"systemctl start clamav-daemon, or name its socket: {VARIABLE}=/path",
        ) from e  # fmt: skip
    if not said.endswith(("OK", "FOUND")):
        raise CannotAsk("clamd did not scan the file", because=said[:200] or "it said nothing")
    return f"{said}\n{version}\n"


def _where(environment: Mapping[str, str]) -> str:
    """Find clamd: where the user says, or its settings, or where it usually is."""
    if named := environment.get(VARIABLE):
        return named
    for settings in SETTINGS:
        try:
            text = Path(settings).read_text("utf-8", "replace")
        except OSError:
            continue
        if found := re.search(r"^\s*LocalSocket\s+(\S+)", text, re.MULTILINE):
            return found[1]
    for path in SOCKETS:
        if Path(path).exists():
            return path
    raise CannotAsk(
        "no malware scanner was asked", because="clamd of ClamAV is not running here",
        try_=f"apt install clamav-daemon, or {VARIABLE}=/path/of/its/socket",
    )  # fmt: skip


def _scanned(where: str, file: IO[bytes]) -> str:
    if where.startswith("/"):
        said = _passed(where, file)
        if "UNKNOWN COMMAND" not in said:
            return said
        file.seek(0)
    return _sent(where, file)


def _passed(where: str, file: IO[bytes]) -> str:
    """Send the descriptor of the open file beside one byte, unix(7)."""
    with _connected(where) as clamd:
        clamd.sendall(b"zFILDES\0")
        rights = array.array("i", [file.fileno()]).tobytes()
        clamd.sendmsg([b"\0"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        return _answer(clamd)


def _sent(where: str, file: IO[bytes]) -> str:
    """Send the bytes, each piece after its length, and a length of 0."""
    if os.fstat(file.fileno()).st_size > LARGEST:
        raise CannotAsk("clamd did not scan the file", because=f"it is over {LARGEST >> 20} MB")
    with _connected(where) as clamd:
        clamd.sendall(b"zINSTREAM\0")
        while piece := file.read(PIECE):
            clamd.sendall(struct.pack("!I", len(piece)) + piece)
        clamd.sendall(struct.pack("!I", 0))
        return _answer(clamd)


def _asked(where: str, command: bytes) -> str:
    with _connected(where) as clamd:
        clamd.sendall(command)
        return _answer(clamd)


def _connected(where: str) -> socket.socket:
    if where.startswith("/"):
        clamd = socket.socket(socket.AF_UNIX)
        clamd.settimeout(PATIENCE)
        try:
            clamd.connect(where)
        except OSError:
            clamd.close()
            raise
        return clamd
    host, _, port = where.rpartition(":")
    if not port.isdigit():
        raise CannotAsk(f"“{where}” is no place of clamd", try_=f"{VARIABLE}=/path or HOST:PORT")
    return socket.create_connection((host.strip("[]"), int(port)), PATIENCE)


def _answer(clamd: socket.socket) -> str:
    """Read one answer, which ends with a NUL, without the name that clamd gives the file."""
    said = b""
    while len(said) < LONGEST and b"\0" not in said:
        piece = clamd.recv(LONGEST)
        if not piece:
            break
        said += piece
    text = said.partition(b"\0")[0].decode("utf-8", "replace").replace("\n", " ").strip()
    return re.sub(r"^(?:stream|fd\[\d+\]|instream\([^)]*\)): ", "", text)
