"""What was changed shortly before a moment, as the log itself tells it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from whence.analysis._log_interval import Interval, quoted
from whence.analysis.log_increase import Part

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BEFORE = timedelta(hours=24)
AFTER = timedelta(seconds=5)  # clocks of devices differ a little
ROUTINE = 3  # times in a day: what happens so often is no change
MOST = 12
UNITS = ("Started ", "Stopped ", "Reloaded ", "Restarted ")

# Messages that are about changes, by their id. ASA: 104xxx failover, 111xxx commands, 199xxx
# (re)start, 411xxx interfaces. IOS, NX-OS and IOS-XR by facility and mnemonic.
CODES = (
    "104001", "104002", "111004", "111005", "111008", "111010", "199001", "199002", "199010",
    "411001", "411002", "SYS-5-CONFIG_I", "SYS-5-RESTART", "SYS-5-RELOAD", "SYS-6-BOOTTIME",
    "VSHD-5-VSHD_SYSLOG_CONFIG_I", "MGBL-CONFIG-6-DB_COMMIT", "MGBL-SYS-5-CONFIG_I",
    "HA-6-SWITCHOVER", "REDUNDANCY-3-SWITCHOVER", "OIR-6-INSCARD", "OIR-6-REMCARD", "UI_COMMIT",
    "UI_COMMIT_COMPLETED", "LINK-3-UPDOWN", "ETHPORT-5-IF_UP", "ETHPORT-5-IF_DOWN_LINK_FAILURE",
)  # fmt: skip
PROGRAMS = (
    "dpkg", "apt", "apt-get", "unattended-upgrade", "unattended-upgrades", "yum", "dnf", "rpm",
    "zypper", "systemd", "rsyslogd", "syslog-ng", "kernel", "sudo", "mgd", "puppet-agent",
    "ansible-command", "snapd", "shutdown", "crond", "keepalived", "NetworkManager",
)  # fmt: skip

NAMED = (
    f"(code IN ({', '.join(map(quoted, CODES))}) OR program IN "
    f"({', '.join(map(quoted, PROGRAMS))}))"
)
TEXTUAL = "vendor = 'fortigate'"

# What is said of a change: a pattern over the line, and the words for it.
_WHO = r"User '(?P<who>[^']*)',? "
TELLING = (
    (_WHO + r"running '[^']*' from IP (?P<from>[\w.:]+), executed '(?P<what>.*?)'$",
     "{who} (from {from}) executed “{what}”"),
    (_WHO + r"executed the '(?P<what>.*?)' command", "{who} executed “{what}”"),
    (r"SYS-5-CONFIG_I: Configured from \S+ by (?P<who>\S+)(?: on \S+ \((?P<from>[\w.:]+)\))?",
     "{who} (from {from}) changed the configuration"),
    (r"VSHD_SYSLOG_CONFIG_I: Configured from \S+ by (?P<who>\S+)(?: on (?P<from>\S+))?",
     "{who} (from {from}) changed the configuration"),
    (r"UI_COMMIT: " + _WHO + r"requested '(?P<what>[^']*)'", "{who} asked for “{what}”"),
    (r"\buser=\"?(?P<who>[\w.-]+)\"?.*\bui=\"?(?P<from>[^\" ]+)"
     r"\"?.*\bcfgpath=\"?(?P<what>[\w. -]+)",
     "{who} (from {from}) configured {what}"),
    (r"Linux version (?P<what>\S+)", "started, with Linux {what}"),
    (r"%(?:SYS-5-RESTART|(?:ASA|FTD)-\d-19900[12])", "the device was started anew"),
    (r"%ASA-\d-104001", "it became the active firewall of its pair"),
    (r"%ASA-\d-104002", "it became the standby firewall of its pair"),
    (r"dpkg\S*: (?:\S+ )?(?P<how>upgrade|install|remove) (?P<what>\S+) (?P<from>\S+)"
     r"(?: (?P<to>\S+))?",
     "{how} of {what} {from} {to}"),
    (r"(?:yum|dnf|rpm|zypper)\S*: (?P<how>Updated|Installed|Upgraded|Erased|Removed):? "
     r"(?P<what>\S+)",
     "{how}: {what}"),
    (r"unattended-upgrades?\S*: (?P<what>Packages that .*)$", "{what}"),
    (r"systemd\[\d+\]: (?P<how>Started|Stopped|Reloaded|Restarted) (?P<what>\S+)",
     "{how} {what}"),
    (r"systemd\[\d+\]: (?P<what>\S+): (?P<how>Failed with result \S+|Main process exited)",
     "{what}: {how}"),
    (r"rsyslogd\S*: .*\bstart\b", "rsyslogd was started"),
    (r"syslog-ng starting up", "syslog-ng was started"),
    (r"sudo\S*:\s+(?P<who>\S+) : .*COMMAND=(?P<what>.*)$", "{who} ran as root: {what}"),
    (r"(?:UPDOWN|IF_UP|IF_DOWN\w*|41100[12]):?.*?[Ii]nterface (?P<what>\S+?),? "
     r".*\b(?P<how>up|down)\b",
     "interface {what} went {how}"),
    (r"Entering (?P<how>MASTER|BACKUP|FAULT) STATE", "keepalived: {how}"),
)  # fmt: skip
_TELLING = tuple((re.compile(pattern), words) for pattern, words in TELLING)
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was changed; that it is the cause is not said."""

    time: datetime
    host: str | None
    words: str
    before: timedelta  # the onset
    near: bool  # it is about the same host, or the address of a source
    position: int
    original: str


