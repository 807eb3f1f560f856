"""What a machine on the same link can be asked; each question is heard by it, or by all there."""

import enum


class NeighbourQuestion(enum.StrEnum):
    """A question; its text and an address name the reading that answers it."""

    WHO_HAS = "who has"  # ARP (RFC 826, RFC 5227) or neighbour discovery (RFC 4861)
    NETBIOS = "netbios node status of"  # RFC 1002 4.2.17
    MDNS = "mdns name of"  # RFC 6762
    LLMNR = "llmnr name of"  # RFC 4795
    SSDP = "ssdp description of"  # UPnP Device Architecture 1.1
    SMB = "smb greeting of"  # MS-SMB2 and MS-NLMP, as far as anybody gets who does not log in
