"""What is on the firewall: a package that nobody remembers, cron.

Everything is written into layers in memory that only the firewall's mount namespace has. The
host's own files are below, unchanged, and all of it is gone when the namespace is.
"""

from __future__ import annotations

import os
from pathlib import Path

from whence.lab import registry
from whence.lab.building import CannotBuild, run
from whence.lab.cables import GATEWAY
from whence.lab.machines import Machine
from whence.lab.root_view import HOME, OVERLAY, give_a_root_view, write
from whence.lab.stories.firewall.drawing import Drawn

CRONTAB = """\
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin

17 * * * * root cd / && run-parts --report /etc/cron.hourly
"""

ANACRONTAB = """\
SHELL=/bin/sh
HOME=/root
LOGNAME=root

1 5 cron.daily run-parts --report /etc/cron.daily
7 10 cron.weekly run-parts --report /etc/cron.weekly
"""

# What the anacron of Debian is started with, and all jobs at once instead of when they are due.
ANACRON = ("anacron", "-d", "-q", "-s", "-f", "-n", "-S", "/var/spool/anacron", "-t")
ANACRON_TABLE = "/etc/anacrontab"

DECOY = """\
#!/bin/bash
# Is the mirror there?
exec 2>/dev/null 3<>/dev/tcp/{innocent}/{port} || exit 0
printf 'HEAD / HTTP/1.0\\r\\n\\r\\n' >&3
read -r -t 2 _ <&3
exit 0
"""

# The same one as a backup: busy, at the same time, in the same network, and innocent.
BUSY = """\
#!/bin/bash
# Save what is new.
for piece in $(seq 1 60); do
  exec 2>/dev/null 3<>/dev/tcp/{innocent}/{port} || continue
  head -c 20000 /dev/zero >&3
  read -r -t 1 _ <&3
  exec 3>&-
done
exit 0
"""

REGISTRY_CA = f"{HOME}/registry.pem"
ONLINE = f"{HOME}/.config/whence/online.toml"

# What was scheduled on the host must not run here, and what whence recorded there tells nothing
# here. The first two lines make sure that this is not the host itself.
FILES_OF_OTHERS = f"""\
grep -q '^{OVERLAY} /etc ' /proc/self/mounts
grep -q '^{OVERLAY} /var ' /proc/self/mounts
rm -rf /etc/cron.d /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly
rm -rf /var/spool/cron/crontabs /var/spool/anacron /var/lib/whence
mkdir -p /etc/cron.d /etc/cron.hourly /etc/cron.daily /etc/cron.weekly
mkdir -p /var/spool/cron/crontabs /var/spool/anacron
"""


def furnish(machine: Machine, story: Drawn, package: Path, certificate: str) -> None:
    """Turn a bare machine into the firewall of the story, with cron running."""
    give_a_root_view(machine)
    install_what_is_missing(machine)
    machine.run("sh", "-e", text=FILES_OF_OTHERS)
    machine.run("hostname", story.hostname)
    write(machine, "/etc/hostname", f"{story.hostname}\n")
    write(machine, "/etc/hosts", f"127.0.0.1 localhost\n{story.wan} {story.hostname}\n")
    write(machine, "/etc/crontab", CRONTAB)
    write(machine, ANACRON_TABLE, ANACRONTAB)
    _add_the_innocent(machine, story)
    write(machine, ONLINE, registry.SETTINGS.format(at=GATEWAY, ca=REGISTRY_CA))
    write(machine, REGISTRY_CA, certificate)
    # The firewall has a /run of its own, so the package is reached through our root.
    machine.run("dpkg", "--install", "--force-unsafe-io", f"/proc/{os.getpid()}/root{package}")
    machine.start("cron", "-f")


def install_what_is_missing(machine: Machine) -> None:
    """Install cron and anacron on the firewall, not on the host, from the host's network.

    Raises
    ------
    CannotBuild
        If they are missing and cannot be installed.

    """
    try:
        machine.run("sh", "-c", "command -v cron && command -v anacron && command -v dpkg")
        return
    except CannotBuild:
        enter = ("nsenter", "--target", str(machine.first.pid), "--mount", "--")
    install = "apt-get install --yes --no-install-recommends cron anacron"
    try:
        run((*enter, "sh", "-ec", f"{install} || {{ apt-get update && {install}; }}"))
    except CannotBuild as e:
        raise CannotBuild(
            "the lab needs cron and anacron, and could not install them",
            because=e.args[0],
            try_="apt-get install cron anacron",
        ) from e


def _add_the_innocent(machine: Machine, story: Drawn) -> None:
    program = f"/usr/local/sbin/{story.decoy}"
    shape = BUSY if story.variant == "backup" else DECOY
    text = shape.format(innocent=story.innocent, port=story.port)
    write(machine, program, text, "755")
    write(machine, f"/etc/cron.daily/{story.decoy}", f"#!/bin/sh\n{program}\n", "755")
    write(machine, f"/etc/cron.d/{story.decoy}", f"* * * * * root {program}\n")
