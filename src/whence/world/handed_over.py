"""An open file that one process of ours hands to another: SCM_RIGHTS of unix(7)."""

from __future__ import annotations

import socket


def hand_over(through: int, file: int) -> None:
    """Send an open file through a socket, and close that socket."""
    with socket.socket(fileno=through) as connection:
        socket.send_fds(connection, [b"\0"], [file])


def taken_over(connection: socket.socket) -> int | None:
    """Give the open file that is sent; nothing if none came, or not in time."""
    try:
        _, files, _, _ = socket.recv_fds(connection, 1, 1)
    except TimeoutError:
        return None
    return files[0] if files else None
