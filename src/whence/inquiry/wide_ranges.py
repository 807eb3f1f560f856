"""Ranges that hold the address of a flow, and too many others to be the reason for it. Pure."""

from __future__ import annotations

from whence.inquiry.known import Known
from whence.model import Flow, Setting
from whence.model.address_forms import Finder, Form, Wanted

WIDEST = 16  # free bits of a range that may be why a program calls one address: a /16 of IPv4
_RANGE = f"{Form.RANGE}, "  # how “written-as” begins


def is_wide_range(known: Known, flow: Flow, setting: Setting) -> bool:
    """Say whether nothing but a wide range stands in a place; also if its width is not known."""
    written = known.best(setting, "written-as")
    address = flow.destination or flow.source
    if written is None or not str(written.value).startswith(_RANGE) or address is None:
        return False
    spots = Finder(Wanted(address)).spots_in(str(written.value).removeprefix(_RANGE))
    free_bits = [spot.free_bits for spot in spots if spot.form is Form.RANGE]
    return min(free_bits, default=WIDEST + 1) > WIDEST
