"""To whom a network is registered, as whois servers say."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Reach, Remote, probe
from whence.model.special_ranges import is_public
from whence.model.whois_answers import registration
from whence.probes._registrations import registration_facts
from whence.world import Internet

FROM = "% from "  # begins the answer of each server


@probe(answers="registered-to", reach=Reach.REMOTE, near=1)
def registered_in_whois(remote: Remote, internet: Internet) -> Iterator[Fact]:
    """To whom is this address registered, as whois servers say?"""
    if not is_public(remote.address):
        return
    reading = internet.whois(remote.address)
    answers = [part for part in f"\n{reading.text}".split(f"\n{FROM}") if part.strip()]
    for answer in reversed(answers):  # the last one knows most, if it says anything
        server, _, text = answer.partition("\n")
        told = registration(text)
        if told.holder:
            by = f"whois of {server.strip()[:100]}"
            yield from registration_facts(remote, told, by, reading.whole())
            return
