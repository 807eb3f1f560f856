"""What probes and sensors may ask of the world. All of it only looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from whence.model import Flow, Process, Reading, SwitchPort
from whence.model.address_forms import Wanted
from whence.model.neighbour_questions import NeighbourQuestion
from whence.model.switching import Counters, Identity, Learned, Neighbour, Port, Resolved
from whence.model.wiring import Wiring

Clock = Callable[[], datetime]  # aware, UTC


class Host(Protocol):
    """A machine we can look at: this one, one over ssh, or a recording.

    Each method raises CannotAsk, with the reason, where it cannot look.
    """

    name: str

    @property
    def boot(self) -> str:
        """The id of the running boot."""
        ...

    def read(self, path: str) -> Reading:
        """Read a file."""
        ...

    def list(self, directory: str) -> Reading:
        """Name the entries of a directory, sorted, one a line."""
        ...

    def link(self, path: str) -> Reading:
        """Say where a symbolic link points, as it is written there."""
        ...

    def status(self, path: str) -> Reading:
        """Give stat(2) of a path as JSON, following links.

        Keys: mode (octal text), uid, gid, size, inode, device, links, modified and changed
        (seconds since 1970), kind ("file", "directory", "other").
        """
        ...

    def run(self, *argv: str) -> Reading:
        """Run a command that changes nothing, and give what it printed."""
        ...


class Witness(Protocol):
    """Who saw connections: recorded history, the sockets open now, a sensor that waits."""

    def connections(self, flow: Flow) -> Reading:
        """Give each sighting that ``flow`` covers, oldest first: a line each, as model.ecs."""
        ...

    def process(self, process: Process) -> Reading:
        """Give what is known of a process and its ancestors: a line each, as model.ecs."""
        ...


class PacketWitness(Protocol):
    """Who read captures."""

    def traffic(self, flow: Flow) -> Reading:
        """Give what was captured of a flow that goes either way: a JSON object a line.

        Objects with ``flow`` are rows of the flow table as ECS documents, those with ``way`` say
        which way it goes, those with ``name`` what an end of it is called, and in which packet
        that was said.
        """
        ...

    def station(self, address: str) -> Reading:
        """Give what was captured of a machine, by its IP or MAC address: a JSON object a line.

        Objects with ``claim`` say who claimed the IP address by ARP, those with ``said`` what was
        said of it and in which packet, those with ``packets`` how its packets came.
        """
        ...


class Neighbours(Protocol):
    """The machines on the links of a host.

    Raises CannotAsk where it cannot look or ask, and for an address that is on no link.
    """

    def known(self) -> Reading:
        """Give what the kernel knows of them, without asking: a JSON object a line.

        ip, mac, state (ip-neighbour(8), or OWN), interface, namespace, age.
        """
        ...

    def ask(self, question: NeighbourQuestion, address: str) -> Reading:
        """Ask the machine at an address, by packets that go through no router.

        A JSON object a line for each thing that was answered; no lines: silence. The last may
        hold ``dropped``: why some of what came was not taken, and how often.
        """
        ...


class Imported(Protocol):
    """Who read files of other tools that the user imported."""

    def told(self, address: str) -> Reading:
        """Give what they tell of a machine, by its IP or MAC address: a JSON object a line.

        Each has file, line, import, kind and said, which is the line; host, if the file is about
        one; of ip, mac, name, port (of a switch), state, interface, vlan, ends and at what is
        known. ``alone`` says of a port whether nothing else was learned there, and ``asked`` that
        the name is one that was asked for.
        """
        ...


class MacMakers(Protocol):
    """Who was assigned which MAC addresses."""

    def maker(self, mac: str) -> Reading:
        """Give the assignment that a MAC address lies in, as a JSON object; or no lines."""
        ...


class LeaseFiles(Protocol):
    """Where DHCP servers write down whom they gave which address."""

    def files(self) -> Reading:
        """Name the files, one a line."""
        ...

    def contents(self, path: str) -> Reading:
        """Read one of them."""
        ...


class NamesHeard(Protocol):
    """What was heard of the names of addresses while the recorder ran."""

    def heard_for(self, address: str) -> Reading:
        """Give the names of an address, the latest first: a JSON object a line.

        name; how, a key of model.heard_names.HOW; first and last, RFC 3339;
        count.

        Raises
        ------
        CannotAsk
            If nobody recorded.

        """
        ...


class Resolver(Protocol):
    """The names that the host's own resolver has for addresses. It may ask servers far away."""

    def names_of(self, address: str) -> Reading:
        """Give each name of an address, one a line."""
        ...


