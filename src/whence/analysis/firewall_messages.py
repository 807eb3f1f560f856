"""How firewalls tell in their logs that their rules were loaded or changed, maker by maker.

Most of these lines have no id of a message, and stand between a great many others of the same
program; so each names texts, one of which must stand in a line before a pattern is tried.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from whence.analysis._log_interval import quoted

Telling = tuple[tuple[re.Pattern[str], str], ...]

LOADED = "its firewall's rules were loaded ({program})"
NOT_LOADED = "its firewall's rules could not be loaded ({program}): {what}"
_FROM = r"(?P<from>[\w.:]*\w)"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Programs, or a vendor's devices, and what they say of changes; neither: unknown senders."""

    telling: Telling
    texts: tuple[str, ...] = ()  # one of them is in every such line; none: any line may be one
    programs: tuple[str, ...] = ()
    vendor: str = ""
    code: str = ""  # of the message, or what it begins with
    _known: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_known", frozenset(self.programs))

    def who(self) -> str:
        """Write the condition of SQL that a line is one of theirs, without a look at its text."""
        if self.programs:
            return f"program IN ({', '.join(map(quoted, self.programs))})"
        if self.vendor:
            of = f"vendor = {quoted(self.vendor)}"
            return f"({of} AND starts_with(code, {quoted(self.code)}))" if self.code else of
        return "(program IS NULL AND vendor IS NULL)"

    def sql(self) -> str:
        """Write the condition of SQL that a line may tell of a change."""
        texts = " OR ".join(f"contains(original, {quoted(text)})" for text in self.texts)
        return f"({self.who()} AND ({texts}))" if texts else self.who()

    def is_of(self, program: str | None, vendor: str | None) -> bool:
        """Say whether a line is one of theirs."""
        if self.programs:
            return program in self._known
        return vendor == self.vendor if self.vendor else not program and not vendor


def _telling(*pairs: tuple[str, str]) -> Telling:
    return tuple((re.compile(pattern), words) for pattern, words in pairs)


_UNITS = (
    r"(?:Reloaded|Restarted|Started|Finished) (?P<program>nftables|ip6?tables|netfilter-persistent|"
    r"ufw|firewalld|shorewall6?)(?:\.service)?(?= - |\.|$| )"
)
_CONFIGURED = r"[Rr]eload(?:ing|ed)? (?:the )?firewall (?:configuration|rules|policy)\b"
_OPERATION = r"^.*\b(?:operation|action)[:=]\s*\"?Install Policy\b"
_INSTALLED = r"\b[Ii]nstalled policy:? ['\"]?(?P<what>[\w.-]+)"

