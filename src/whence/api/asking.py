"""Ask why traffic is there, and keep the case: what the answers rest on."""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from whence.api.data import mac_registry
from whence.api.given_files import no_target
from whence.api.kept_cases import cases
from whence.api.looked_at import LookedAt, this_machine
from whence.api.span import Span
from whence.api.tables import Traffic
from whence.inquiry.explain import Answer, NotChecked, answer_of, replay, taken_as_they_stand
from whence.inquiry.explain import explain as _explain
from whence.inquiry.known import Verdict
from whence.inquiry.look import Waiting
from whence.inquiry.means import Means
from whence.inquiry.program_subject import program_of
from whence.inquiry.run import Outcome
from whence.inquiry.subject import subject_of
from whence.model import (
    BadInput,
    CannotAsk,
    Flow,
    Ip,
    Mac,
    NotPermitted,
    Observable,
    Program,
    Reach,
    Remote,
    WhenceError,
)
from whence.model.ecs import canonical_address
from whence.model.given_file import must_be_readable
from whence.model.mac_addresses import canonical_mac
from whence.model.targets import from_log_line, is_name, parse_target
from whence.store.case_file import CaseFile
from whence.store.heard_names import HeardNames
from whence.store.history import History
from whence.store.import_witness import ImportWitness
from whence.store.imports import Imports
from whence.store.witness import HistoryWitness
from whence.world import (
    AddressTables,
    Agents,
    Cables,
    Host,
    Imported,
    Internet,
    LeaseFiles,
    MacMakers,
    NamesHeard,
    Neighbours,
    PacketWitness,
    PortSearches,
    Programs,
    Resolver,
    Search,
    Witness,
    utc_now,
)
from whence.world.address_tables import LocalTables
from whence.world.internet import RealInternet
from whence.world.lease_files import TheseLeaseFiles
from whence.world.mirror_folder import FOLDER, MirrorFolder
from whence.world.online_settings import read_online_settings
from whence.world.places import Places
from whence.world.port_searches import ThesePortSearches
from whence.world.these_programs import Allowed

_CASE = re.compile(r"last|\d{4}-\d\d-\d\d-[0-9a-z]{1,8}")


def open_case(
    target: str, *, online: bool = False, log_line: bool = False, on: LookedAt | None = None
) -> CaseFile:
    """Open the case that a target names, or begin one about it; ``on`` which machine it is.

    Raises
    ------
    BadInput
        If the target is nothing that can be asked about, as a file.
    NotPermitted
        If it is a file that may not be read.
    CannotAsk
        If it is a name that cannot be resolved, or a pid that nobody knows.

    """
    if not log_line and _CASE.fullmatch(target.strip()):
        known = cases().open(target.strip())
        known.note_resumed()
        return known
    there = on or this_machine()
    host = there.host
    try:
        given = from_log_line(target) if log_line else parse_target(target, host.name, host.boot)
        subject = subject_of(given, host, there.processes(), online=online)
    except WhenceError as e:
        if not log_line and (file := no_target(target)):
            raise file from e
        raise
    return _begin(subject, target.strip())


def open_station(target: str, leases: Sequence[Path] = ()) -> CaseFile:
    """Begin a case about a machine, by its IP or MAC address, or go on with one.

    Raises
    ------
    BadInput
        If the target is neither, or one of the files to be read for it is not there.
    NotPermitted
        If this user may not read one of them.

    """
    for file in leases:
        must_be_readable(file, "give a file of DHCP leases")
    if _CASE.fullmatch(target.strip()):
        known = cases().open(target.strip())
        known.note_resumed()
        return known
    if mac := canonical_mac(target):
        return _begin(Mac(mac), target.strip())
    address, _, link = target.strip().strip("[]").partition("%")
    try:
        return _begin(Ip(canonical_address(address)), target.strip())
    except ValueError as e:
        raise BadInput(
            f"“{target}” is no address of a machine",
            because=f"it is on the link {link}" if link else "",
            try_="whence station 192.0.2.7, or whence station 00:14:22:01:23:45",
        ) from e


