"""The files and folders from which a program may have what it knows, and why each of them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from whence.model import CannotAsk, Process, ProcessRecord
from whence.model.mention_ranking import reason
from whence.probes._accounts import home
from whence.probes._beside import beside
from whence.probes._dpkg import LISTS, owners_of
from whence.probes._files import names_in, read_if_there
from whence.probes._living import descriptors, still_lives
from whence.probes._roots import root_of, seen_from_here
from whence.probes._units import SYSTEM, UnitFile, units_of
from whence.world import Host, Search

MOST = 400  # files and folders
GENERAL = (
    "/etc",
    "/usr/local/etc",
    "/var/spool/cron",
    "/usr/local/lib/systemd/system",
    "/run/systemd/system",
)
SCHEDULES = ("/etc/crontab", "/etc/cron.d/", "/etc/anacrontab", "/var/spool/cron/")
# Where a working directory says nothing of the program, or is too large to be looked through.
_ANYWHERE = re.compile(
    r"/(?:(?:root|home/[^/]+|tmp|var|var/(?:tmp|lib|www)|etc|run|opt|srv|usr(?:/local(?:/[^/]+)?)?)/?)?"
)
_NO_SETTING = re.compile(
    r"/(?:proc|dev|sys|run|lib|lib64|bin|sbin|var/log|var/cache"
    r"|usr(?!/local/(?:etc|lib|share)/(?!python|node_modules).))(?:/|$)"
)
_UNIT = re.compile(r".*/(?P<unit>[^/]+\.service)(?:/.*)?")
_PATH = re.compile(r"(?:^|[=:,\s])(/[^\s:,;\"']+)")
_BY_NAME = ("/etc/{}", "/opt/{}", "/usr/local/etc/{}", "/var/lib/{}", "/srv/{}")
_FILES_BY_NAME = (
    "/etc/systemd/system/{}.service",
    "/etc/systemd/system/{}.service.d/",
    "/etc/default/{}",
    "/etc/sysconfig/{}",
    "/etc/init.d/{}",
    "/etc/cron.d/{}",
)
_INTERPRETER = re.compile(r"(?:python|perl|ruby|node|java|php|bash|dash|sh|busybox)[\d.]*")

Near = dict[str, str]  # a file, or a folder with / behind it → why


def nearby(lineage: Sequence[ProcessRecord], host: Host, search: Search) -> Near:
    """Gather what is near the first process, a line of ancestors behind it. Folders end with /."""
    near: Near = {}
    with suppress(CannotAsk):
        root = root_of(lineage, host)
        for named, why in _near(lineage, host, search):
            path = _normal(named)
            if len(near) < MOST and not _too_wide(path):
                near.setdefault(seen_from_here(path, root, host), why)
        known = dict(near)
        for program in _programs(lineage[0]):
            for path, why in beside(program, host, root):
                place = seen_from_here(path, root, host)
                if not reason(place.rstrip("/"), known):
                    near.setdefault(place, why)
    return near


def _too_wide(path: str) -> bool:
    return bool(_ANYWHERE.fullmatch(path) or _NO_SETTING.match(path))


def _normal(path: str) -> str:
    """Write a path without detours; a folder keeps the / behind it."""
    plain = re.sub(r"^/+", "/", posixpath.normpath(path))
    return f"{plain}/" if path.endswith("/") and plain != "/" else plain


def _near(
    lineage: Sequence[ProcessRecord], host: Host, search: Search
) -> Iterator[tuple[str, str]]:
    for source in _sources(lineage, host, search):
        with suppress(CannotAsk):  # what one of them cannot tell, the next one may
            yield from source


def _sources(
    lineage: Sequence[ProcessRecord], host: Host, search: Search
) -> Iterator[Iterable[tuple[str, str]]]:
    first = lineage[0]
    for generation, record in enumerate(lineage):
        yield _called(record, "" if not generation else f" of its ancestor {record.process}")
    yield _unit_files(first, host)
    yield _open(first.process, host)
    if any(_is_scheduler(record) for record in lineage):
        yield ((place, "a schedule, and it was started by one") for place in SCHEDULES)
    for path in _programs(first):
        yield _of_package(path, host)
        yield _of_name(path)
        yield _named_in(path, search)
    run = first.execution
    if run and run.working_directory and not _ANYWHERE.fullmatch(run.working_directory):
        yield [(f"{run.working_directory.rstrip('/')}/", "its working directory")]
    yield _of_user(first, host)


def _named_in(path: str, search: Search) -> Iterator[tuple[str, str]]:
    for named in search.named_files(path).lines():
        if named:  # a program that names none is an empty text, which has one line
            yield str(named), f"named in {path}"


def _of_user(record: ProcessRecord, host: Host) -> Iterator[tuple[str, str]]:
    if record.user_id is not None and (own := home(host, record.user_id)):
        yield f"{own.rstrip('/')}/.config/", "the settings of its user"


def _called(record: ProcessRecord, whose: str) -> Iterator[tuple[str, str]]:
    run = record.execution
    if run is None or record.inherited:
        return
    for word in run.args[1:]:
        for path in _PATH.findall(word):
            yield path, f"on the command line{whose}"
        if not word.startswith("-") and "/" in word and run.working_directory:
            yield posixpath.join(run.working_directory, word), f"on the command line{whose}"


def _programs(record: ProcessRecord) -> Iterator[str]:
    """Name its script, or its executable where that is no interpreter."""
    run = record.execution
    if run is None:
        return
    script = next((word for word in run.args[1:] if not word.startswith("-")), "")
    if _INTERPRETER.fullmatch(posixpath.basename(run.executable)):
        given = run.file if run.file not in ("", run.executable) else script
        path = posixpath.join(run.working_directory or "/", given)
        if given and _INTERPRETER.fullmatch(posixpath.basename(path)):
            path = posixpath.join(run.working_directory or "/", script) if script else ""
        if path.startswith("/") and path != "/":
            yield posixpath.normpath(path)
    else:
        yield run.executable


def _is_scheduler(record: ProcessRecord) -> bool:
    return record.name in ("cron", "crond", "anacron", "atd", "fcron")


def _unit_files(record: ProcessRecord, host: Host) -> Iterator[tuple[str, str]]:
    found = _UNIT.fullmatch(record.cgroup)
    units = units_of(SYSTEM, host)
    unit = units.unit(found["unit"]) if found and units and "user@" not in record.cgroup else None
    if unit is None:
        return
    yield unit.path, f"the unit {unit.name}"
    for setting in unit.settings:
        yield setting.path, f"the unit {unit.name}"
    yield from _named_by(unit)


def _named_by(unit: UnitFile) -> Iterator[tuple[str, str]]:
    for setting in unit.all("EnvironmentFile", "LoadCredential", "WorkingDirectory"):
        path = unit.resolved(setting.value).rpartition(":")[2].lstrip("-")
        if path.startswith("/") and not _ANYWHERE.fullmatch(path):
            yield path, f"{setting.key} of the unit {unit.name}"
            if setting.key == "WorkingDirectory":
                yield f"{path.rstrip('/')}/", f"{setting.key} of the unit {unit.name}"
    for key, above in (("ConfigurationDirectory", "/etc"), ("StateDirectory", "/var/lib")):
        for name in unit.last(key).split():
            yield f"{above}/{name}/", f"{key} of the unit {unit.name}"


def _open(process: Process, host: Host) -> Iterator[tuple[str, str]]:
    with suppress(CannotAsk):
        if still_lives(process, host):
            for descriptor in descriptors(process, host):
                if descriptor.target.startswith("/"):
                    yield descriptor.target, "it has it open"


def _of_package(path: str, host: Host) -> Iterator[tuple[str, str]]:
    """Give what the package of a program brought to /etc, and its state folder."""
    for owner in owners_of(path, host):
        reading = read_if_there(host, f"{LISTS}/{owner}.list")
        for line in reading.lines() if reading else ():
            if re.match(
                r"/etc/(?!(?:init\.d|default|cron\.\w+|logrotate\.d)?$)|/var/lib/[^/]+$", line
            ):
                yield str(line), f"of its package {owner}"
                if line.count("/") == 2 or line.startswith("/var/lib/"):
                    yield f"{line}/", f"of its package {owner}"


def _of_name(path: str) -> Iterator[tuple[str, str]]:
    """Give the usual places of a program of this name."""
    stem = posixpath.splitext(posixpath.basename(path))[0]
    for name in dict.fromkeys((stem, stem.rstrip("d"))):
        if len(name) > 2:
            yield from ((place.format(name), "named as the program") for place in _FILES_BY_NAME)
            for place in _BY_NAME:
                yield f"{place.format(name)}/", "named as the program"
                yield f"{place.format(name)}.conf", "named as the program"


def places_of(near: Near) -> tuple[str, ...]:
    """Give what to look through: what is near, and where settings are on any host."""
    folders = [*GENERAL, *(path.rstrip("/") for path in near)]
    above = tuple(f"{place}/" for place in GENERAL)
    return tuple(
        dict.fromkeys(path for path in folders if path in GENERAL or not path.startswith(above))
    )


__all__ = ["Near", "names_in", "nearby", "places_of"]
