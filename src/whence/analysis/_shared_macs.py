"""MAC addresses that several machines may have by right."""

from whence.model.mac_addresses import mac_kind


def is_shared(mac: str) -> bool:
    """Say whether a MAC address belongs to a group of machines that stand in for each other."""
    return mac_kind(mac.lower()).moves
