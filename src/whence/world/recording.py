"""A host that keeps what it was asked: what makes a case replayable."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from whence.model import CannotAsk, Flow, Process, Reading, Remote, SwitchPort
from whence.model.address_forms import Wanted
from whence.model.neighbour_questions import NeighbourQuestion
from whence.world.contracts import (
    AddressTables,
    Agents,
    Cables,
    DeepSearch,
    Device,
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
)
from whence.world.recorded import BOOT_ID, Answer
from whence.world.search_sources import (
    databases_source,
    everywhere_source,
    files_source,
    names_source,
    process_source,
    rows_source,
)

Keep = Callable[[str, Answer], None]
LONGEST = 200  # characters of a file's name; most file systems take 255 bytes


class RecordingHost:
    """Asks another host, and hands each answer, also a refusal, to ``keep``."""

    def __init__(self, host: Host, keep: Keep) -> None:
        self.name = host.name
        self._host = host
        self._keep = keep

    @property
    def boot(self) -> str:
        """The id of the running boot."""
        try:
            return self.read(BOOT_ID).text.strip()
        except CannotAsk:
            return self._host.boot

    def read(self, path: str) -> Reading:
        """Read a file."""
        return _kept(self._keep, path, lambda: self._host.read(path))

    def list(self, directory: str) -> Reading:
        """Name the entries of a directory."""
        return _kept(self._keep, f"list {directory}", lambda: self._host.list(directory))

    def link(self, path: str) -> Reading:
        """Say where a symbolic link points."""
        return _kept(self._keep, f"link {path}", lambda: self._host.link(path))

    def status(self, path: str) -> Reading:
        """Give stat(2) of a path."""
        return _kept(self._keep, f"status {path}", lambda: self._host.status(path))

    def run(self, *argv: str) -> Reading:
        """Run a command that changes nothing."""
        return _kept(self._keep, " ".join(argv), lambda: self._host.run(*argv))


class RecordingWitness:
    """Asks another witness, and hands each answer to ``keep``."""

    def __init__(self, witness: Witness, keep: Keep) -> None:
        self._witness = witness
        self._keep = keep

    def connections(self, flow: Flow) -> Reading:
        """Give each sighting that a flow covers."""
        return _kept(self._keep, f"connections {flow}", lambda: self._witness.connections(flow))

    def process(self, process: Process) -> Reading:
        """Give what is known of a process and its ancestors."""
        return _kept(
            self._keep,
            f"process {process.pid}@{process.started}",
            lambda: self._witness.process(process),
        )


class RecordingPackets:
    """Asks somebody who read captures, and hands each answer to ``keep``."""

    def __init__(self, packets: PacketWitness, keep: Keep) -> None:
        self._packets = packets
        self._keep = keep

    def traffic(self, flow: Flow) -> Reading:
        """Give what was captured of a flow."""
        return _kept(self._keep, f"captures {flow}", lambda: self._packets.traffic(flow))

    def station(self, address: str) -> Reading:
        """Give what was captured of a machine."""
        source = f"captures of {address}"
        return _kept(self._keep, source, lambda: self._packets.station(address))


class RecordingPortSearches:
    """Asks what searches for a port found, and hands each answer to ``keep``."""

    def __init__(self, searches: PortSearches, keep: Keep) -> None:
        self._searches = searches
        self._keep = keep

    def of(self, address: str) -> Reading:
        """Give what was found of a machine."""
        source = f"port searches of {address}"
        return _kept(self._keep, source, lambda: self._searches.of(address))


class RecordingNeighbours:
    """Asks the machines on the links, and hands each answer to ``keep``."""

    def __init__(self, neighbours: Neighbours, keep: Keep) -> None:
        self._neighbours = neighbours
        self._keep = keep

    def known(self) -> Reading:
        """Give what the kernel knows of them."""
        return _kept(self._keep, "neighbours", self._neighbours.known)

    def ask(self, question: NeighbourQuestion, address: str) -> Reading:
        """Ask the machine at an address."""
        source = f"{question} {address}"
        return _kept(self._keep, source, lambda: self._neighbours.ask(question, address))


class RecordingImported:
    """Asks who read files of other tools, and hands each answer to ``keep``."""

    def __init__(self, imported: Imported, keep: Keep) -> None:
        self._imported = imported
        self._keep = keep

    def told(self, address: str) -> Reading:
        """Give what they tell of a machine."""
        source = f"imports of {address}"
        return _kept(self._keep, source, lambda: self._imported.told(address))


class RecordingMakers:
    """Asks who made a card, and hands each answer to ``keep``."""

    def __init__(self, makers: MacMakers, keep: Keep) -> None:
        self._makers = makers
        self._keep = keep

    def maker(self, mac: str) -> Reading:
        """Give the assignment that a MAC address lies in."""
        return _kept(self._keep, f"maker of {mac}", lambda: self._makers.maker(mac))


class RecordingLeases:
    """Reads files of leases, and hands each of them to ``keep``."""

    def __init__(self, leases: LeaseFiles, keep: Keep) -> None:
        self._leases = leases
        self._keep = keep

    def files(self) -> Reading:
        """Name the files."""
        return _kept(self._keep, "lease files", self._leases.files)

    def contents(self, path: str) -> Reading:
        """Read one of them."""
        return _kept(self._keep, f"leases {path}", lambda: self._leases.contents(path))


class RecordingResolver:
    """Asks a resolver, and hands each answer to ``keep``."""

    def __init__(self, resolver: Resolver, keep: Keep) -> None:
        self._resolver = resolver
        self._keep = keep

    def names_of(self, address: str) -> Reading:
        """Give each name of an address."""
        source = f"names of {address}"
        return _kept(self._keep, source, lambda: self._resolver.names_of(address))


class RecordingAgents:
    """Asks the SNMP agents of machines, and hands each answer to ``keep``."""

    def __init__(self, agents: Agents, keep: Keep) -> None:
        self._agents = agents
        self._keep = keep

    def system(self, address: str) -> Reading:
        """Ask the agent at an address which machine it is on."""
        source = f"snmp system of {address}"
        return _kept(self._keep, source, lambda: self._agents.system(address))


class RecordingNamesHeard:
    """Asks what was heard of names, and hands each answer to ``keep``."""

    def __init__(self, heard: NamesHeard, keep: Keep) -> None:
        self._heard = heard
        self._keep = keep

    def heard_for(self, address: str) -> Reading:
        """Give the names of an address."""
        source = f"names heard for {address}"
        return _kept(self._keep, source, lambda: self._heard.heard_for(address))


class RecordingCables:
    """Asks a plan of cables, and hands each answer to ``keep``."""

    def __init__(self, cables: Cables, keep: Keep) -> None:
        self._cables = cables
        self._keep = keep

    def from_port(self, port: SwitchPort) -> Reading:
        """Give what the plan says of a port."""
        return _kept(self._keep, f"cables {port}", lambda: self._cables.from_port(port))


class RecordingDevice:
    """Asks another device, and hands each answer to ``keep``."""

    def __init__(self, device: Device, keep: Keep) -> None:
        self.name = device.name
        self._device = device
        self._keep = keep

    def ask(self, question: str) -> Reading:
        """Ask one thing."""
        source = f"{self.name}: {question}"
        return _kept(self._keep, source, lambda: self._device.ask(question))


class RecordingTables:
    """Looks up in other tables, and hands each answer to ``keep``."""

    def __init__(self, tables: AddressTables, keep: Keep) -> None:
        self._tables = tables
        self._keep = keep

    def look_up(self, table: str, address: str) -> Reading:
        """Say what a table has of an address."""
        source = f"table {table} {address}"
        return _kept(self._keep, source, lambda: self._tables.look_up(table, address))


class RecordingInternet:
    """Asks others, and hands each answer to ``keep``."""

    def __init__(self, internet: Internet, keep: Keep) -> None:
        self._internet = internet
        self._keep = keep

    def dns(self, name: str, kind: str) -> Reading:
        """Ask the resolver."""
        return _kept(self._keep, f"dns {name} {kind}", lambda: self._internet.dns(name, kind))

    def rdap(self, address: str) -> Reading:
        """Ask a registry by RDAP."""
        return _kept(self._keep, f"rdap {address}", lambda: self._internet.rdap(address))

    def whois(self, address: str) -> Reading:
        """Ask whois servers."""
        return _kept(self._keep, f"whois {address}", lambda: self._internet.whois(address))

    def origin(self, address: str) -> Reading:
        """Ask who announces an address."""
        return _kept(self._keep, f"origin {address}", lambda: self._internet.origin(address))

    def known_file(self, sha256: str) -> Reading:
        """Ask whether a service knows a file."""
        source = f"known file {sha256}"
        return _kept(self._keep, source, lambda: self._internet.known_file(sha256))

    def certificate(self, address: str, port: int) -> Reading:
        """Call it for its certificates."""
        source = f"certificate {Remote(address, port)}"
        return _kept(self._keep, source, lambda: self._internet.certificate(address, port))

    def banner(self, address: str, port: int) -> Reading:
        """Call it for what it says."""
        source = f"banner {Remote(address, port)}"
        return _kept(self._keep, source, lambda: self._internet.banner(address, port))


class RecordingPrograms:
    """Looks into the files of programs, and hands each answer to ``keep``."""

    def __init__(self, programs: Programs, keep: Keep) -> None:
        self._programs = programs
        self._keep = keep

    def sums(self, path: str) -> Reading:
        """Give the sums of a file."""
        return _kept(self._keep, f"sums {path}", lambda: self._programs.sums(path))

    def names_in(self, path: str) -> Reading:
        """Give what a file names, as far as that takes no time."""
        return _kept(self._keep, f"names in {path}", lambda: self._programs.names_in(path))

    def contents_of(self, path: str) -> Reading:
        """Give what a file is and names."""
        return _kept(self._keep, f"contents of {path}", lambda: self._programs.contents_of(path))

    def scanned(self, path: str) -> Reading:
        """Give what a scanner says of it."""
        return _kept(self._keep, f"scan of {path}", lambda: self._programs.scanned(path))

    def matched(self, path: str) -> Reading:
        """Give the rules that match it."""
        return _kept(self._keep, f"rules on {path}", lambda: self._programs.matched(path))

    def help(self, path: str, *, is_sound: bool) -> Reading:
        """Run it for its help."""
        return _kept(
            self._keep, f"{path} --help", lambda: self._programs.help(path, is_sound=is_sound)
        )


class RecordingSearch:
    """Asks another search, and hands each answer to ``keep``."""

    def __init__(self, search: Search, keep: Keep) -> None:
        self._search = search
        self._keep = keep

    def names(self, address: str) -> Reading:
        """Give the names that the user knows the address by."""
        return _kept(self._keep, names_source(address), lambda: self._search.names(address))

    def mentions(self, wanted: Wanted, places: Sequence[str]) -> Reading:
        """Look through files and folders."""
        source = files_source(wanted, places)
        return _kept(self._keep, source, lambda: self._search.mentions(wanted, places))

    def named_files(self, path: str) -> Reading:
        """Give the files that a program's own file names."""
        return _kept(self._keep, f"named in {path}", lambda: self._search.named_files(path))

    def traces(self, wanted: Wanted, pid: int) -> Reading:
        """Look at a process's command line and environment."""
        source = process_source(wanted, pid, "traces")
        return _kept(self._keep, source, lambda: self._search.traces(wanted, pid))

    def databases(self, places: Sequence[str]) -> Reading:
        """Give the database servers that files name."""
        source = databases_source(places)
        return _kept(self._keep, source, lambda: self._search.databases(places))