SPEAKERS = (
    Speaker(_telling((r"\bReloading filter\s*$", LOADED)), ("Reloading filter",),
            ("check_reload_status", "configd.py", "configd")),
    Speaker(
        _telling(
            (r"Configuration Change: (?P<who>[^\s@()]+)@" + _FROM
             + r"(?: \([^)]*\))?: (?P<what>.+)",
             "{who} (from {from}) changed the configuration: “{what}”"),
            (r"Configuration Change: \(?(?P<who>[^\s@():]+)\)?(?: \([^)]*\))?: (?P<what>.+)",
             "{who} changed the configuration: “{what}”"),
            (r"There were error\(s\) loading the rules: (?P<what>.+)",
             NOT_LOADED.format(program="rc.filter_configure", what="{what}")),
            (r"\brc\.filter_configure(?:_sync|_xmlrpc)?\b",
             LOADED.format(program="rc.filter_configure")),
        ),
        ("Configuration Change: ", "rc.filter_configure", "error(s) loading the rules"),
        ("php-fpm", "php", "php-cgi"),
    ),
    Speaker(
        _telling(
            (r"\buser \(?(?P<who>[^\s@()]+)\)?@" + _FROM + r" changed configuration to \S+"
             r"(?: in (?P<what>\S+))?",
             "{who} (from {from}) changed the configuration by {what}"),
            (r"\buser \(?(?P<who>[^\s@()]+)\)? changed configuration to \S+(?: in (?P<what>\S+))?",
             "{who} changed the configuration by {what}"),
        ),
        (" changed configuration to ",), ("opnsense", "audit", "configd.py", "config"),
    ),
    Speaker(_telling((r"\bINFO: Reload(?:ing|ed)\b|\b[Ff]irewalld? reloaded\b", LOADED)),
            programs=("firewalld",)),
    Speaker(
        _telling(
            (r"\bFirewall (?:reloaded|is active and enabled\b)", LOADED),
            (r"\bFirewall (?:stopped|disabled)\b", "its firewall was stopped ({program})"),
        ),
        programs=("ufw",),
    ),
    Speaker(
        _telling(
            (r"(?:(?:\]|\w): |- - )(?P<what>.*(?i:\berror\b|\bfail(?:ed|ure)\b|\bunable\b).*)",
             NOT_LOADED),
            (r"plugins\.d/\S+ (?:start|restart|reload)\b|(?:Applying|[Rr]estor|[Ll]oad|[Ff]lush)",
             LOADED),
        ),
        programs=("nft", "iptables-restore", "ip6tables-restore", "iptables.init", "shorewall",
                  "ip6tables.init", "netfilter-persistent", "nftables"),
    ),
    Speaker(
        _telling(
            (_UNITS, LOADED),
            (_UNITS.replace("Reloaded|Restarted|Started|Finished", "Stopped"),
             "its firewall was stopped ({program})"),
        ),
        programs=("systemd",),
    ),
    Speaker(_telling((_CONFIGURED, "its firewall's configuration was loaded")),
            ("firewall configuration", "firewall rules", "firewall policy"), ("firewall",)),
    Speaker(
        _telling(
            (r",CONFIG,(?:[^,]*,){3}(?P<from>[\w.:]*),[^,]*,(?P<how>[a-z-]+),(?P<who>[^,]+),[^,]*,"
             r"(?:Succeeded|Submitted)\b(?:,\"?(?P<what>[^,\"]*))?",
             "{who} (from {from}) executed “{how} {what}”"),
            (r",SYSTEM,.*\b[Cc]ommit(?:All)? job succeeded\b.*\b[Uu]ser:? ?(?P<who>[\w.@\\-]+)",
             "the commit of {who} was carried out"),
            (r",SYSTEM,.*\b[Cc]ommit(?:All)? job succeeded\b", "a commit was carried out"),
        ),
        (",CONFIG,", "ommit job succeeded", "ommitAll job succeeded"), vendor="palo_alto",
    ),
    Speaker(
        _telling(
            (r"^(?=.*\badministrator[:=]\s*\"?(?P<who>[^\";|]+))"
             r"(?=.*\bclient_ip[:=]\s*\"?" + _FROM + r"|)" + _OPERATION,
             "{who} (from {from}) installed a policy"),
            (_OPERATION, "a policy was installed"),
            (_INSTALLED + r".*? by (?P<who>[\w.@-]+)", "{who} installed the policy {what}"),
            (_INSTALLED, "the policy {what} was installed"),
        ),
        ("nstall Policy", "nstalled policy"),
        ("CheckPoint", "fw", "fwd", "fwm", "cpd", "cpmi", "fwk", "Check Point"),
    ),
    Speaker(
        _telling(
            (r"\bsystem,\S*\s+(?P<what>[a-z][\w/ -]{1,60}?) "
             r"(?P<how>added|changed|removed|moved) by "
             r"(?:[^\s@]+:)?(?P<who>[\w.-]+)(?:@" + _FROM + r")?",
             "{what} {how} by {who} (from {from})"),
        ),
        (" by ",), vendor="mikrotik", code="system",
    ),
    Speaker(
        _telling(
            (r" (?P<what>(?:filter|nat|mangle|raw) rule) (?P<how>added|changed|removed|moved) by "
             r"(?:[^\s@]+:)?(?P<who>[\w.-]+)(?:@" + _FROM + r")?",
             "{what} {how} by {who} (from {from})"),
            (r"(?:: |\" )" + _CONFIGURED, "its firewall's configuration was loaded"),
            (_INSTALLED + r".*? by (?P<who>[\w.@-]+)", "{who} installed the policy {what}"),
        ),
        (" rule ", "firewall configuration", "firewall rules", "firewall policy",
         "nstalled policy"),
    ),
    Speaker((), ("cfgpath=",), vendor="fortigate"),
)  # fmt: skip
