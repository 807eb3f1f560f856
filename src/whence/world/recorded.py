"""A world made of texts: what a test, or a replayed case, looks at."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath

from whence.model import CannotAsk, Flow, Process, Reading, Remote, SwitchPort
from whence.model.address_forms import Wanted
from whence.model.neighbour_questions import NeighbourQuestion
from whence.world.search_sources import (
    databases_source,
    everywhere_source,
    files_source,
    names_source,
    process_source,
    rows_source,
)

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

BOOT_ID = "/proc/sys/kernel/random/boot_id"  # random(4)

Answer = Reading | CannotAsk


class RecordedHost:
    """A host that answers only what was recorded of it, in the order in which it was recorded.

    Keys are what a reading calls its source: a path, ``list PATH``, ``link PATH``,
    ``status PATH`` or a command line. Where only files were given, a directory lists the files
    below it, as a file system would.
    """

    def __init__(
        self,
        texts: Mapping[str, str] | None = None,
        name: str = "here",
        boot: str = "recorded",
        taken: datetime = EPOCH,
        answers: Iterable[tuple[str, Answer]] = (),
    ) -> None:
        self.name = name
        self._boot = boot
        self._taken = taken
        self._answers: defaultdict[str, list[Answer]] = defaultdict(list)
        for source, text in (texts or {}).items():
            self._answers[source].append(Reading(source, text, taken, name))
        for source, answer in answers:
            self._answers[source].append(answer)

    @property
    def boot(self) -> str:
        """The id of the boot that was recorded."""
        return self.read(BOOT_ID).text.strip() if BOOT_ID in self._answers else self._boot

    def read(self, path: str) -> Reading:
        """Give the recorded text of a file."""
        return self._answer(path, path)

    def list(self, directory: str) -> Reading:
        """Give the recorded entries, or those of the files that were recorded below it."""
        source = f"list {directory}"
        below = PurePosixPath(directory)
        if source not in self._answers:
            names = {
                path.relative_to(below).parts[0]
                for path in map(PurePosixPath, self._answers)
                if below in path.parents
            }
            if names:
                text = "".join(f"{name}\n" for name in sorted(names))
                return Reading(source, text, self._taken, self.name)
        return self._answer(source, directory)

    def link(self, path: str) -> Reading:
        """Give the recorded target of a link."""
        return self._answer(f"link {path}", path)

    def status(self, path: str) -> Reading:
        """Give the recorded status, or that of an ordinary file where its text was recorded."""
        source = f"status {path}"
        if source not in self._answers and path in self._answers:
            text = json.dumps(
                {
                    "kind": "file",
                    "mode": "0644",
                    "uid": 0,
                    "gid": 0,
                    "size": 0,
                    "inode": 0,
                    "device": 0,
                    "links": 1,
                    "modified": 0,
                    "changed": 0,
                }
            )
            return Reading(source, text, self._taken, self.name)
        return self._answer(source, path)

    def run(self, *argv: str) -> Reading:
        """Give what the command was recorded to have printed."""
        return self._answer(" ".join(argv), argv[0])

    def connections(self, flow: Flow) -> Reading:
        """Give the recorded sightings of a flow."""
        return self._answer(f"connections {flow}", str(flow))

    def process(self, process: Process) -> Reading:
        """Give the recorded story of a process."""
        return self._answer(f"process {process.pid}@{process.started}", str(process))

    def traffic(self, flow: Flow) -> Reading:
        """Give what was captured of a flow."""
        return self._answer(f"captures {flow}", str(flow))

    def station(self, address: str) -> Reading:
        """Give what was captured of a machine."""
        return self._answer(f"captures of {address}", address)

    def told(self, address: str) -> Reading:
        """Give what files of other tools told of a machine."""
        return self._answer(f"imports of {address}", address)

    def of(self, address: str) -> Reading:
        """Give what searches for a port found of a machine."""
        return self._answer(f"port searches of {address}", address)

    def known(self) -> Reading:
        """Give what the kernel knew of the neighbours."""
        return self._answer("neighbours", "the neighbour table")

    def ask(self, question: NeighbourQuestion, address: str) -> Reading:
        """Give what the machine at an address answered."""
        return self._answer(f"{question} {address}", address)

    def maker(self, mac: str) -> Reading:
        """Give the assignment that a MAC address lies in."""
        return self._answer(f"maker of {mac}", f"the maker of {mac}")

    def files(self) -> Reading:
        """Name the files of leases."""
        return self._answer("lease files", "the list of lease files")

    def contents(self, path: str) -> Reading:
        """Give a file of leases."""
        return self._answer(f"leases {path}", path)

    def names_of(self, address: str) -> Reading:
        """Give each name of an address."""
        return self._answer(f"names of {address}", address)

    def system(self, address: str) -> Reading:
        """Give what the SNMP agent of a machine said of it."""
        return self._answer(f"snmp system of {address}", address)

    def heard_for(self, address: str) -> Reading:
        """Give what was heard of the names of an address."""
        return self._answer(f"names heard for {address}", address)

    def from_port(self, port: SwitchPort) -> Reading:
        """Give what a plan of cables said of a port."""
        return self._answer(f"cables {port}", f"the cable of {port}")

    def device(self, name: str) -> RecordedDevice:
        """Give a device of which answers were recorded."""
        return RecordedDevice(name, self)

    def asked(self, device: str, question: str) -> Reading:
        """Give what a device was recorded to have answered."""
        return self._answer(f"{device}: {question}", f"{device}’s answer")

    def look_up(self, table: str, address: str) -> Reading:
        """Give what a table had of an address."""
        return self._answer(f"table {table} {address}", f"the table “{table}”")

    def dns(self, name: str, kind: str) -> Reading:
        """Give what the resolver said."""
        return self._answer(f"dns {name} {kind}", name)

    def rdap(self, address: str) -> Reading:
        """Give what the registry said."""
        return self._answer(f"rdap {address}", address)

    def whois(self, address: str) -> Reading:
        """Give what whois servers said."""
        return self._answer(f"whois {address}", address)

    def origin(self, address: str) -> Reading:
        """Give who announced an address."""
        return self._answer(f"origin {address}", address)

    def known_file(self, sha256: str) -> Reading:
        """Give what a service knew of a file."""
        return self._answer(f"known file {sha256}", sha256)

    def sums(self, path: str) -> Reading:
        """Give the sums of a program's file."""
        return self._answer(f"sums {path}", path)

    def contents_of(self, path: str) -> Reading:
        """Give what a program's file is and names."""
        return self._answer(f"contents of {path}", path)

    def names_in(self, path: str) -> Reading:
        """Give what a program's file names."""
        return self._answer(f"names in {path}", path)

    def scanned(self, path: str) -> Reading:
        """Give what a scanner said of a program's file."""
        return self._answer(f"scan of {path}", path)

    def matched(self, path: str) -> Reading:
        """Give the rules that matched a program's file."""
        return self._answer(f"rules on {path}", path)

    def help(self, path: str, *, is_sound: bool) -> Reading:
        """Give what a program said when it was asked for help."""
        return self._answer(f"{path} --help", path)

    def certificate(self, address: str, port: int) -> Reading:
        """Give the certificates that it showed."""
        return self._answer(f"certificate {Remote(address, port)}", address)

    def banner(self, address: str, port: int) -> Reading:
        """Give what it said."""
        return self._answer(f"banner {Remote(address, port)}", address)

    def names(self, address: str) -> Reading:
        """Give the names that the user knew the address by."""
        return self._answer(names_source(address), address)

    def mentions(self, wanted: Wanted, places: Sequence[str]) -> Reading:
        """Give what was found in files and folders."""
        return self._answer(files_source(wanted, places), wanted.address)

    def named_files(self, path: str) -> Reading:
        """Give the files that a program's own file names."""
        return self._answer(f"named in {path}", path)

    def traces(self, wanted: Wanted, pid: int) -> Reading:
        """Give what was found in a process's command line and environment."""
        return self._answer(process_source(wanted, pid, "traces"), f"pid {pid}")

    def databases(self, places: Sequence[str]) -> Reading:
        """Give the database servers that files named."""
        return self._answer(databases_source(places), "databases")

    def memory(self, wanted: Wanted, pid: int) -> Reading:
        """Give what was found in a process's memory."""
        return self._answer(process_source(wanted, pid, "memory"), f"the memory of pid {pid}")

    def everywhere(self, wanted: Wanted) -> Reading:
        """Give what was found on all disks."""
        return self._answer(everywhere_source(wanted), wanted.address)

    def rows(self, wanted: Wanted) -> Reading:
        """Give what was found in the user's database."""
        return self._answer(rows_source(wanted), "the database")

    def _answer(self, source: str, what: str) -> Reading:
        answers = self._answers.get(source)
        if not answers:
            raise CannotAsk(f"{what} is not there", because=f"“{source}” was not recorded")
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, CannotAsk):
            raise answer
        return answer


class RecordedDevice:
    """A device that answers only what was recorded of it."""

    def __init__(self, name: str, recorded: RecordedHost) -> None:
        self.name = name
        self._recorded = recorded

    def ask(self, question: str) -> Reading:
        """Give what was recorded."""
        return self._recorded.asked(self.name, question)