def beside(target: str) -> LookedAt:
    """Give this machine, on the link that is named behind a link-local address: RFC 4007 11."""
    return this_machine(target.strip().strip("[]").partition("%")[2])


def open_program(target: str, on: LookedAt | None = None) -> CaseFile:
    """Begin a case about a program, by the path of its file or the pid of a process.

    Raises
    ------
    BadInput
        If there is no such file, or it is no ordinary one.
    CannotAsk
        If there is no such process, or this user may not see what it runs.

    """
    there = on or this_machine()
    host = there.host
    file = Path(target).absolute()
    if target.isascii() and target.isdigit() and not (there.is_here and file.exists()):
        program = program_of(int(target), there.processes(), host)
        return _begin(program, f"pid {target}")
    if not there.is_here:
        return _begin(_program_there(target, host), target)
    if not file.exists():
        found = None if "/" in target else shutil.which(target)
        advice = f"whence program {found}" if found else "give the path of a program, or a pid"
        raise BadInput(f"there is no file {file}", try_=advice)
    if not file.is_file():
        kind = "a folder" if file.is_dir() else "no ordinary file"
        raise BadInput(f"{file} is {kind}", try_="give the path of a program")
    return _begin(Program(host.name, os.path.normpath(file)), str(file))


def _program_there(path: str, host: Host) -> Program:
    if not path.startswith("/"):
        raise BadInput(f"“{path}” is no path on {host.name}", try_="give all of it: /usr/sbin/cron")
    try:
        status = host.status(path)
    except NotPermitted:
        raise
    except CannotAsk as e:
        raise BadInput(f"there is no file {path} on {host.name}", because=e.because) from e
    if '"kind": "directory"' in status.text:
        raise BadInput(f"{path} is a folder", try_="give the path of a program in it")
    if '"kind": "file"' not in status.text:
        raise BadInput(f"{path} is no ordinary file", try_="give the path of a program")
    return Program(host.name, os.path.normpath(path))


def open_remote(target: str) -> CaseFile:
    """Begin a case about who is at an address.

    Raises
    ------
    BadInput
        If the target is no address, with or without a port.

    """
    given = parse_target(target)
    if not isinstance(given, Flow) or given.destination is None or is_name(given):
        raise BadInput(f"“{target}” is no address", try_="whence remote 203.0.113.7:443")
    return _begin(Remote(given.destination, given.destination_port), target.strip())


def explain(
    case: CaseFile,
    *,
    wait: timedelta | None = None,
    span: Span | None = None,
    reach: Reach = Reach.SILENT,
    level: str = "auto",
    traffic: Traffic | None = None,
    leases: Sequence[Path] = (),
    switches: Sequence[str] = (),
    on: LookedAt | None = None,
    allowed: Allowed | None = None,
    hear: Callable[[Waiting | Outcome], None] = lambda event: None,
) -> Answer:
    """Explain a case's subject: look back, look now, then wait; see ``inquiry.explain``.

    What captures have of it, if they were read, becomes part of the case. Files of DHCP leases
    are those in usual places, and switches those that are set, unless some are named. What may
    be done with a program beyond looking at it is ``allowed``.

    Raises
    ------
    BadSettings
        If devices may be asked, and the settings of switches are not right.

    """
    there = on or this_machine()
    host = there.host
    asked: dict[type, object] = {
        Neighbours: there.neighbours,
        MacMakers: mac_registry(),
        LeaseFiles: TheseLeaseFiles(leases, host.name, utc_now),
        Resolver: there.resolver,
        Search: _search(case.subject, there),
        AddressTables: LocalTables(Places.of_this_user().tables, host.name, utc_now),
        Programs: there.programs(allowed),
        Imported: imported(span or Span()),
        NamesHeard: names_heard() if there.is_here else None,
    }
    if found := found_ports(case.subject):
        asked |= found
    if traffic:
        from whence.analysis.captured import Captured  # not before: few read captures for it

        asked[PacketWitness] = Captured(traffic.tables, host.name, utc_now())
    if reach >= Reach.REMOTE:
        asked[Internet] = _internet(host.name)
    witnesses = _witnesses(span or Span(), there)
    means = Means(host, witnesses, utc_now, others=asked, waits=there.waits)
    if reach >= Reach.DEVICE:
        means = _with_devices(means, switches)
    return _explain(case, means, reach, wait, hear, level)


