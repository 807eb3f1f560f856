"""Building the firewall's office: four machines, a vendor's package, ordinary life."""

from __future__ import annotations

import sys
from pathlib import Path

from whence.lab import registry
from whence.lab.cables import GATEWAY
from whence.lab.certificates import make_certificate
from whence.lab.contract import NEVER, Office, Site
from whence.lab.machines import Machine
from whence.lab.programs import CALLER, LOG, REGISTRY, RESPONDER
from whence.lab.root_view import HOME
from whence.lab.stories.firewall import furnishing, network, vendor
from whence.lab.stories.firewall.drawing import Drawn
from whence.lab.stories.firewall.judging import (
    CLOCK,
    ENDS,
    GOES_ON,
    OWN,
    PASSING,
    SILENT,
    TARGET,
)

NAMES = ("firewall", "outside", "desk", "files")
END_OF = {"undone": GOES_ON, "second": f"{GOES_ON} {SILENT}"}  # what is watched after a change
APART = (sys.executable, "-I", str(Path(__file__).with_name("apart.py")))
PAUSE = "4"  # seconds between two calls of a station inside


def build(story: Drawn, site: Site) -> Office:
    """Build the office."""
    machines = tuple(site.boot(name) for name in NAMES)
    wall, outside, desk, files = machines
    network.connect(story, wall, outside, desk, files)
    certificate = make_certificate(site.folder / "certificate.pem")
    if story.inside:  # they call the same place, and speak no TLS
        certificate = "-"
    package = vendor.build_package(story, site.folder, tls=certificate != "-")
    _begin_ordinary_life(story, outside, desk, files, certificate, site.folder / LOG)
    authority = make_certificate(site.folder / "registry.pem", registry.RDAP)
    held = site.folder / "registry.txt"
    held.write_text(f"{story.remote}\nedge.{story.vendor}.example\n{story.holder}\n")
    outside.start(*REGISTRY, GATEWAY, authority, str(held))
    trusted = "" if authority == "-" else Path(f"{authority}.crt").read_text()
    furnishing.furnish(wall, story, package, trusted)
    wall.start(*CALLER, f"{story.innocent}:{story.port}", f"{story.web}:80")
    return Office(
        "firewall",
        story.seed,
        story.variant,
        f"The firewall {story.hostname} makes connections to {story.remote}:{story.port} "
        "that nobody ordered.",
        (*wall.prefix, "env", f"HOME={HOME}"),
        truth(story),
        {
            "address": story.remote,
            "port": str(story.port),
            "hostname": story.hostname,
            "remedy": story.remedy if _has_an_editor(wall) else "job",
            "ahead": str(story.ahead),
        },
        machines,
    )


def _has_an_editor(machine: Machine) -> bool:
    """Say whether what is suggested for a setting can be typed; POSIX has vi, a container not."""
    return bool(machine.run("sh", "-c", "command -v vi || true"))


def truth(story: Drawn) -> dict[str, str]:
    """Say what the answer must name."""
    cron = story.variant == "cron"
    found = {
        "script": story.script,
        "job": story.job_file + (f":{vendor.LINE_OF_THE_JOB}" if cron else ""),
        "launcher": "/etc/cron.d" if cron else "/etc/anacrontab",
        "package": story.package,
        "setting": story.settings,
        "purpose": f"“{story.vendor.capitalize()} host agent”",
        "soundness": "as its package brought it",
        "cloud": story.cloud,
        "holder": story.holder,
        "likeness": f"resembles the maker of package {story.package}",
        "name outside": f"edge.{story.vendor}.example",
        "code": f"{story.module}/agent.pyc",
    }
    if story.variant == "disguised":
        found["verdict"] = "suspicious"
    if story.second_job:
        found["second job"] = story.second_job
    if story.inside:
        found[PASSING], found[OWN] = " ".join(story.inside), story.wan
    if story.ahead:
        found[CLOCK] = str(story.ahead)
    found[TARGET] = f"{story.remote}:{story.port}"
    found[ENDS] = END_OF.get(story.variant, SILENT)
    return found | {f"{NEVER} said to do it": f"/usr/local/sbin/{story.decoy} {story.innocent}"}


def _begin_ordinary_life(
    story: Drawn, outside: Machine, desk: Machine, files: Machine, certificate: str, log: Path
) -> None:
    mystery, innocent = f"{story.remote}:{story.port}", f"{story.innocent}:{story.port}"
    web, intranet = f"{story.web}:80", f"{story.files}:80"
    here = [innocent, web]
    if story.inside:
        _start_apart(outside, log, "answers", story.remote, str(story.port), str(log))
    else:
        here.append(f"tls:{mystery}")
    places = log.with_name("places.txt")
    places.write_text(" ".join(here))
    outside.start(*RESPONDER, str(log), certificate, f"@{places}")
    files.start(*RESPONDER, "-", "-", intranet)
    desk.start(*CALLER, web, intranet)
    for machine, address in zip((desk, files), story.inside, strict=False):
        _start_apart(machine, log, "calls", address, mystery, PAUSE)


def _start_apart(machine: Machine, log: Path, *words: str) -> None:
    """Start a station that no sensor sees; what it does stands in a file that nobody reads."""
    file = log.with_name(f"apart-{machine.name}.txt")
    file.write_text(" ".join(words))
    machine.start(*APART, str(file))
