"""The lab as a whole: up, status, trigger, down."""

from __future__ import annotations

import os
import random
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from whence.lab import firewall, network, traces, vendor
from whence.lab.building import CannotBuild, run, tool
from whence.lab.machines import Machine, boot
from whence.lab.story import Story, Variant, draw
from whence.model import BadSettings, NotPermitted

FOLDER = "/run/whence-lab"
NAME = "WHENCE_LAB_NAME"  # in the environment: a second lab beside the first
FACTS = "office.json"
LOG = "outside.log"
ENTER = "enter"
NAMES = ("firewall", "outside", "desk", "files")
HERE = Path(__file__).parent
RESPONDER = (sys.executable, "-I", str(HERE / "responder.py"))
CALLER = (sys.executable, "-I", str(HERE / "caller.py"))


@dataclass(frozen=True, slots=True)
class Truth:
    """What whence must find out by itself."""

    script: str  # the stub that is run
    job: str  # the file, or file:line, that has it run
    launcher: str  # the daemon that reads it
    package: str


@dataclass(frozen=True, slots=True)
class Office:
    """A lab that is up."""

    seed: int
    variant: Variant
    address: str  # of the connection nobody can explain
    port: int
    hostname: str  # of the firewall
    prefix: tuple[str, ...]  # words that make a command run on the firewall
    truth: Truth
    machines: tuple[Machine, ...]

    @property
    def firewall(self) -> Machine:
        """The machine whence runs on."""
        return self.machines[0]


def folder() -> Path:
    """Say where the lab is kept; the name of its control group is the same.

    Raises
    ------
    BadSettings
        If the name in the environment is not letters and digits: what is there gets removed.

    """
    name = os.environ.get(NAME, "")
    if name and not (name.isascii() and name.isalnum()):
        raise BadSettings(f"{NAME} is “{name}”", because="it may have letters and digits only")
    return Path(f"{FOLDER}-{name}" if name else FOLDER)


def up(seed: int | None = None, variant: str = "anacron") -> Office:
    """Build the office; the seed, drawn afresh if not given, decides all names and addresses.

    Raises
    ------
    NotPermitted
        If this user is not root.
    CannotBuild
        If it is up already, or a tool is missing. What was built by then is taken down.
    BadInput
        If there is no such variant.

    """
    require_root()
    story = draw(random.SystemRandom().randrange(1 << 31) if seed is None else seed, variant)
    try:
        folder().mkdir(mode=0o700)
    except FileExistsError as e:
        raise CannotBuild("the lab is up already", try_="whence lab down") from e
    try:
        return _build(story)
    except BaseException:
        down()
        raise


def down() -> list[str]:
    """Take everything down that is the lab's, however it came to be, and say what it was.

    Raises
    ------
    NotPermitted
        If this user is not root.
    CannotBuild
        If something does not go away.

    """
    require_root()
    with traces.undisturbed():
        return list(_take_down())


def status() -> Office | None:
    """Give the office that is up, or None.

    Raises
    ------
    NotPermitted
        If this user is not root.
    CannotBuild
        If there is only half of one.

    """
    require_root()
    if not folder().exists() and not traces.marked(str(folder())):
        return None
    try:
        office = msgspec.json.decode((folder() / FACTS).read_bytes(), type=Office)
    except (OSError, msgspec.DecodeError) as e:
        raise _half("it was not built to the end") from e
    for machine in office.machines:
        if traces.running(machine.first.pid) != machine.first:
            raise _half(f"the machine {machine.name} has ended")
    return office


def trigger(office: Office) -> None:
    """Have the jobs run now, as the hourly trigger would; cron needs none."""
    if office.variant == "anacron":
        office.firewall.start(*firewall.ANACRON, firewall.ANACRON_TABLE)


