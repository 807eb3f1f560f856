"""What packets called an address while the recorder ran."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from whence.model import Confidence, Fact, Hostname, Remote, probe
from whence.world import NamesHeard

SAID = {
    "dns": "resolved to it",
    "tls": "asked for there by TLS (SNI)",
    "http": "asked for there by HTTP",
}


@probe(answers="is-known-as", near=1)
def named_while_recording(remote: Remote, heard: NamesHeard) -> Iterator[Fact]:
    """Which names resolved to it here, or were asked for there, and when?"""
    for line in heard.heard_for(remote.address).lines():
        if not line:
            continue
        told = msgspec.json.decode(str(line))
        often = "once" if told["count"] == 1 else f"{told['count']} times"
        when = told["first"]
        if told["last"] != told["first"]:
            when += f" to {told['last']}"
        text = f"{told['name']} ({SAID[told['how']]} {often}, {when})"
        yield remote.fact("is-known-as", text, line.evidence, confidence=Confidence.REPORTED)
        name = Hostname(told["name"])
        yield remote.fact("is-called", name, line.evidence, confidence=Confidence.REPORTED)
