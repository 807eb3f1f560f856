"""From a process to what it would like to be taken for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from whence.model import CannotAsk, Confidence, Fact, Process, probe
from whence.model.interpreters import runs_others
from whence.probes._programs import sees_what_the_host_sees
from whence.probes._records import Run, last_run
from whence.world import Host, Witness

# Threads of the kernel stand in ps(1) in brackets, and their names have these forms.
_BRACKETS = re.compile(r"\[[\w./:@+-]+\]")
_KERNEL_NAMES = re.compile(
    r"(?:kworker|ksoftirqd|migration|cpuhp|idle_inject|watchdog|jbd2|irq|scsi_eh|nvme)[/_-].*"
    r"|(?:kthreadd|kswapd\d+|kcompactd\d+|khugepaged|ksmd|kauditd|khungtaskd|rcu_\w+|md\d+_\w+)"
)
_DAEMONS = re.compile(
    r"agetty|apache2|atd|auditd|avahi-daemon|bluetoothd|chronyd|containerd|crond?|cupsd"
    r"|dbus-daemon|dhclient|dhcpcd|dnsmasq|dockerd|getty|httpd|init|login|mysqld|named"
    r"|NetworkManager|nginx|ntpd|polkitd|postgres|redis-server|rpcbind|r?syslogd|sendmail|smbd"
    r"|snmpd|sshd|systemd(?:-(?:journald|logind|networkd|resolved|timesyncd|udevd))?|udevd"
)
_SYSTEM = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/lib/", "/usr/lib/", "/usr/libexec/")
_INSTALLED = (*_SYSTEM, "/usr/", "/opt/", "/snap/", "/nix/store/", "/gnu/store/", "/app/")


@probe(answers="pretends-to-be")
def pretends_to_be(process: Process, witness: Witness, host: Host) -> Iterator[Fact]:
    """Does this process show itself under a name that is not its own?"""
    run = last_run(process, witness)
    if run and run.execution.executable:
        for text in _masks(run, host):
            yield process.fact("pretends-to-be", text, *run.evidence, confidence=Confidence.LIKELY)


def _masks(run: Run, host: Host) -> Iterator[str]:
    execution = run.execution
    called = execution.args[0] if execution.args else ""
    shown = f"while it runs {execution.executable}"
    if _BRACKETS.fullmatch(called):
        yield f"a thread of the kernel: it calls itself {called}, {shown}"
    elif _KERNEL_NAMES.fullmatch(run.record.name):
        yield f"a thread of the kernel: its name is {run.record.name}, {shown}"
    elif runs_others(execution.executable):
        return
    elif _is_called_like_a_daemon(called, execution.executable):
        yield f"the system's {_program(called)}, {shown}"
    elif called.startswith(_SYSTEM) and _is_another_program(run, called, host):
        yield f"the system's {called}, {shown}"


def _is_called_like_a_daemon(called: str, executable: str) -> bool:
    """Say whether it has a daemon's name, and its program lies where no daemon is installed."""
    name = _program(called)
    return (
        _DAEMONS.fullmatch(name) is not None
        and name != posixpath.basename(executable)
        and not executable.startswith(_INSTALLED)
    )


def _program(called: str) -> str:
    """Name the program in a title such as ``-bash``, ``/usr/sbin/cron`` or ``sshd: somebody``."""
    return posixpath.basename(called.split(":")[0].split(" ")[0].lstrip("-"))


def _is_another_program(run: Run, called: str, host: Host) -> bool:
    """Say whether the file it is called after exists, and is not the one that it runs.

    A wrapper names its program so too (``exec -a "$0" /usr/lib/x/x-bin``): names that hold one
    another, and files in one folder, are not taken for a mask.
    """
    execution = run.execution
    if _belong_together(called, execution.executable) or not sees_what_the_host_sees(run, host):
        return False
    try:
        found = host.status(called).json()
    except CannotAsk:
        return False
    return execution.inode not in (0, found["inode"])


def _belong_together(one: str, other: str) -> bool:
    first, second = posixpath.basename(one), posixpath.basename(other)
    same_folder = posixpath.dirname(one) == posixpath.dirname(other)
    return same_folder or first in second or second in first