def describe(office: Office) -> str:
    """Say what is there and how to go there, and nothing of the answer."""
    return f"""\
The firewall {office.hostname} is up (seed {office.seed}, variant {office.variant}).
Its log shows connections to {office.address}:{office.port} that nobody ordered.
Run commands on it with: {folder() / ENTER} COMMAND…"""


def callers() -> list[str]:
    """Who called the remote machines so far, a line each as a firewall writes it."""
    try:
        return (folder() / LOG).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def require_root() -> None:
    """Stop anybody who could not make namespaces."""
    if os.geteuid() != 0:
        raise NotPermitted(
            "the lab needs root", because="it makes network namespaces", try_="sudo whence lab up"
        )


def cgroup() -> Path | None:
    """Say which control group holds the lab, where cgroup2 is mounted."""
    for line in Path("/proc/mounts").read_text().splitlines():
        _device, mountpoint, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(mountpoint, folder().name)
    return None


def _take_down() -> Iterator[str]:
    if ended := traces.end_all(str(folder())):
        yield f"ended {ended} processes, and with them their networks and mounts"
    group = cgroup()
    if group and group.is_dir():
        traces.remove_groups(group)
        yield f"removed the control group {group}"
    if folder().is_dir() and not folder().is_symlink():
        shutil.rmtree(folder())
        yield f"removed {folder()}"


def _build(story: Story) -> Office:
    for name in ("ip", "nsenter", "dpkg-deb", "dpkg"):
        tool(name)
    group = cgroup()
    if group:
        group.mkdir(exist_ok=True)
    machines = tuple(boot(name, folder(), group) for name in NAMES)
    wall, outside, desk, files = machines
    network.connect(story, wall, outside, desk, files)
    certificate = make_certificate(folder() / "certificate.pem")
    package = vendor.build_package(story, folder(), tls=certificate != "-")
    _begin_ordinary_life(story, outside, desk, files, certificate)
    firewall.furnish(wall, story, package)
    wall.start(*CALLER, f"{story.innocent}:{story.port}", f"{story.web}:80")
    office = Office(
        story.seed,
        story.variant,
        story.remote,
        story.port,
        story.hostname,
        (*wall.prefix, "env", f"HOME={firewall.HOME}"),
        truth(story),
        machines,
    )
    _write_down(office)
    return office


def truth(story: Story) -> Truth:
    """Say what the answer must name."""
    line = "" if story.variant == "anacron" else f":{vendor.LINE_OF_THE_JOB}"
    return Truth(story.stub, story.job_file + line, story.variant, story.package)


def make_certificate(path: Path) -> str:
    """Make a certificate nobody signed, key included; "-" where there is no openssl."""
    try:
        tool("openssl")
    except CannotBuild:
        return "-"
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    out = ("-keyout", str(path), "-out", f"{path}.crt", "-days", "30", "-subj", "/CN=service")
    run(("openssl", "req", "-x509", *key, *out))
    with path.open("a") as file:
        file.write(Path(f"{path}.crt").read_text())
    return str(path)


def _begin_ordinary_life(
    story: Story, outside: Machine, desk: Machine, files: Machine, certificate: str
) -> None:
    mystery, innocent = f"{story.remote}:{story.port}", f"{story.innocent}:{story.port}"
    web, intranet = f"{story.web}:80", f"{story.files}:80"
    log = str(folder() / LOG)
    outside.start(*RESPONDER, log, certificate, f"tls:{mystery}", innocent, web)
    files.start(*RESPONDER, "-", "-", intranet)
    desk.start(*CALLER, web, intranet)


def _write_down(office: Office) -> None:
    enter = folder() / ENTER
    enter.write_text(f'#!/bin/sh\nexec {shlex.join(office.prefix)} "$@"\n')
    enter.chmod(0o700)
    scratch = folder() / "office.new"
    scratch.write_bytes(msgspec.json.encode(office))
    scratch.rename(folder() / FACTS)


def _half(reason: str) -> CannotBuild:
    return CannotBuild("there is only half a lab", because=reason, try_="whence lab down")