class Device(Protocol):
    """A device that answers questions in the words of its protocol, as text.

    A question is ``walk OID``, ``walk OID of CONTEXT``, ``get OID…`` or ``answering OID of
    CONTEXT…`` for who speaks SNMP, and a command for who has a command line. Each answer is a
    reading; of a walk that was cut short, the last line says so, behind a #.
    """

    name: str

    def ask(self, question: str) -> Reading:
        """Ask one thing. Nothing on the device changes by it."""
        ...


class Switch(Protocol):
    """A switch, whatever it speaks. All of it only reads; each row knows its evidence.

    Each method raises CannotAsk, with the reason, where the switch cannot tell.
    """

    name: str  # by which its settings call it, or its address

    def identity(self) -> Identity:
        """Say who it is."""
        ...

    def ports(self) -> Iterable[Port]:
        """Give its ports, physical and others."""
        ...

    def learned(self) -> Iterable[Learned]:
        """Give its forwarding table, without the addresses of the switch itself."""
        ...

    def neighbours(self) -> Iterable[Neighbour]:
        """Give the devices that say at its ports who they are."""
        ...

    def counters(self) -> Iterable[Counters]:
        """Give what went through its ports."""
        ...

    def resolved(self) -> Iterable[Resolved]:
        """Give the IP addresses that it knows the MAC addresses of."""
        ...

    def remarks(self) -> tuple[str, ...]:
        """Say what of the answers so far was left out, cut short or strange."""
        ...

    def missing(self) -> tuple[str, ...]:
        """Give those of the remarks that tell of machines which may be missing."""
        ...


class Agents(Protocol):
    """The SNMP agents of machines, where somebody said how they may be asked."""

    def system(self, address: str) -> Reading:
        """Give what the agent at an address says of its machine: the system group, RFC 3418 2.

        A line ``OID = TYPE: VALUE`` for sysDescr, sysName and sysLocation.

        Raises
        ------
        CannotAsk
            If nobody said how it may be asked, or it does not answer.

        """
        ...


class Switches(Protocol):
    """All switches that are known, asked side by side the first time anybody wants to know."""

    def wiring(self) -> Wiring:
        """Say what they told: which address is learned where, and what leads to what.

        Raises
        ------
        CannotAsk
            If no switch is known, or none answers.

        """
        ...


class Cables(Protocol):
    """The plan of the cables between switches and outlets."""

    def from_port(self, port: SwitchPort) -> Reading:
        """Give what the plan says of a port: one JSON object a line, from the switch outwards."""
        ...


class PortSearches(Protocol):
    """What searches for a port by mirroring found."""

    def of(self, address: str) -> Reading:
        """Give what was found of a machine, by its IP or MAC address: a JSON object a line."""
        ...


class AddressTables(Protocol):
    """Tables of addresses on this machine; nothing is asked of anybody."""

    def look_up(self, table: str, address: str) -> Reading:
        """Say what a table has of an address: a JSON object a line.

        Each line names the table: ``table``, ``date`` (of its data), ``source``, ``path``. One with
        a ``network`` is what it has of the address; one without says that it has nothing. Tables:
        "special", "cloud", "country", "networks", "tor-exits". Raises CannotAsk where there is none
        of a kind.
        """
        ...


