"""Commands to a systemd: the system's own, or that of a user."""

from __future__ import annotations

from whence.inquiry.remedies._declare import Chain
from whence.model import Observable
from whence.model.suggestions import Words, command
from whence.probes._units import SYSTEM, user_of
from whence.probes._wanted import STATIC

# Units in which the jobs and sessions of others run: ending them would end far more.
SHARED = (
    "cron", "crond", "cronie", "fcron", "anacron", "atd", "ssh", "sshd", "dbus", "dbus-broker",
    "docker", "containerd", "supervisor", "supervisord", "inetd", "xinetd", "init",
    "NetworkManager", "gdm", "gdm3", "sddm", "lightdm",
)  # fmt: skip
_FAMILIES = ("user@", "session-", "getty@", "serial-getty@", "systemd-", "pm2-")


def systemctl(manager: str, *words: str) -> tuple[Words, ...]:
    """Give a command of systemctl(1); none where the manager cannot be reached by it."""
    if manager == SYSTEM:
        return command("systemctl", *words)
    if (uid := user_of(manager)) is not None:
        return command("systemctl", "--user", f"--machine={uid}@.host", *words)
    return ()


def is_shared(unit: str) -> bool:
    """Say whether others than the maker live by this unit."""
    return unit.rpartition(".")[0] in SHARED or unit.startswith(_FAMILIES)


def is_static(chain: Chain, unit: Observable) -> bool:
    """Say whether nothing enables it, so that to disable it would change nothing."""
    return any(str(fact.value) == STATIC for fact in chain.known.about(unit, "wanted-by"))
