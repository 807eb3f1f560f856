"""Building the office whose log grows: a firewall that logs, a log server, three hosts."""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from whence.lab.building import tool, write_door
from whence.lab.contract import Office, Site
from whence.lab.machines import Machine
from whence.lab.programs import CALLER, RESPONDER
from whence.lab.root_view import HOME, give_a_root_view, write
from whence.lab.stories.firewall.furnishing import FILES_OF_OTHERS, install_what_is_missing
from whence.lab.stories.ghosts import databases, log_server, packages
from whence.lab.stories.ghosts.asa import Settings
from whence.lab.stories.ghosts.drawing import ENDED, GOES_ON, KINDS, Drawn, Ghost
from whence.lab.stories.ghosts.history import INNOCENT_PAUSE, INNOCENT_PORT, write_history
from whence.lab.stories.ghosts.network import connect

LOG = "/var/log/firewall.log"
DPKG_LOG = "/var/log/dpkg.log"
ROOM = "40m"  # of the log server's file system
IDLE = 5.0  # seconds: the firewall's “timeout embryonic” is at its least
HERE = Path(__file__).parent
NAMES = ("firewall", "outside", "logs", "desk", "files", *KINDS)
PYTHON = (sys.executable, "-I", "-m")
CRONTAB = "SHELL=/bin/sh\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n"


def build(drawn: Drawn, site: Site) -> Office:
    """Build the office; the flood begins with the end of it."""
    if any(ghost.kind == "monitoring" for ghost in drawn.active):
        databases.newest_programs()
    machines = {name: site.boot(name) for name in NAMES}
    inside = {drawn.log_address: machines["logs"], drawn.desk: machines["desk"],
              drawn.files: machines["files"]}  # fmt: skip
    inside |= {ghost.address: machines[ghost.kind] for ghost in drawn.ghosts}
    connect(drawn, machines["firewall"], machines["outside"], inside)
    with ThreadPoolExecutor(2) as hands:
        work = [hands.submit(_furnish, machines[ghost.kind], drawn, ghost, site.folder)
                for ghost in drawn.active]  # fmt: skip
        work.append(hands.submit(_furnish_logs, machines["logs"], drawn))
        work.append(hands.submit(_furnish_firewall, machines["firewall"], drawn))
        for each in work:
            each.result()
    for name in ("firewall", *(ghost.kind for ghost in drawn.active if not ghost.windows)):
        write_door(site.folder / f"enter-{name}", _prefix(machines[name]))
    began = _begin(drawn, machines)
    return Office(
        "ghosts",
        drawn.seed,
        drawn.variant,
        f"The disk of the log server {drawn.syslog} fills: its log has many times its usual lines.",
        _prefix(machines["logs"]),
        truth(drawn, began),
        known(drawn, began),
        tuple(machines.values()),
    )


def truth(drawn: Drawn, began: float) -> dict[str, str]:
    """Say what the answers must name."""
    onset = datetime.fromtimestamp(began, UTC)
    found = {"onset": f"{onset:%Y-%m-%d %H:%M:%S}", "reload": drawn.firewall}
    for ghost in drawn.active:
        found[f"{ghost.kind} source"] = ghost.address
        found[f"{ghost.kind} network"] = ghost.network
        found[f"{ghost.kind} port"] = str(ghost.port)
        found[f"{ghost.kind} program"] = ghost.program
        if not ghost.windows:
            found[f"{ghost.kind} launcher"] = ghost.launcher
            found[f"{ghost.kind} place"] = place(ghost)
        found[f"{ghost.kind} silence"] = GOES_ON if ghost.kind == drawn.left else ENDED
    if drawn.updated in {ghost.package for ghost in drawn.active if not ghost.windows}:
        found["update"] = drawn.updated
    if drawn.spoofed:
        found["spoofed source"] = drawn.spoofed
    return found


def place(ghost: Ghost) -> str:
    """Say where the stale target of a ghost stands."""
    if ghost.kind == "inventory":
        return f"{ghost.state} ({databases.row_of_sqlite(ghost)})"
    if ghost.kind == "monitoring":
        return databases.row_of_postgresql(ghost)
    return ghost.settings


def known(drawn: Drawn, began: float) -> dict[str, str]:
    """Say what one needs to play the story."""
    return {"began": str(began), "drawn": json.dumps(asdict(drawn))}


