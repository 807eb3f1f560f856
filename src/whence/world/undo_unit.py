"""A systemd unit that takes back at boot what was changed when the power went."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from whence.world.places import VARIABLE, Places
from whence.world.systemd import command_line
from whence.world.trust import account_for, this_whence

NAME = "whence-undo.service"

BY_HAND = """\
# Written by `whence undo --print-unit`. To put it in place, as root:
#   save it as /etc/systemd/system/{name}, then: systemctl enable {name}
# To take it away: systemctl disable {name}, and remove that file.
"""

SYSTEM = """\
[Unit]
Description=Take back what a killed whence left changed
# A switch may have to be asked.
Wants=network-online.target
After=network-online.target openvswitch-switch.service
ConditionPathExists=|{state}/bisect/undo.json
ConditionDirectoryNotEmpty=|{state}/undo/passing

[Service]
Type=oneshot
{environment}ExecStart={command} undo --all
# A switch that is not there yet is asked again.
Restart=on-failure
RestartSec=60
RestartPreventExitStatus=2 77 78
TimeoutStartSec=300
User=root
# Secrets of switches, as WHENCE_SNMP_COMMUNITY=… and WHENCE_SSH_PASSWORD=…, for root alone.
EnvironmentFile=-/etc/whence/undo.env
UMask=0077

# To put files back that others own (CHOWN, FOWNER, DAC_OVERRIDE), and rights on them (FSETID).
CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_FSETID
NoNewPrivileges=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK

# Programs are put back where they were, so not ProtectSystem=strict; keys of ssh are only read.
ProtectSystem=no
ProtectHome=read-only
ProtectControlGroups=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectKernelLogs=yes
ProtectClock=yes
ProtectHostname=yes
PrivateDevices=yes
PrivateTmp=yes
KeyringMode=private
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
MemoryDenyWriteExecute=yes
MemoryMax=512M
TasksMax=64

[Install]
WantedBy=multi-user.target
"""

USER = """\
# Written by `whence undo --print-unit`. To put it in place:
#   save it as ~/.config/systemd/user/{name}, then: systemctl --user enable {name}
# It runs when you log in, and at boot after: loginctl enable-linger
[Unit]
Description=Take back what a killed whence left changed
ConditionPathExists=|{state}/bisect/undo.json
ConditionDirectoryNotEmpty=|{state}/undo/passing

[Service]
Type=oneshot
{environment}ExecStart={command} undo --all
Restart=on-failure
RestartSec=60
RestartPreventExitStatus=2 77 78
TimeoutStartSec=300
UMask=0077
NoNewPrivileges=yes

[Install]
WantedBy=default.target
"""


def undo_unit(program: Path, *, head: str = BY_HAND, rests_on: Sequence[Path] | None = None) -> str:
    """Write the unit: root's is one of the system, anybody else's one of that user.

    ``head`` are the lines before root's. ``rests_on`` is what the program needs to be unchanged: by
    default, this Python and this whence.

    Raises
    ------
    BadSettings
        If a path has letters that mean something else in a unit file.
    NotPermitted
        If somebody besides root could change what root would run.

    """
    is_root, command = os.geteuid() == 0, command_line([str(program)])
    if is_root:
        account_for([program, *(this_whence() if rests_on is None else rests_on)], Path("/"))
    chosen = os.environ.get(VARIABLE)
    state = command_line([str(Places.of_this_user().state)]).strip('"')
    return (head + SYSTEM if is_root else USER).format(
        name=NAME,
        command=command,
        environment=f'Environment="{VARIABLE}={state}"\n' if chosen else "",
        state=state,
    )
