"""A report without own names and addresses, to be shown to others. Pure.

Replaced are user names, host names, own addresses, MAC addresses, and paths below home folders, in
all texts; with ``Redaction.ALL`` the other end's addresses and names as well. Kept are accounts of
the system (root, daemon …), loopback and multicast, program paths, times, the words of notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from whence.inquiry.reporting import address_forms
from whence.inquiry.reporting.address_forms import Address, Changes
from whence.inquiry.reporting.names import Names
from whence.inquiry.reporting.own_translations import own_by_translation
from whence.inquiry.reporting.pseudonyms import Pseudonyms
from whence.inquiry.reporting.report import Cited, CitedReading, Redaction, Report
from whence.inquiry.reporting.rewriting import rewritten, texts
from whence.model import (
    ATTEMPTED,
    Fact,
    Flow,
    Hostname,
    Ip,
    Job,
    Mac,
    Observable,
    Organisation,
    Remote,
    Session,
    SwitchPort,
    User,
)
from whence.model.mac_addresses import NOBODY as NO_CARD
from whence.model.mac_addresses import is_group
from whence.model.special_ranges import is_public

WITHHELD = "[withheld]"
FIRST_PERSON = 1000  # uid; smaller ones are the system's, login.defs(5)
NOBODY = 65534
COMM = 15  # letters of a process's name, proc(5)
LONGEST_PATH = 4096  # PATH_MAX of linux/limits.h
LONG_ENOUGH = 5  # letters of a file's name that says something
SYSTEM_USERS = frozenset((
    "root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp", "proxy",
    "www-data", "backup", "list", "irc", "gnats", "nobody", "_apt", "systemd-network",
    "systemd-resolve", "systemd-timesync", "messagebus", "sshd", "syslog", "postfix", "postgres",
    "mysql", "redis", "nginx", "apache", "http", "ntp", "chrony", "polkitd", "dbus", "avahi", "tss",
    "uuidd", "system", "administrator", "public", "default", "shared",
))  # fmt: skip
HERE = frozenset(("localhost", "localhost.localdomain", "ip6-localhost", "unknown", "cable plan"))
USERS = ("has-user", "logged-in-as")
HOSTS = ("is-named", "is-named-in-hosts", "is-in-workgroup", "has-netbios-name", "shares-its-name",
         "is-on-node")  # fmt: skip
NAMED = ("is-known-as", "reverse-name", "is-called", "certified-for", "certified-as")
FULL_NAME = re.compile(r"^[\w-]+(?:\.[\w-]+)+$")
_FOLDERS = r"(?:/home/|/Users/|[A-Za-z]:\\{1,2}Users\\{1,2})"
_PERSON = r"[^/\\\s\"'<>|:;,()\[\]{}]+"
_HOME = re.compile(f"{_FOLDERS}({_PERSON})")
# A path goes on to the end of what it is quoted in, or to what no path is likely to have.
_BELOW = re.compile(
    rf"(?<=[\"'“])({_FOLDERS}{_PERSON})([/\\][^\"'“”\n]*)(?=[\"'”])"
    rf"|({_FOLDERS}{_PERSON})([/\\][^\s\"'<>|:;,()\[\]{{}}]*)"
)
_WHOLE = re.compile(rf"({_FOLDERS}{_PERSON})([/\\][^\n]+)")
# In a command line: alice@srv7 of ssh, rsync and mail; but sshd's alice@pts/0 is on no host.
_AT = re.compile(r"(?<![\w.+%-])(\w[\w.+-]*)@(?!pts/|tty|notty)([A-Za-z][\w.-]*\w)")
_TERMINAL = re.compile(r"sshd: (\w[\w.-]*)@(?:pts/|tty|notty)")
# systemctl --user start is no user's name: what follows must not go on in words.
_OPTION = re.compile(
    r"--(?:user-?name|login)[ =](\w[\w.-]*)|--user=(\w[\w.-]*)"
    r"|--user (\w[\w.-]*)(?=$|:|\s+-|\s+\w+://)"
)
_COMMUNITY_ID = re.compile(r"\b1:[A-Za-z0-9+/]{27}=")  # a hash of addresses that can be guessed


def redacted(report: Report, redaction: Redaction) -> Report:
    """Put pseudonyms in the place of names and addresses."""
    if redaction is Redaction.NONE:
        return report
    return replace(_Redactor(report, redaction).report(), redaction=redaction)


class _Redactor:
    def __init__(self, report: Report, redaction: Redaction) -> None:
        self._report = report
        self._all = redaction is Redaction.ALL
        self._texts = [*dict.fromkeys(texts(report))]
        self._own = {*_own_addresses(report), *_translated(report, self._texts)}
        found = dict.fromkeys(one for text in self._texts for one in address_forms.found(text))
        self._known = {one for one in found if self._is_told_otherwise(one)}
        users = [*dict.fromkeys(self._users())]
        hosts = [*dict.fromkeys(self._hosts())]
        remote = [*dict.fromkeys(self._remote_names())] if self._all else []
        self._pseudonyms = Pseudonyms((*self._known, *users, *hosts, *remote))
        names = {user: self._pseudonyms.name("user", user) for user in users}
        names |= dict(self._host_names(hosts))
        self._path_names: set[str] = set()
        self._paths = Names(dict(self._whole_paths()))
        names |= {name: self._pseudonyms.name("remote", name) for name in remote}
        for name, pseudonym in self._file_names():
            names.setdefault(name, pseudonym)
        self._names = Names(names)
        whole = {address_forms.parsed_safely(one) for one in _addresses(report)}
        self._changes = Changes(
            self._address, self._mac, self._known.__contains__, whole.__contains__
        )

    def report(self) -> Report:
        """Give the report with other words."""
        report = self._report
        readings = tuple(replace(one, digest="") for one in report.readings)
        report = replace(report, readings=readings)
        if self._all:
            report = _without_remote(report)
        return rewritten(report, self._words)

    def _words(self, text: str) -> str:
        text = self._paths.replaced(_COMMUNITY_ID.sub(WITHHELD, text))
        text = _BELOW.sub(self._path, text)
        return self._names.replaced(address_forms.changed(text, self._changes))

    def _path(self, found: re.Match[str]) -> str:
        home, rest = (part for part in found.groups() if part is not None)
        if not rest[1:] or rest[1:] in self._path_names:
            return found[0]
        return f"{home}{rest[0]}{self._path_name(rest)}"

    def _whole_paths(self) -> Iterator[tuple[str, str]]:
        """Give the texts that are a path and nothing else: they may have blanks in them."""
        for text in self._texts:
            if (found := _WHOLE.fullmatch(text)) and len(text) <= LONGEST_PATH:
                home, rest = found.groups()
                yield text, f"{home}{rest[0]}{self._path_name(rest)}"

    def _path_name(self, rest: str) -> str:
        ending = re.search(r"\.[A-Za-z0-9]{1,5}$", rest)
        name = self._pseudonyms.name("path", rest, ending[0] if ending else "")
        self._path_names.add(name)
        return name

    def _file_names(self) -> Iterator[tuple[str, str]]:
        """Give the last parts of paths below home: a process is called like its file, shortened."""
        paths = {text for text in self._texts if text.startswith("/") and not _HOME.match(text)}
        elsewhere = {path.rpartition("/")[2] for path in paths}
        for text in self._texts:
            for found in _BELOW.finditer(text):
                _, rest = (part for part in found.groups() if part is not None)
                last = re.split(r"[/\\]", rest)[-1]
                if len(last) >= LONG_ENOUGH and last not in elsewhere:
                    yield last, self._path_name(rest)
                    yield last[:COMM], self._path_name(rest)

    def _address(self, address: Address) -> Address | None:
        if not self._is_told_otherwise(address):
            return None
        return self._pseudonyms.address(address, own=self._is_own(address))

    def _mac(self, mac: str) -> str | None:
        return self._pseudonyms.mac(mac) if self._is_told_otherwise(mac) else None

    def _is_told_otherwise(self, one: Address | str) -> bool:
        if isinstance(one, str):  # groups and “nobody” are no machine's
            return not is_group(one) and one != NO_CARD
        if (
            one.is_loopback
            or one.is_multicast
            or one.is_unspecified
            or str(one) == "255.255.255.255"
        ):
            return False
        return self._all or self._is_own(one)

    def _is_own(self, address: Address) -> bool:
        return str(address) in self._own or not is_public(str(address))

    def _users(self) -> Iterator[str]:
        system = set(SYSTEM_USERS)
        people: list[str] = [note.author for note in self._report.notes]
        for thing in _things(self._report):
            match thing:
                case User(name=name, uid=uid) if 0 <= uid < FIRST_PERSON or uid == NOBODY:
                    system.add(name.lower())
                case User(name=name) | Session(user=name) | Job(user=name):
                    people.append(name)
        for cited in self._report.facts:
            if cited.fact.relation in USERS:
                people.append(str(cited.fact.value))
        people += (name for text in self._texts for name in _HOME.findall(text))
        for command in _commands(self._report):
            people += (user for user, _ in _AT.findall(command))
            people += _TERMINAL.findall(command)
            people += ("".join(found) for found in _OPTION.findall(command))
        yield from (name for name in people if name.strip() and name.lower() not in system)

    def _hosts(self) -> Iterator[str]:
        names = [reading.observer for reading in self._report.readings]
        names += (seen.observer for seen in self._report.sightings)
        names += (host for command in _commands(self._report) for _, host in _AT.findall(command))
        for thing in _things(self._report):
            names.append(getattr(thing, "host", ""))
            if isinstance(thing, SwitchPort):
                names.append(thing.switch)
            if isinstance(thing, Session):
                names.append(thing.remote.rpartition(":")[0] or thing.remote)
        for cited in self._report.facts:
            fact = cited.fact
            if fact.relation in HOSTS and not isinstance(fact.subject, Remote):
                names += (
                    part for part in re.split(r"[\s,]+", str(fact.value)) if part[:1].isalnum()
                )
        for name in names:
            if (
                name.strip()
                and name.lower() not in HERE
                and address_forms.parsed_safely(name) is None
            ):
                yield name

    def _host_names(self, hosts: list[str]) -> Iterator[tuple[str, str]]:
        """Give a name for each host; of full names also for the first part and for the domain."""
        for host in hosts:
            if not FULL_NAME.match(host):
                yield host, self._pseudonyms.name("host", host)
                continue
            first, _, domain = host.partition(".")
            short = self._pseudonyms.name("host", first)
            where = self._pseudonyms.name("domain", domain, ".example")
            yield host, f"{short}.{where}"
            yield first, short
            if "." in domain:
                yield domain, where

    def _remote_names(self) -> Iterator[str]:
        for thing in _things(self._report):
            if isinstance(thing, Hostname):
                yield thing.name
            if isinstance(thing, Organisation):
                yield from filter(None, (thing.name, thing.domain))
        for cited in self._report.facts:
            if cited.fact.relation in NAMED:
                words = re.findall(r"[\w-]+(?:\.[\w-]+)+", str(cited.fact.value))
                yield from (word for word in words if address_forms.parsed_safely(word) is None)


def _things(report: Report) -> Iterator[Observable]:
    yield report.subject
    for cited in report.facts:
        yield cited.fact.subject
        if isinstance(cited.fact.value, Observable):
            yield cited.fact.value
    for record in (*report.maker, *(one for seen in report.sightings for one in seen.lineage)):
        yield record.process


def _commands(report: Report) -> Iterator[str]:
    """Give the command lines of processes and jobs."""
    for thing in _things(report):
        if isinstance(thing, Job):
            yield thing.command
    for cited in report.facts:
        if cited.fact.relation == "called-as":
            yield str(cited.fact.value)


def _addresses(report: Report) -> Iterator[str]:
    """Give the addresses that stand as such in the report."""
    flows = (seen.flow for seen in report.sightings)
    for thing in (*_things(report), *flows):
        match thing:
            case Ip(address=address) | Remote(address=address):
                yield address
            case Flow(source=source, destination=destination):
                yield from filter(None, (source, destination))


def _own_addresses(report: Report) -> Iterator[str]:
    """Name public addresses that are one's own: of this machine, or of one on a link of ours."""
    for cited in report.facts:
        fact = cited.fact
        for one in (fact.subject, fact.value):
            if isinstance(one, Ip):
                yield one.address
    subjects = (report.subject,) if isinstance(report.subject, Ip | Mac) else ()
    yield from (one.address for one in subjects if isinstance(one, Ip))
    for seen in report.sightings:
        ours = seen.flow.source if seen.action == ATTEMPTED else seen.flow.destination
        if seen.action != ATTEMPTED and not seen.flow.destination:
            ours = seen.flow.source
        if ours and not _is_called(ours, report.subject):
            yield ours


