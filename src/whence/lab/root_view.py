"""A root view of its own for a machine: layers in memory over what belongs to the host."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from whence.lab.machines import Machine

PRIVATE = ("/etc", "/opt", "/usr", "/var")
LAYERS = "/run/layers"
OVERLAY = "whl-overlay"
HOME = "/run/admin"
AWAY = "/mnt"  # of this machine's view only, for a moment

BARE = (
    "names=$(cat /etc/resolv.conf 2>/dev/null || true)",
    "mount -n -t tmpfs whl-run /run",
    f"mkdir -p /run/lock {HOME}",
    # A real /dev/log would carry the messages of the lab's cron into the host's log.
    "if [ -S /dev/log ]; then mount -n --bind /dev/null /dev/log; fi",
)
FURNISHED = (
    'rm -f /etc/resolv.conf; echo "$names" >/etc/resolv.conf',
    # Whatever is installed here starts nothing by itself, invoke-rc.d(8).
    "printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d",
)


def give_a_root_view(
    machine: Machine, private: Iterable[str] = PRIVATE, keep: Path | None = None
) -> None:
    """Put a layer in memory over everything that is written to, and over /run an empty one.

    A folder of the host's /run that the machine is to ``keep`` stays where it is.

    Raises
    ------
    CannotBuild
        If the kernel has no overlayfs: without it what is written would land on the host.

    """
    before = [f"mount -n --bind {keep} {AWAY}"] if keep else []
    after = [f"mkdir -p {keep}", f"mount -n --move {AWAY} {keep}"] if keep else []
    lines = (BARE[0], *before, *BARE[1:], *after, *map(_layer, private), *FURNISHED)
    machine.run("sh", "-e", text="\n".join(lines))


def write(machine: Machine, path: str, text: str, mode: str = "644") -> None:
    """Write a file in the machine's own view."""
    script = 'mkdir -p "$(dirname "$1")" && cat >"$1" && chmod "$2" "$1"'
    machine.run("sh", "-ec", script, "sh", path, mode, text=text)


def _layer(folder: str) -> str:
    at = f"{LAYERS}{folder}"
    options = f"lowerdir={folder},upperdir={at}/upper,workdir={at}/work"
    return f"mkdir -p {at}/upper {at}/work\nmount -n -t overlay {OVERLAY} -o {options} {folder}"
