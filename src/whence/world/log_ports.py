"""Where senders of log lines reach us: ports and sockets of the file system."""

from __future__ import annotations

import contextlib
import errno
import socket
import stat
from pathlib import Path

from whence.model import CannotAsk, NotPermitted
from whence.model.ecs import canonical_address
from whence.model.rights import more_rights
from whence.world.own_addresses import ONE_OF_THEM

NAMES = {socket.SOCK_DGRAM: "udp", socket.SOCK_STREAM: "tcp"}
WAITING = 512  # connections that wait until we accept them
EVERYBODY = 0o666  # as /dev/log: every program may log


def open_port(address: str, port: int, kind: socket.SocketKind) -> socket.socket:
    """Listen on a port; at ``::`` for IPv4, too.

    Raises
    ------
    NotPermitted
        If the port takes rights that we do not have.
    CannotAsk
        If the address is not ours, or somebody else listens there.

    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        opened = socket.socket(family, kind | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
    except OSError as e:
        if address == "::" and e.errno == errno.EAFNOSUPPORT:
            return open_port("0.0.0.0", port, kind)
        raise _cannot_listen(address, port, kind, e) from e
    try:
        if family == socket.AF_INET6:
            only = 0 if address == "::" else 1
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
        if kind == socket.SOCK_STREAM:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((address, port))
        if kind == socket.SOCK_STREAM:
            opened.listen(WAITING)
    except (OSError, OverflowError) as e:
        opened.close()
        if address == "::" and getattr(e, "errno", 0) == errno.EADDRNOTAVAIL:  # IPv6 switched off
            return open_port("0.0.0.0", port, kind)
        raise _cannot_listen(address, port, kind, e) from e
    return opened


def open_path(path: str, kind: socket.SocketKind) -> socket.socket:
    """Listen on a socket of the file system; one that nobody listens on any more is replaced.

    Raises
    ------
    CannotAsk
        If somebody listens there, or something else has that name.

    """
    place = Path(path)
    if place.is_socket() or place.exists():
        _remove_if_dead(place, kind)
    opened = socket.socket(socket.AF_UNIX, kind | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
    try:
        opened.bind(path)
        place.chmod(EVERYBODY)
        if kind == socket.SOCK_STREAM:
            opened.listen(WAITING)
    except PermissionError as e:
        opened.close()
        raise NotPermitted(f"may not listen on {path}", because=_why(e), try_=more_rights()) from e
    except OSError as e:
        opened.close()
        raise CannotAsk(f"could not listen on {path}", because=_why(e)) from e
    return opened


def where(opened: socket.socket) -> str:
    """Write the address of a socket as people do."""
    name = opened.getsockname()
    if isinstance(name, str):
        return name
    return f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"


def peer_text(address: str) -> str:
    """Write a sender's address in its canonical form; IPv4 is never written as IPv6."""
    return canonical_address(address.partition("%")[0])


def who_has(port: int, transport: str) -> str:
    """Name the process that listens on a port, as far as this user can see."""
    from whence.world.sockets import Sockets  # large, and seldom needed

    with contextlib.suppress(CannotAsk, OSError):
        sockets = Sockets.open()
        here = {space.inode for space in sockets.namespaces() if space.own}
        rows = [
            row
            for row in sockets.rows()
            if row.transport == transport and row.listens and row.local_port == port
            if row.namespace in here
        ]
        for pids in sockets.holders({row.inode for row in rows} - {0}).values():
            name = Path(f"/proc/{pids[0]}/comm").read_text("utf-8", "replace").strip()
            return f"{name} (pid {pids[0]}) listens there"
    return ""


def _remove_if_dead(place: Path, kind: socket.SocketKind) -> None:
    try:
        if not stat.S_ISSOCK(place.lstat().st_mode):
            raise CannotAsk(f"could not listen on {place}", because="a file has that name")
        with socket.socket(socket.AF_UNIX, kind) as caller:
            caller.settimeout(1)
            caller.connect(str(place))
    except ConnectionRefusedError:
        place.unlink(missing_ok=True)
        return
    except FileNotFoundError:
        return
    except OSError as e:
        if e.errno != errno.EPROTOTYPE:
            raise CannotAsk(f"could not listen on {place}", because=_why(e)) from e
    raise CannotAsk(
        f"could not listen on {place}",
        because="somebody listens there",
        try_=f"see who: ss -lxp src {place}; or read what it writes: --tail FILE",
    )


def _cannot_listen(
    address: str, port: int, kind: socket.SocketKind, error: OSError | OverflowError
) -> CannotAsk:
    what = f"could not listen on {address} port {port}"
    number = getattr(error, "errno", 0)
    if number in (errno.EACCES, errno.EPERM):
        return NotPermitted(
            what,
            because="ports below 1024 are root's",
            try_=f"use sudo, or a port above 1023: {port + 5000}",
        )
    if number == errno.EADDRINUSE:
        return CannotAsk(
            what,
            because=who_has(port, NAMES[kind]) or "somebody else listens there",
            try_="another port; or leave that to it, and take a copy: "
            "whence logs receive --print-config rsyslog (or syslog-ng), or --tail its files",
        )
    return CannotAsk(
        what, because=_why(error), try_=ONE_OF_THEM if number == errno.EADDRNOTAVAIL else ""
    )


def _why(error: OSError | OverflowError) -> str:
    return getattr(error, "strerror", None) or str(error)
