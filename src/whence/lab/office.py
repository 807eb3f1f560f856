"""The lab as a whole: up, status, down."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from whence.lab import traces
from whence.lab.building import CannotBuild, tool, write_door
from whence.lab.contract import Office, Site, Story
from whence.lab.programs import LOG
from whence.lab.told import FIRST, story_called, variant_of
from whence.model import BadSettings, NotPermitted
from whence.model.plural import many

FOLDER = "/run/whence-lab"
NAME = "WHENCE_LAB_NAME"  # in the environment: a second lab beside the first
FACTS = "office.json"
ENTER = "enter"


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


def up(name: str = FIRST, seed: int | None = None, variant: str | None = None) -> Office:
    """Build the office of a story; the seed, drawn afresh if not given, decides all names.

    Raises
    ------
    NotPermitted
        If this user is not root.
    CannotBuild
        If it is up already, or a tool is missing. What was built by then is taken down.
    BadInput
        If there is no such story, or the story has no such variant.

    """
    require_root()
    story = story_called(name)
    chosen = variant_of(story, variant)
    try:
        folder().mkdir(mode=0o700)
    except FileExistsError as e:
        raise CannotBuild("the lab is up already", try_="whence lab down") from e
    drawn = random.SystemRandom().randrange(1 << 31) if seed is None else seed
    try:
        return _build(story, drawn, chosen)
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


def describe(office: Office) -> str:
    """Say what is there and how to go there, and nothing of the answer."""
    return f"""\
The office of the story {office.story} is up (seed {office.seed}, variant {office.variant}).
{office.told}
Run commands there with: {folder() / ENTER} COMMAND…"""


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
        processes = many(ended, "process", "processes")
        yield f"ended {processes}, and with them their networks and mounts"
    group = cgroup()
    if group and group.is_dir():
        traces.remove_groups(group)
        yield f"removed the control group {group}"
    if folder().is_dir() and not folder().is_symlink():
        shutil.rmtree(folder())
        yield f"removed {folder()}"


def _build(story: Story[Any], seed: int, variant: str) -> Office:
    for name in ("ip", "nsenter", *story.needs):
        tool(name)
    group = cgroup()
    if group:
        group.mkdir(exist_ok=True)
    office = story.build(story.draw(seed, variant), Site(folder(), group))
    _write_down(office)
    return office


def _write_down(office: Office) -> None:
    write_door(folder() / ENTER, office.prefix)
    scratch = folder() / "office.new"
    scratch.write_bytes(msgspec.json.encode(office))
    scratch.rename(folder() / FACTS)


def _half(reason: str) -> CannotBuild:
    return CannotBuild("there is only half a lab", because=reason, try_="whence lab down")
