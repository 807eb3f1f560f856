"""What a search for a port found, told in a case: so that its report and ``whence place`` know."""

from __future__ import annotations

from contextlib import closing

import msgspec

from whence.api.asking import explain, open_station
from whence.inquiry.bisect_live import Step
from whence.model import BadInput, Ip, Mac
from whence.model.bisection import Found, Plan
from whence.world import ThisHost, utc_now
from whence.world.mirror_folder import MirrorFolder
from whence.world.port_searches import FoundPort, ThesePortSearches


def for_case(plan: Plan, target: str) -> Plan:
    """Have a search tell a case what it finds: an open one, or one about an address.

    Raises
    ------
    BadInput
        If it is neither, or the case is not about a machine.

    """
    with closing(open_station(target)) as case:
        if not isinstance(case.subject, Ip | Mac):
            raise BadInput(
                f"case {case.id} is about {case.subject}, which is no machine",
                try_="--case with the IP or MAC address of the machine whose traffic it is",
            )
        return msgspec.structs.replace(plan, case=case.id, about=case.subject.address)


def tell_case(kept: MirrorFolder, plan: Plan, step: Step, found: Found) -> None:
    """Write down what was found of a machine, and have its case look at it."""
    control = found.control
    ThesePortSearches(kept, ThisHost().name, utc_now).note(
        FoundPort(
            step.at, plan.about, plan.switch, found.port, plan.filter, plan.interface,
            ThisHost().name, control.on, control.off, control.on_seconds, control.off_seconds,
            control.ratio, found.share, step.changes, step.events,
        )
    )  # fmt: skip
    with closing(open_station(plan.case)) as case:
        explain(case)