def drawn_of(office: Office) -> Drawn:
    """Give what was drawn for an office that is up."""
    return msgspec.json.decode(office.known["drawn"], type=Drawn)


def prefix(office: Office, name: str) -> tuple[str, ...]:
    """Give the words that make a command run on a machine, as its administrator."""
    return _prefix(office.machine(name))


def _prefix(machine: Machine) -> tuple[str, ...]:
    return (*machine.prefix, "env", f"HOME={HOME}", "TZ=UTC")


def _furnish(machine: Machine, drawn: Drawn, ghost: Ghost, folder: Path) -> None:
    _own(machine, ghost.host)
    versions = [packages.OLD]
    if ghost.package == drawn.updated:
        versions.append(packages.NEW)
    if ghost.kind == "management":
        install_what_is_missing(machine)
        write(machine, "/etc/crontab", CRONTAB)
    for version in versions:
        package = packages.build_package(drawn, ghost, folder, version)
        # The machine has a /run of its own, so the package is reached through our root.
        path = f"/proc/{os.getpid()}/root{package}"
        machine.run("dpkg", "--install", "--force-unsafe-io", path)
        if version == packages.OLD:  # … was installed long ago
            date = f"{datetime.now(UTC) - timedelta(days=90):%Y-%m-%d}"
            machine.run("sed", "-i", f"/ {ghost.package}:all /s/^[0-9-]*/{date}/", DPKG_LOG)
    if ghost.kind == "inventory":
        databases.fill_sqlite(machine, drawn, ghost)
    elif ghost.kind == "monitoring":
        databases.start_postgresql(machine, ghost)


def _furnish_logs(machine: Machine, drawn: Drawn) -> None:
    _own(machine, drawn.syslog)
    machine.run("mount", "-n", "-t", "tmpfs", "-o", f"size={ROOM},mode=755", "whl-log", "/var/log")
    file = Path(f"/proc/{machine.first.pid}/root{LOG}")
    traditional = drawn.traditional or log_server.rsyslog() is None
    write_history(drawn, file, datetime.now(UTC), traditional=traditional)


def _furnish_firewall(machine: Machine, drawn: Drawn) -> None:
    _own(machine, drawn.firewall)


def _own(machine: Machine, name: str) -> None:
    give_a_root_view(machine)
    machine.run("sh", "-e", text=FILES_OF_OTHERS)
    machine.run("hostname", name)
    write(machine, "/etc/hostname", f"{name}\n")
    write(machine, "/etc/hosts", f"127.0.0.1 localhost {name}\n")


def _begin(drawn: Drawn, machines: dict[str, Machine]) -> float:
    """Have the firewall log, and the programs call; give when that was."""
    logs, wall = machines["logs"], machines["firewall"]
    log_server.serve(logs, LOG, traditional=drawn.traditional)
    settings = Settings(drawn.seed, drawn.firewall, drawn.lan, drawn.wan, drawn.log_address,
                        drawn.ahead, drawn.usual_per_hour, IDLE)  # fmt: skip
    wall.start(*PYTHON, "whence.lab.stories.ghosts.asa", json.dumps(asdict(settings)))
    outside = machines["outside"]
    web = f"{drawn.web}:{INNOCENT_PORT}"
    outside.start(*RESPONDER, "-", "-", web, f"{drawn.web}:443")
    if drawn.variant == "innocent":
        for name in ("desk", "files"):
            machines[name].start(*CALLER, f"pause={INNOCENT_PAUSE}", web)
    else:
        machines["desk"].start(*CALLER, "pause=20", f"{drawn.web}:443")
    time.sleep(0.5)  # until the firewall listens
    began = time.time()
    for ghost in drawn.active:
        _call(machines[ghost.kind], ghost)
    if drawn.spoofed:
        spoofer = (tool("python3"), "-I", str(HERE / "spoofer.py"))
        target = (drawn.spoofed, drawn.spoofed_target, str(drawn.spoofed_port))
        machines["desk"].start(*spoofer, *target)
    return began


def _call(machine: Machine, ghost: Ghost) -> None:
    """Start a program as its service manager would: in a control group of its own, or by cron."""
    if not ghost.service:
        machine.start("cron", "-f")
        return
    own = machine
    if machine.cgroup:
        group = Path(machine.cgroup, "system.slice", ghost.service)
        group.mkdir(parents=True, exist_ok=True)
        own = replace(machine, cgroup=str(group))
    own.start(packages.path_of(ghost))