class RecordingDeepSearch:
    """Asks another search that goes deep, and hands each answer to ``keep``."""

    def __init__(self, search: DeepSearch, keep: Keep) -> None:
        self._search = search
        self._keep = keep

    def memory(self, wanted: Wanted, pid: int) -> Reading:
        """Look through a process's memory."""
        source = process_source(wanted, pid, "memory")
        return _kept(self._keep, source, lambda: self._search.memory(wanted, pid))

    def everywhere(self, wanted: Wanted) -> Reading:
        """Look through all disks."""
        source = everywhere_source(wanted)
        return _kept(self._keep, source, lambda: self._search.everywhere(wanted))

    def rows(self, wanted: Wanted) -> Reading:
        """Look through the user's database."""
        return _kept(self._keep, rows_source(wanted), lambda: self._search.rows(wanted))


# Who keeps the answers of what contract.
RECORDING: Mapping[type, Callable[[Any, Keep], object]] = {
    Host: RecordingHost,
    Witness: RecordingWitness,
    PacketWitness: RecordingPackets,
    PortSearches: RecordingPortSearches,
    Neighbours: RecordingNeighbours,
    Imported: RecordingImported,
    MacMakers: RecordingMakers,
    LeaseFiles: RecordingLeases,
    Resolver: RecordingResolver,
    NamesHeard: RecordingNamesHeard,
    Agents: RecordingAgents,
    Cables: RecordingCables,
    AddressTables: RecordingTables,
    Internet: RecordingInternet,
    Programs: RecordingPrograms,
    Search: RecordingSearch,
    DeepSearch: RecordingDeepSearch,
}