def changes(
    tables: DuckDBPyConnection, onset: datetime, parts: Sequence[Part], most: int = MOST
) -> list[Change]:
    """List what was changed in the day before an onset: the same hosts and sources first, then
    the nearest in time. What happens several times a day is routine, and left out.
    """
    rows = _rows(tables, Interval(onset - BEFORE, onset + AFTER))
    hosts = {value for part in parts for value in _values(part, "host")}
    addresses = {value for part in parts for value in _values(part, "source")}
    found = [*_once([*_told(rows, onset, hosts, addresses)])]
    found.sort(key=lambda change: (not change.near, abs(change.before), change.position))
    return found[:most]


def condition() -> str:
    """Write the condition of SQL that a line may be about a change."""
    return f"({NAMED} OR ({TEXTUAL} AND contains(original, 'cfgpath=')))"


def _rows(
    tables: DuckDBPyConnection, interval: Interval
) -> list[tuple[datetime, str | None, str | None, str | None, int, str]]:
    # Only of a vendor whose lines have no id must the text be looked at.
    [(textual,)] = tables.execute(
        f"SELECT count(*) FROM logs WHERE {interval.sql()} AND {TEXTUAL}"
    ).fetchall()
    return tables.execute(
        f"""SELECT received, host, peer, code, "position", original FROM logs
        WHERE {interval.sql()} AND {condition() if textual else NAMED} AND original IS NOT NULL
        ORDER BY received"""
    ).fetchall()


def _values(part: Part, name: str) -> Iterator[str]:
    yield from part.attributes.get(name, ())
    yield from (value for value, _ in part.made_of.get(name, ()))


def _told(
    rows: Sequence[tuple[datetime, str | None, str | None, str | None, int, str]],
    onset: datetime,
    hosts: set[str],
    addresses: set[str],
) -> Iterator[Change]:
    seen: dict[tuple[str | None, str], list[Change]] = {}
    for received, host, peer, code, position, original in rows:
        if (words := _words(original)) is None:
            continue
        time = received.replace(tzinfo=UTC)
        near = host in hosts or host in addresses or peer in addresses
        near = near or any(_holds(original, address) for address in addresses)
        if code and code.endswith("UPDOWN") and not near:
            continue
        change = Change(time, host, words, onset - time, near, position, original)
        # Every host starts its timers; what is done to a configuration is one host's matter.
        whose = None if words.startswith(UNITS) else host
        seen.setdefault((whose, _NUMBERS.sub("#", words)), []).append(change)
    for alike in seen.values():
        if len(alike) < ROUTINE:
            yield from alike


def _once(found: Sequence[Change]) -> Iterator[Change]:
    """Tell once what a device logs in two messages, by the one that says more."""
    for change in found:
        what = change.words.partition("“")[2]
        if not what or not any(
            other is not change
            and other.host == change.host
            and abs(other.time - change.time) <= AFTER
            and other.words.partition("“")[2] == what
            and len(other.words) > len(change.words)
            for other in found
        ):
            yield change


def _holds(text: str, address: str) -> bool:
    return address in text and bool(
        re.search(rf"(?<![\w.:]){re.escape(address)}(?![\w:]|\.\d)", text)
    )


def _words(original: str) -> str | None:
    for pattern, words in _TELLING:
        if (found := pattern.search(original)) is not None:
            known = {name: value or "" for name, value in found.groupdict().items()}
            text = words.format_map(known).replace(" (from )", "")
            return re.sub(r"\s+", " ", text).strip()[:200]
    return None
