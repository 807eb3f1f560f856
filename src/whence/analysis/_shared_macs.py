"""MAC addresses that several machines may have by right."""

import re

# VRRP and CARP (RFC 9568: 00-00-5E-00-01 and -02), HSRP versions 1 and 2 (RFC 2281, Cisco), GLBP,
# Microsoft's load balancing (02-bf, 03-bf), Check Point's and Juniper's clusters.
_SHARED = re.compile(
    r"00:00:5e:00:0[12]:|00:00:0c:07:ac:|00:00:0c:9f:f|00:05:73:a0:0|00:07:b4:00:|0[123]:bf:"
    r"|00:1c:7f:00:|00:10:db:ff:"
)


def is_shared(mac: str) -> bool:
    """Say whether a MAC address belongs to a group of machines that stand in for each other."""
    return bool(_SHARED.match(mac.lower()))