def _with_devices(means: Means, named: Sequence[str]) -> Means:
    from whence.api.cables import cables  # not before: few ask devices, and it is large
    from whence.world.station_agents import TheseAgents
    from whence.world.switch_settings import SwitchSettings

    settings = SwitchSettings.read(os.environ)
    chosen = settings.chosen(named)
    agents = TheseAgents(settings, utc_now, named)
    others = {**means.others, Cables: cables(), Agents: agents}
    return replace(means, switches=chosen, others=others)


def found_ports(subject: Observable) -> dict[type, object]:
    """Give the searches for ports that found anything of a machine, and the plan of cables."""
    folder = MirrorFolder(Places.of_this_user().state / FOLDER)
    if not isinstance(subject, Ip | Mac) or not folder.path.is_dir():
        return {}
    searches = ThesePortSearches(folder, os.uname().nodename, utc_now)
    with suppress(CannotAsk):  # a damaged file is told by the probe that asks
        if not searches.have(subject.address):
            return {}
    from whence.api.cables import cables  # not before: seldom wanted

    return {PortSearches: searches, Cables: cables()}


def history() -> History:
    """Give the history that this user can look back on."""
    return History(Places.of_this_user().history, utc_now)


def names_heard() -> HeardNames | None:
    """Give the names that were heard while this user's history was kept; None where none were."""
    heard = HeardNames(Places.of_this_user().history, utc_now, os.uname().nodename)
    return heard if heard.exists() else None


def imported(span: Span) -> ImportWitness | None:
    """Give what this user imported from files of other tools; None where that is nothing."""
    imports = Imports(Places.of_this_user().imports)
    if not imports.paths():
        return None
    return ImportWitness(imports, "imported", utc_now, span.since, span.until)


def _search(subject: Observable, there: LookedAt) -> Search | None:
    """Look for where an address is configured, unless it is this machine's for itself: RFC 1122."""
    address = (subject.destination or subject.source) if isinstance(subject, Flow) else None
    if address is None or ipaddress.ip_address(address.partition("%")[0]).is_loopback:
        return None
    return there.search(known_names(address, there))


def known_names(address: str, there: LookedAt) -> tuple[str, ...]:
    """Give the names that resolved to an address while this machine recorded."""
    heard = names_heard() if there.is_here else None
    with suppress(WhenceError):  # a damaged file is told by the probe that asks for all names
        return heard.resolving_to(address) if heard else ()
    return ()


def _begin(subject: Observable, title: str) -> CaseFile:
    return CaseFile.create(Places.of_this_user().cases, subject, utc_now, title)


def _internet(observer: str) -> Internet:
    return RealInternet(read_online_settings(os.environ), observer, utc_now)


def _witnesses(span: Span, there: LookedAt) -> tuple[Witness, ...]:
    if not there.is_here:  # what was recorded here is of this machine
        return (there.present(),)
    past: list[Witness] = [HistoryWitness(history(), utc_now, span.since, span.until)]
    if told := imported(span):
        past.append(told)
    return (*past,) if span.until else (*past, there.present())


__all__ = [
    "Allowed",
    "Answer",
    "CaseFile",
    "NotChecked",
    "Outcome",
    "Span",
    "Verdict",
    "Waiting",
    "answer_of",
    "beside",
    "explain",
    "history",
    "open_case",
    "open_program",
    "open_remote",
    "open_station",
    "replay",
    "taken_as_they_stand",
]
