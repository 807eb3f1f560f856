"""Whom a DHCP server gave which address, in the forms in which servers write it down. Pure."""

from whence.model.leases.lease import Lease
from whence.model.leases.readers import leases

__all__ = ["Lease", "leases"]
