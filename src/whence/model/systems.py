"""What system a machine may run, by how its system writes packets. Pure; a sign, never a proof.

Each row is what a system's own source or its maker's documentation has it do, or what was seen
of it here; none is from a collection of fingerprints:

- Linux: tcp_options_write() of net/ipv4/tcp_output.c; FreeBSD: tcp_addoptions() of
  sys/netinet/tcp_output.c; OpenBSD: tcp_output() of sys/netinet/tcp_output.c; macOS: tcp_output()
  of bsd/netinet/tcp_output.c of XNU; lwIP: tcp_enqueue_flags() of src/core/tcp_out.c.
- Windows: [MS-DHCPE] for DHCP, and captures for TCP.
- Scanners: what nmap, zmap and masscan send is in their sources.
- DHCP clients: what they ask for by default is in dhclient.conf(5), udhcpc's usage, and the
  sources of Android's DhcpClient.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LINUX, WINDOWS, APPLE, BSD = "Linux or Android", "Windows", "macOS or iOS", "BSD"
SMALL = "a small device"
STARTS = (64, 128, 255)  # times to live that systems begin with
FARTHEST = 32  # routers that are believed to be between


@dataclass(frozen=True, slots=True)
class Syn:
    """The first segment of a connection, as native/packets/src/syn.rs writes it."""

    ttl: int
    window: int
    segment: int | None
    scale: int | None
    options: str

    @classmethod
    def read(cls, text: str) -> Syn | None:
        """Read one; None if it is none."""
        found = re.fullmatch(r"(\d{1,3}):(\d{1,5}):(\d{0,5}):(\d{0,3}):([a-z0-9,]*)", text)
        if not found:
            return None
        ttl, window, segment, scale, options = found.groups()
        return cls(
            int(ttl),
            int(window),
            int(segment) if segment else None,
            int(scale) if scale else None,
            options,
        )

    @property
    def start(self) -> int:
        """The time to live that it began with, if few routers were between; 0: not known."""
        return next((start for start in STARTS if start - FARTHEST < self.ttl <= start), 0)


@dataclass(frozen=True, slots=True)
class _Beginning:
    """How a system begins connections."""

    system: str
    options: str
    start: int | None = None  # of the time to live; None: any
    windows: frozenset[int] = frozenset()  # empty: any


BEGINNINGS = (
    _Beginning("a scanner such as nmap", "mss", None, frozenset({1024, 2048, 3072, 4096})),
    _Beginning("a scanner such as masscan or zmap", "", 255, frozenset({1024, 65535})),
    _Beginning("a scanner such as masscan or zmap", "mss", 255, frozenset({1024, 65535})),
    _Beginning(LINUX, "mss,sack,ts,nop,ws", 64),
    _Beginning(LINUX, "mss,nop,nop,sack,nop,ws", 64),  # net.ipv4.tcp_timestamps=0
    _Beginning(LINUX, "mss,sack,ts,nop,ws,tfo,nop,nop", 64),
    _Beginning(WINDOWS, "mss,nop,ws,nop,nop,sack", 128),
    _Beginning(WINDOWS, "mss,nop,ws,sack,ts", 128),
    _Beginning("an old Windows (XP or before)", "mss,nop,nop,sack", 128),
    _Beginning(APPLE, "mss,nop,ws,nop,nop,ts,sack,eol", 64),
    _Beginning("FreeBSD", "mss,nop,ws,sack,ts", 64),
    _Beginning("OpenBSD", "mss,nop,nop,sack,nop,ws,nop,nop,ts", 64),
    _Beginning(f"{SMALL} (lwIP, or Cisco IOS)", "mss", 255),
)


def system_by_syn(text: str) -> str:
    """Say what begins connections so; empty if nothing that is known here does."""
    syn = Syn.read(text)
    if syn is None:
        return ""
    for one in BEGINNINGS:
        if (
            syn.options == one.options
            and one.start in (None, syn.start)
            and (not one.windows or syn.window in one.windows)
        ):
            return one.system
    return ""


_ASKED = (  # what a DHCP client asks for, option 55: the beginning of the list
    (LINUX.replace("Linux or ", ""), re.compile(r"1,3,6,15,26,28,51,58,59,43\b")),
    (APPLE, re.compile(r"1,121,3,6,15,(?:108,114,)?119\b")),
    (WINDOWS, re.compile(r"1,(?:3,6,15|15,3,6),[\d,]*\b249\b")),  # 249: [MS-DHCPE] 2.2.8
    ("Linux (ISC dhclient)", re.compile(r"1,28,2,3,15,6,119,12\b")),
    (f"{SMALL} (udhcpc)", re.compile(r"1,3,6,12,15,28,42\b(?!,)")),
)
_CLASSES = (  # how it calls itself, option 60
    (WINDOWS, re.compile(r"MSFT (?:5\.0|98)")),
    ("Android", re.compile(r"(?:android-)?dhcp-\d|android-dhcp")),
    (f"{SMALL} (udhcpc)", re.compile(r"udhcp\b")),
    (LINUX, re.compile(r"dhcpcd[- ].*Linux")),
    (BSD, re.compile(r"dhcpcd[- ].*BSD")),
    ("a telephone", re.compile(r".*IP Phone|polycom|yealink|snom", re.IGNORECASE)),
    ("a printer", re.compile(r"Hewlett-Packard JetDirect", re.IGNORECASE)),
    ("an access point", re.compile(r"ArubaAP|Cisco AP|ubnt|ArubaInstantAP", re.IGNORECASE)),
    ("firmware that boots by network", re.compile(r"PXEClient|HTTPClient")),
)


def system_by_request(options: str) -> str:
    """Say which DHCP client asks for such options, numbers with commas; empty if none known."""
    return next((who for who, form in _ASKED if form.match(options)), "")


def system_by_class(text: str) -> str:
    """Say who calls himself so to a DHCP server; empty if nobody known."""
    return next((who for who, form in _CLASSES if form.match(text)), "")


_FAMILIES = {
    "windows": re.compile(r"\bwindows\b", re.IGNORECASE),
    "apple": re.compile(r"\b(?:macOS|iOS|Mac OS X|Darwin)\b"),
    "linux": re.compile(r"\b(?:linux|android|debian|ubuntu)\b", re.IGNORECASE),
    "bsd": re.compile(r"BSD\b"),
}


def families(text: str) -> frozenset[str]:
    """Say which families of systems a text may mean; none, if it names none."""
    return frozenset(name for name, form in _FAMILIES.items() if form.search(text))