def _translated(report: Report, told: list[str]) -> Iterator[str]:
    """Name public addresses that NAT puts in the place of one's own machines."""
    for address in own_by_translation(told):
        if not _is_called(address, report.subject):
            yield address


def _is_called(address: str, subject: Observable) -> bool:
    """Say whether it is the other end that the report is about."""
    return isinstance(subject, Flow | Remote) and (
        address == (subject.destination if isinstance(subject, Flow) else subject.address)
    )


def _without_remote(report: Report) -> Report:
    """Leave out what is said of the other end, and the texts in which it stands."""
    hidden = {
        label
        for cited in report.facts
        if isinstance(cited.fact.subject, Remote | Organisation)
        for label in cited.labels
    }

    def without(cited: Cited) -> Cited:
        fact = cited.fact
        if not isinstance(fact.subject, Remote | Organisation) or not isinstance(fact.value, str):
            return cited
        evidence = tuple(replace(piece, excerpt=WITHHELD) for piece in fact.evidence)
        told = Fact(fact.subject, fact.relation, WITHHELD, evidence, fact.confidence)
        return replace(cited, fact=told)

    def reading(one: CitedReading) -> CitedReading:
        lines = tuple(
            replace(line, text=WITHHELD) if line.label in hidden else line for line in one.lines
        )
        return replace(one, lines=lines)

    return replace(
        report,
        sentence=WITHHELD if isinstance(report.subject, Remote) else report.sentence,
        others=tuple(WITHHELD for _ in report.others),
        lineage=tuple(map(without, report.lineage)),
        facts=tuple(map(without, report.facts)),
        questions=tuple(
            replace(one, facts=tuple(map(without, one.facts))) for one in report.questions
        ),
        readings=tuple(map(reading, report.readings)),
    )
