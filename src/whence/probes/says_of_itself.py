"""What a service says of itself when it is called."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import Fact, Reach, Remote, probe
from whence.model.banners import claims
from whence.world import Internet


@probe(answers="says-of-itself", reach=Reach.OTHER_END, near=1)
def says_of_itself(remote: Remote, internet: Internet) -> Iterator[Fact]:
    """What does it say that it is, when it is called (HTTP, SSH, SMTP)?

    That it says so is certain; whether it is true is not.
    """
    if remote.port is not None:
        reading = internet.banner(remote.address, remote.port)
        for claim in claims(reading.text):
            text = f"{claim.words} ({claim.protocol})"
            yield remote.fact("says-of-itself", text, reading.whole())
