"""A systemd unit that receives log lines from boot on, with the rights that its sources need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from whence.model.log_receiving import ReceiverSettings, SpoolLimits
from whence.world.systemd import command_line
from whence.world.trust import account_for, this_whence

NAME = "whence-logs.service"
FIRST_OPEN_PORT = 1024  # below it a port takes CAP_NET_BIND_SERVICE, capabilities(7)
STATE = "/var/lib/whence/logs"
CREDENTIALS = "${CREDENTIALS_DIRECTORY}"  # systemd.exec(5): files of root's, for this service alone

UNIT = """\
# Written by `whence logs receive --print-unit`. To put it in place, as root:
#   save it as /etc/systemd/system/{name}, then: systemctl enable --now {name}
# To take it away: systemctl disable --now {name}, and remove that file.
[Unit]
Description=Receive log lines and keep them (whence)
After=network.target

[Service]
Type=exec
ExecStart={command}
{credentials}Restart=on-failure
RestartSec=5
# Bad usage, not permitted, bad settings: no better the next time.
RestartPreventExitStatus=2 77 78
# It was told to end, or heard nothing before that.
SuccessExitStatus=1 130
# What waits in the spool is made into rows when it is told to end.
TimeoutStopSec=60
{account}
{groups}StateDirectory=whence/logs
StateDirectoryMode=0750
RuntimeDirectory=whence
UMask=0027

AmbientCapabilities={capabilities}
CapabilityBoundingSet={capabilities}
NoNewPrivileges=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallFilter=capset setresuid setresgid
SystemCallErrorNumber=EPERM
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK

ProtectSystem=strict
ProtectHome=read-only
ProtectControlGroups=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectKernelLogs=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
PrivateDevices=yes
PrivateTmp=yes
RemoveIPC=yes
KeyringMode=private
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
MemoryDenyWriteExecute=yes

MemoryMax=2G
TasksMax=128
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
"""


def receiver_unit(
    program: Path, settings: ReceiverSettings, *, rests_on: Sequence[Path] | None = None
) -> str:
    """Write the unit that hears what ``settings`` say, and keeps it in the folder of the system.

    Nothing is put in place: that is for the reader, who may want to change it first. ``rests_on``
    is what the program needs to be unchanged: by default, this Python and this whence.

    Raises
    ------
    BadSettings
        If a name has letters that mean something else in a unit file.
    NotPermitted
        If somebody besides root could change what the service runs.

    """
    parts = this_whence() if rests_on is None else rests_on
    account = account_for([program, *parts], Path("/"))
    files = _certificate_files(settings)
    given = "".join(f" --{option} {CREDENTIALS}/{option}" for option in files)
    return UNIT.format(
        name=NAME,
        command=command_line([str(program), "logs", "receive", *_options(settings)]) + given,
        credentials="".join(
            f"LoadCredential={option}:{command_line([str(Path(file).absolute())])}\n"
            for option, file in files.items()
        ),
        account=account.value,
        groups="SupplementaryGroups=systemd-journal\n" if settings.sources.journal else "",
        capabilities=" ".join(_capabilities(settings)),
    )


def _options(settings: ReceiverSettings) -> Iterator[str]:
    sources = settings.sources
    for option, places in (("udp", sources.udp), ("tcp", sources.tcp), ("tls", sources.tls)):
        for address, port in places:
            yield from (
                f"--{option}",
                f"[{address}]:{port}" if ":" in address else f"{address}:{port}",
            )
    for option, paths in (
        ("unix", sources.unix),
        ("unix-stream", sources.unix_streams),
        ("tail", sources.files),
    ):
        for path in paths:
            yield from (f"--{option}", str(Path(path).absolute()))
    if sources.journal:
        yield "--journal"
    if settings.from_start:
        yield "--from-start"
    if settings.limits != SpoolLimits():
        yield from ("--floor", str(settings.limits.floor))
    yield from ("--state", STATE)


def _certificate_files(settings: ReceiverSettings) -> dict[str, str]:
    """Name the files that are root's and that systemd hands to the service, by their option."""
    ours = settings.certificate
    files = (
        {"certificate": ours.certificate, "key": ours.key, "client-ca": ours.client_ca}
        if ours
        else {}
    )
    return {option: file for option, file in files.items() if file}


def _capabilities(settings: ReceiverSettings) -> Iterator[str]:
    """Name what is needed until it listens; the process that receives lays them down then."""
    sources = settings.sources
    if any(port < FIRST_OPEN_PORT for _, port in (*sources.udp, *sources.tcp, *sources.tls)):
        yield "CAP_NET_BIND_SERVICE"
    if sources.udp:
        yield "CAP_NET_ADMIN"  # room for datagrams beyond net.core.rmem_max: SO_RCVBUFFORCE
    if sources.files:
        yield "CAP_DAC_READ_SEARCH"
