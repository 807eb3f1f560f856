"""Building the firewall's office: four machines, a vendor's package, ordinary life."""

from __future__ import annotations

from pathlib import Path

from whence.lab.certificates import make_certificate
from whence.lab.contract import Office, Site
from whence.lab.machines import Machine
from whence.lab.programs import CALLER, LOG, RESPONDER
from whence.lab.root_view import HOME
from whence.lab.stories.firewall import furnishing, network, vendor
from whence.lab.stories.firewall.drawing import Drawn

NAMES = ("firewall", "outside", "desk", "files")


def build(story: Drawn, site: Site) -> Office:
    """Build the office."""
    machines = tuple(site.boot(name) for name in NAMES)
    wall, outside, desk, files = machines
    network.connect(story, wall, outside, desk, files)
    certificate = make_certificate(site.folder / "certificate.pem")
    package = vendor.build_package(story, site.folder, tls=certificate != "-")
    _begin_ordinary_life(story, outside, desk, files, certificate, site.folder / LOG)
    furnishing.furnish(wall, story, package)
    wall.start(*CALLER, f"{story.innocent}:{story.port}", f"{story.web}:80")
    return Office(
        "firewall",
        story.seed,
        story.variant,
        f"The firewall {story.hostname} makes connections to {story.remote}:{story.port} "
        "that nobody ordered.",
        (*wall.prefix, "env", f"HOME={HOME}"),
        truth(story),
        {"address": story.remote, "port": str(story.port), "hostname": story.hostname},
        machines,
    )


def truth(story: Drawn) -> dict[str, str]:
    """Say what the answer must name."""
    line = "" if story.variant == "anacron" else f":{vendor.LINE_OF_THE_JOB}"
    return {
        "script": story.stub,
        "job": story.job_file + line,
        "launcher": story.variant,
        "package": story.package,
    }


def _begin_ordinary_life(
    story: Drawn, outside: Machine, desk: Machine, files: Machine, certificate: str, log: Path
) -> None:
    mystery, innocent = f"{story.remote}:{story.port}", f"{story.innocent}:{story.port}"
    web, intranet = f"{story.web}:80", f"{story.files}:80"
    outside.start(*RESPONDER, str(log), certificate, f"tls:{mystery}", innocent, web)
    files.start(*RESPONDER, "-", "-", intranet)
    desk.start(*CALLER, web, intranet)
