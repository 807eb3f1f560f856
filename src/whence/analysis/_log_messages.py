"""What well-known messages of devices say, in a few plain words."""

from __future__ import annotations

# Ids of Cisco ASA and FTD.
ASA = {
    "101001": "the failover cable is fine again",
    "104001": "the firewall became the active one of its pair",
    "104002": "the firewall became the standby one of its pair",
    "106001": "an inbound TCP connection was refused",
    "106006": "an inbound UDP packet was refused",
    "106007": "a DNS packet was refused",
    "106010": "an inbound packet was refused",
    "106011": "a packet would have left by the interface that it came in by",
    "106014": "an ICMP packet was refused",
    "106015": "a TCP packet belonged to no connection and was dropped",
    "106016": "a packet with an impossible source address was dropped",
    "106017": "a packet had the same source and destination and was dropped",
    "106021": "a packet came in by an interface that does not lead to its source",
    "106023": "an access list refused a packet",
    "106100": "an access list matched, and is told to log it",
    "113004": "a login was accepted",
    "113005": "a login was refused",
    "113015": "a login was refused",
    "201008": "new connections are refused, because syslog over TCP is not possible",
    "201010": "too many half-open connections",
    "209003": "too many fragments",
    "302013": "a TCP connection was begun",
    "302014": "a TCP connection ended",
    "302015": "a UDP connection was begun",
    "302016": "a UDP connection ended",
    "302020": "an ICMP exchange was begun",
    "302021": "an ICMP exchange ended",
    "305006": "no address could be translated",
    "305011": "an address translation was made",
    "305012": "an address translation ended",
    "305013": "a packet came from the wrong side of an address translation",
    "313001": "an ICMP packet to the firewall was refused",
    "313005": "an ICMP error belonged to no connection",
    "402117": "a packet that should have been encrypted was not",
    "411001": "an interface came up",
    "411002": "an interface went down",
    "419001": "a TCP segment was longer than agreed",
    "419002": "a connection attempt was made again, as if nobody had answered the first one",
    "500004": "a packet had an impossible port or flag",
    "605004": "a login to the firewall was refused",
    "605005": "a login to the firewall was accepted",
    "710003": "access to the firewall itself was refused",
    "710005": "a packet to the firewall itself was dropped",
    "733100": "the rate of drops went over its threshold",
    "733101": "a host is taken for a scanner or a target of one",
}

# Facility and mnemonic of Cisco IOS and NX-OS, without the severity.
IOS = {
    "LINK-UPDOWN": "an interface changed its state",
    "LINEPROTO-UPDOWN": "the protocol of an interface changed its state",
    "SW_MATM-MACFLAP_NOTIF": "a MAC address moves to and fro between ports: a loop, or one twice",
    "SEC_LOGIN-LOGIN_FAILED": "a login was refused",
    "SEC_LOGIN-LOGIN_SUCCESS": "a login was accepted",
    "SEC-IPACCESSLOGP": "an access list matched, and is told to log it",
    "SEC-IPACCESSLOGDP": "an access list matched an ICMP packet, and is told to log it",
    "SYS-CONFIG_I": "the configuration was changed",
    "SYS-RESTART": "the device was started",
    "DUAL-NBRCHANGE": "a neighbour of the routing protocol EIGRP came or went",
    "OSPF-ADJCHG": "a neighbour of the routing protocol OSPF came or went",
    "BGP-ADJCHANGE": "a neighbour of the routing protocol BGP came or went",
    "CDP-NATIVE_VLAN_MISMATCH": "two ends of a link have different native VLANs",
    "CDP-DUPLEX_MISMATCH": "two ends of a link have different duplex settings",
    "STORM_CONTROL-FILTERED": "a port sends more broadcast than it may",
    "SPANTREE-TOPOTRAP": "the spanning tree was changed",
    "PM-ERR_DISABLE": "a port was switched off because of an error",
    "IP-DUPADDR": "two machines have the same IP address",
}

# What programs write, by a piece of the wording.
WORDINGS = (
    ("nf_conntrack: table full", "the kernel cannot follow more connections and drops packets"),
    ("Possible SYN flooding", "more connection attempts came than can be kept"),
    ("martian source", "a packet came from an address that cannot come from there"),
    ("neighbour table overflow", "the kernel knows more neighbours than it has room for"),
    ("Out of memory", "the kernel ended a process, since memory was full"),
    ("I/O error", "a disk could not be read or written"),
    ("Failed password", "a login was refused"),
    ("Invalid user", "somebody tried to log in as a user that does not exist"),
    ("authentication failure", "a login was refused"),
    ("segfault at", "a program broke down"),
    ("connection refused", "nobody listens where a program wants to connect"),
    ("Connection timed out", "nobody answers where a program wants to connect"),
    ("No route to host", "a program wants to connect to what cannot be reached"),
    ("UFW BLOCK", "the packet filter refused a packet"),
)


def meaning(template: str | None, sample: str | None = None) -> str | None:
    """Say in a few words what a kind of message means; None where it is not in the table."""
    vendor, colon, code = (template or "").partition(":")
    if colon and vendor.startswith("cisco"):
        if code in ASA:
            return ASA[code]
        parts = code.split("-")
        if len(parts) >= 3 and (found := IOS.get(f"{'-'.join(parts[:-2])}-{parts[-1]}")):
            return found
    text = f"{template or ''} {sample or ''}".lower()
    return next((words for piece, words in WORDINGS if piece.lower() in text), None)
