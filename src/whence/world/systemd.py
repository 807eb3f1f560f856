"""The service manager, and a unit for it that may do what recording needs and nothing else."""

from __future__ import annotations

import enum
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from whence.model import BadSettings, CannotAsk

PATIENCE = 90.0  # seconds that systemctl may take
SAFE = re.compile(r"[A-Za-z0-9_@+=:,./ \[\]*?-]+")  # systemd expands no wildcards

UNIT = """\
# Written by `whence record install`; `whence record remove` takes it away again.
# To change it: systemctl edit whence-record
[Unit]
Description=Keep a history of connections and of who made them (whence)
# Once the unit is taken away, it is not listed as failed.
CollectMode=inactive-or-failed

[Service]
Type=exec
ExecStart={command} record --state /var/lib/whence/history
Restart=on-failure
RestartSec=5
# Bad usage, not permitted, bad settings: no better the next time.
RestartPreventExitStatus=2 77 78
# It was told to end before it had quite begun.
SuccessExitStatus=130
{account}
StateDirectory=whence/history
StateDirectoryMode=0750
UMask=0027

# To load and attach the sensor (BPF, PERFMON), also to cgroups and by sock_diag (NET_ADMIN), and
# to hear which names addresses have (NET_RAW).
AmbientCapabilities=CAP_BPF CAP_PERFMON CAP_NET_ADMIN CAP_NET_RAW
CapabilityBoundingSet=CAP_BPF CAP_PERFMON CAP_NET_ADMIN CAP_NET_RAW
NoNewPrivileges=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
# BPF for the sensor; the others to lay down rights, and, without CAP_SETUID, for nothing else.
SystemCallFilter=bpf perf_event_open capset setresuid
SystemCallErrorNumber=EPERM

# It talks to the kernel and to nobody else.
RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_PACKET
IPAddressDeny=any

# It must see the processes, cgroups and the kernel's types; it changes none of them.
ProtectSystem=strict
ProtectHome=read-only
ProtectProc=default
ProtectControlGroups=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectKernelLogs=yes
ProtectClock=yes
ProtectHostname=yes
PrivateDevices=yes
PrivateTmp=yes
PrivateMounts=yes
RemoveIPC=yes
KeyringMode=private
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
# Callbacks from libbpf into Python need no writable code: libffi maps them from a file.
MemoryDenyWriteExecute=yes

# Before Linux 5.11 maps counted as locked memory; since then MemoryMax bounds them.
LimitMEMLOCK=infinity
MemoryMax=256M
TasksMax=64
OOMPolicy=stop

[Install]
WantedBy=multi-user.target
"""


class Account(enum.Enum):
    """Whose rights a service has, besides its capabilities."""

    OWN = "DynamicUser=yes\nUser=whence"
    ROOT = "User=root"  # for a program that only root can reach


def recorder_unit(command: Sequence[str], account: Account) -> str:
    """Write the unit of the recorder.

    Raises
    ------
    BadSettings
        If the command has letters that mean something else in a unit file.

    """
    return UNIT.format(command=command_line(command), account=account.value)


def command_line(command: Sequence[str]) -> str:
    """Write a command as ExecStart= takes it, systemd.service(5).

    Raises
    ------
    BadSettings
        If it has letters that mean something else in a unit file.

    """
    for word in command:
        if not SAFE.fullmatch(word) or not command[0].startswith("/"):
            raise BadSettings(
                f"a unit cannot run {word!r}",
                because="it is no absolute path, or systemd would read its characters differently",
                try_="use names of plain letters, and whence below a path such as /opt/whence",
            )
    return " ".join(f'"{word}"' if " " in word else word for word in command)


def is_running(root: Path) -> bool:
    """Say whether systemd is the service manager there, as sd_booted(3) does."""
    return (root / "run/systemd/system").is_dir()


def run(command: Sequence[str]) -> None:
    """Run a command that changes something.

    Raises
    ------
    CannotAsk
        If it is not there or did not do it.

    """
    try:
        subprocess.run(
            command, capture_output=True, timeout=PATIENCE, check=True, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError) as e:
        raise CannotAsk(
            f"could not run {' '.join(command)}",
            because=_reason(e),
            try_="systemctl status whence-record",
        ) from e


def _reason(error: OSError | subprocess.SubprocessError) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        words: str = error.stderr.decode("utf-8", "replace").strip()
        return words.splitlines()[-1] if words else f"exit status {error.returncode}"
    if isinstance(error, subprocess.TimeoutExpired):
        return f"it took over {PATIENCE:.0f} s"
    return getattr(error, "strerror", None) or str(error)
