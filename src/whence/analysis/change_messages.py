"""How devices tell in their logs that they were changed, and by whom."""

from __future__ import annotations

import re
from functools import lru_cache

from whence.analysis._log_interval import quoted
from whence.analysis.firewall_messages import SPEAKERS, Speaker, Telling
from whence.analysis.log_envelopes import unwrapped

LONGEST = 4_096  # characters of a line that are looked at

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
    (r"UI_COMMIT[: ].*?" + _WHO + r"requested '(?P<what>[^']*)'", "{who} asked for “{what}”"),
    (r"UI_COMMIT[: ].*?" + _WHO + r"performed commit", "{who} committed the configuration"),
    (r"UI_COMMIT_COMPLETED[: ]", "a commit of the configuration was completed"),
    (r"\buser=\"?(?P<who>[\w.-]+)(?>.*?\bui=)\"?(?P<from>[^\" ]+)"
     r"(?>.*?\bcfgpath=)\"?(?P<what>[\w. -]+)",
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
    (r"(?:UPDOWN|IF_UP|IF_DOWN\w*|41100[12])(?>:?.*?[Ii]nterface )(?P<what>\S+?),? "
     r".*\b(?P<how>up|down)\b",
     "interface {what} went {how}"),
    (r"Entering (?P<how>MASTER|BACKUP|FAULT) STATE", "keepalived: {how}"),
)  # fmt: skip
_TELLING = tuple((re.compile(pattern), words) for pattern, words in TELLING)

NAMED = (
    f"(code IN ({', '.join(map(quoted, CODES))}) OR program IN "
    f"({', '.join(map(quoted, PROGRAMS))}))"
)


def condition(speakers: tuple[Speaker, ...] = SPEAKERS) -> str:
    """Write the condition of SQL that a line may be about a change."""
    return f"({' OR '.join([NAMED, *(speaker.sql() for speaker in speakers)])})"


def said(original: str, program: str | None, vendor: str | None) -> tuple[str, str] | None:
    """Say in words what was changed, and by whom as far as the line says it."""
    plain = unwrapped(original)
    if plain is not original:  # a program stands before its message there, and the line names it
        original = f"{program}: {plain}" if program and not plain.startswith(program) else plain
    original = original[:LONGEST]
    for pattern, words in _telling(program, vendor):
        if (found := pattern.search(original)) is not None:
            return _worded(found, words, program)
    return None


@lru_cache(maxsize=256)
def _telling(program: str | None, vendor: str | None) -> Telling:
    """Give what may be told of changes in the lines of a program, or of a vendor's devices."""
    own = (each for one in SPEAKERS if one.is_of(program, vendor) for each in one.telling)
    return (*own, *_TELLING)


def _worded(found: re.Match[str], words: str, program: str | None) -> tuple[str, str]:
    known = {"program": program or ""}
    known |= {name: value or "" for name, value in found.groupdict().items()}
    text = words.format_map(known).replace(" (from )", "").replace(" ”", "”")
    return re.sub(r"\s+", " ", text).strip()[:200], known.get("who", "")
