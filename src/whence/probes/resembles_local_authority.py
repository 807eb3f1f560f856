"""Is who is at the other end an authority that somebody made this machine trust?"""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import BadInput, CannotAsk, Fact, Organisation, probe
from whence.model.certificates import from_pem, in_words
from whence.model.maker_names import Maker
from whence.probes._makers_here import Made, resembling
from whence.world import Host

FOLDERS = ("/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors")
MOST = 100  # files that are read


@probe(answers="resembles-maker-of", near=3)
def resembles_local_authority(organisation: Organisation, host: Host) -> Iterator[Fact]:
    """Does this organisation resemble an authority that this machine was made to trust?"""
    yield from resembling(organisation, _inventory(host))


def _inventory(host: Host) -> Iterator[Made]:
    for folder in FOLDERS:
        try:
            names = host.list(folder).text.split("\n")
        except CannotAsk:
            continue
        for name in names[:MOST]:
            if name.endswith((".crt", ".pem")):
                yield from _authorities(f"{folder}/{name}", host)


def _authorities(path: str, host: Host) -> Iterator[Made]:
    try:
        reading = host.read(path)
        for one in from_pem(reading.text):
            named = [value for kind, value in one.subject if kind in ("O", "CN")]
            for name in named:
                made = (
                    f"an authority that {path} makes this machine trust ({in_words(one.subject)})"
                )
                yield made, Maker(name), reading.whole()
    except (CannotAsk, BadInput):  # whoever put it there made a mistake; it vouches for nobody
        return
