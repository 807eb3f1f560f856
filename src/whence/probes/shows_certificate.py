"""The certificate of who is at the other end: whose it says it is, and who vouches for that."""

from __future__ import annotations

from collections.abc import Iterator

from whence.model import BadInput, CannotAsk, Fact, Hostname, Organisation, Reach, Remote, probe
from whence.model.certificates import Certificate, from_pem, in_words, part_of
from whence.model.maker_names import domain_of
from whence.world import Internet

MOST = 20  # alternative names that are told


@probe(answers="shows-certificate", reach=Reach.OTHER_END, near=1)
def shows_certificate(remote: Remote, internet: Internet) -> Iterator[Fact]:
    """Which certificate does it show, for which names, and who vouches for it?"""
    if remote.port is None:
        return
    reading = internet.certificate(remote.address, remote.port)
    try:
        chain = [*from_pem(reading.text)]
    except BadInput as e:
        raise CannotAsk(f"{remote} shows what is no certificate", because=e.because) from e
    for place, one in enumerate(chain):
        text = _text(one, place, late=reading.taken > one.valid_until)
        yield remote.fact("shows-certificate", text, reading.whole())
    for one in chain[:1]:
        for name in one.names[:MOST]:
            yield remote.fact("certified-as", Hostname(name.lower()), reading.whole())
        if named := part_of(one.subject, "O"):
            domain = domain_of(one.names[0]) if one.names else ""
            organisation = Organisation(named, domain)
            yield remote.fact("certified-for", organisation, reading.whole())


def _text(one: Certificate, place: int, *, late: bool) -> str:
    vouches = "itself" if one.is_own else in_words(one.issuer)
    rank = f"number {place + 1} of the chain: " if place else ""
    span = f"{one.valid_from:%Y-%m-%d} to {one.valid_until:%Y-%m-%d}"
    return f"{rank}{in_words(one.subject)}, vouched for by {vouches}, valid {span}" + (
        ", expired" if late else ""
    )
