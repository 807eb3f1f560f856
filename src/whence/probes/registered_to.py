"""To whom a network is registered, as its registry says."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import CannotAsk, Fact, Reach, Remote, probe
from whence.model.rdap_answers import registration
from whence.model.special_ranges import is_public
from whence.probes._registrations import registration_facts
from whence.world import Internet


@probe(answers="registered-to", reach=Reach.REMOTE, near=1)
def registered_to(remote: Remote, internet: Internet) -> Iterator[Fact]:
    """To whom is this address registered, as the registry says (RDAP)?

    Registered to is not operated by: a customer's server is registered to who rents it out.
    """
    if not is_public(remote.address):
        return
    reading = internet.rdap(remote.address)
    try:
        told = registration(reading.json())
    except RecursionError as e:
        raise CannotAsk("the registry's answer is nested too deep", because="RDAP") from e
    yield from registration_facts(remote, told, "RDAP", reading.whole())