def _kept(keep: Keep, source: str, ask: Callable[[], Reading]) -> Reading:
    try:
        reading = ask()
    except CannotAsk as reason:
        keep(source, reason)
        raise
    keep(source, reading)
    return reading


def write_recording(answers: Iterable[tuple[str, Answer]], directory: Path) -> int:
    """Write answers as files, one a source, for tests; ``read_recording`` reads them.

    A name is the source, percent-coded (RFC 3986) so that it can be a file's name; where that is
    too long, its beginning is a folder. Where one source was asked several times, the last answer
    stays. What was read may be for this user's eyes only, so the files are too. Returns how many
    files there are.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    written: set[Path] = set()
    for source, answer in answers:
        if isinstance(answer, Reading):
            file = directory.joinpath(*_parts(quote(source, safe=" ")))
            for folder in reversed(file.relative_to(directory).parents[:-1]):
                (directory / folder).mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(file, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogatepass") as text:
                text.write(answer.text)
            written.add(file)
    return len(written)


def read_recording(directory: Path) -> dict[str, str]:
    """Read the texts that ``write_recording`` wrote, for a RecordedHost."""
    return {
        _source(file.relative_to(directory)): file.read_text("utf-8", "surrogatepass")
        for file in sorted(directory.rglob("*"))
        if file.is_file()
    }


def _parts(name: str) -> list[str]:
    """Cut a name into folders and a file; a + marks what goes on, and quoted names have none."""
    *folders, file = (name[i : i + LONGEST] for i in range(0, len(name), LONGEST))
    return [*(f"{folder}+" for folder in folders), file]


def _source(file: Path) -> str:
    return unquote("".join(part.removesuffix("+") for part in file.parts))
