"""What packets called an address while the recorder ran."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from whence.model import Confidence, Fact, Hostname, Remote, probe
from whence.model.heard_names import NAMES_HOSTS
from whence.world import NamesHeard

SAID = {
    "dns": "resolved to it",
    "tls": "asked for there by TLS (SNI)",
    "http": "asked for there by HTTP",
    "certificate": "named by the certificate it showed",
}


@probe(answers="is-known-as", near=1)
def named_while_recording(remote: Remote, heard: NamesHeard) -> Iterator[Fact]:
    """Which names resolved to it here, were asked for there, or did it certify, and when?"""
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
        relation = "is-called" if told["how"] in NAMES_HOSTS else "certified-as"
        if " " not in told["name"]:
            name = Hostname(told["name"].lower())
            yield remote.fact(relation, name, line.evidence, confidence=Confidence.REPORTED)