class Programs(Protocol):
    """Who looks into the files of programs. Nothing of them is run, except where a method says so.

    Each method raises CannotAsk where it cannot look, or the user has not allowed it.
    """

    def sums(self, path: str) -> Reading:
        """Give size, sha256, md5 and capabilities, if it carries any, as JSON."""
        ...

    def names_in(self, path: str) -> Reading:
        """Give what a file names, as far as that takes no time: a line each, as Said."""
        ...

    def contents_of(self, path: str) -> Reading:
        """Give what a file is and all that it names: a line each, as model.program_contents."""
        ...

    def scanned(self, path: str) -> Reading:
        """Give what a scanner for malware on this machine says; then which it is, in a line."""
        ...

    def matched(self, path: str) -> Reading:
        """Give the user's rules that match: a JSON object a line, with rule, said and at."""
        ...

    def help(self, path: str, *, is_sound: bool) -> Reading:
        """Run it with --help, where it can change nothing, and give what it says.

        Sound is what is as its package brought it; others only if the user allows that, too.
        """
        ...


class Internet(Protocol):
    """Others, whom one may ask about an address; each of them hears it, and of whom."""

    def dns(self, name: str, kind: str) -> Reading:
        """Ask the resolver for a name's records ("A", "AAAA"), or an address's ("PTR").

        Gives a value a line. No lines: there are none, or there is no such name.
        """
        ...

    def rdap(self, address: str) -> Reading:
        """Give what the registry of an address says by RDAP: JSON, RFC 9083."""
        ...

    def whois(self, address: str) -> Reading:
        """Give what whois servers say of an address, each after a line ``% from SERVER``."""
        ...

    def origin(self, address: str) -> Reading:
        """Ask a service by DNS which network announces an address, in Team Cymru's form."""
        ...

    def known_file(self, sha256: str) -> Reading:
        """Ask a service whether it knows a file by its SHA-256: JSON; empty where it does not."""
        ...

    def certificate(self, address: str, port: int) -> Reading:
        """Call it and give the certificates that it shows: PEM, after a line with the protocol."""
        ...

    def banner(self, address: str, port: int) -> Reading:
        """Call it and give the first that it says."""
        ...


class Search(Protocol):
    """Who looks for an address where programs may have it from.

    What was found is a line each, as model.mentions; the last line says what was not read. Each
    method raises CannotAsk where it cannot look, or the user has not allowed it.
    """

    def names(self, address: str) -> Reading:
        """Give the names that the user knows the address by, one a line."""
        ...

    def mentions(self, wanted: Wanted, places: Sequence[str]) -> Reading:
        """Look through files and folders, closely: ranges, compressed files too."""
        ...

    def named_files(self, path: str) -> Reading:
        """Give the files and folders that a program's own file names, one a line."""
        ...

    def traces(self, wanted: Wanted, pid: int) -> Reading:
        """Look at a process's command line and environment."""
        ...

    def databases(self, places: Sequence[str]) -> Reading:
        """Give the database servers that files name: URL, tab, file, one a line; no passwords."""
        ...


class DeepSearch(Protocol):
    """Who looks where it takes long, or where only the user can say that one may."""

    def memory(self, wanted: Wanted, pid: int) -> Reading:
        """Look through a process's memory."""
        ...

    def everywhere(self, wanted: Wanted) -> Reading:
        """Look through all that is on this machine's disks; ranges are left out."""
        ...

    def rows(self, wanted: Wanted) -> Reading:
        """Look through the database that the user named."""
        ...


class FileChanges(Protocol):
    """Who knows which files were changed."""

    def changed_files(self, folders: Sequence[str], since: datetime, until: datetime) -> Reading:
        """Name what has a ctime in a span: these folders, and what is below them.

        A JSON object a line.

        Keys: path, kind ("file", "directory", "link"), uid, mode, size, modified, changed (seconds
        since 1970). The last line has the key ``not_read`` in place of these: reason → count.
        """
        ...
