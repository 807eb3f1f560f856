"""Nothing of what is one's own is left in a redacted report, in whatever form it stood."""

import base64
import ipaddress
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.inquiry.reporting.samples import NAME_OUTSIDE, REMOTE, TEXTS, Own, a_report
from whence.inquiry.reporting.redaction import redacted
from whence.inquiry.reporting.report import Redaction
from whence.inquiry.reporting.rewriting import rewritten

WORDS = st.text("bcdfghjklmnpqrstvwxz", min_size=5, max_size=11)
OWN = st.builds(
    Own,
    user=WORDS,
    host=WORDS,
    domain=WORDS.map("{}.internal".format),
    address=st.integers(0x0A0A0A0A, 0x0AFFFFFE).map(lambda n: str(ipaddress.IPv4Address(n))),
    second=st.integers(1, (1 << 118) - 1).map(
        lambda n: str(ipaddress.IPv6Address((0xFD << 120) | n))
    ),
    mac=st.binary(min_size=5, max_size=5).map(lambda raw: f"00:1b:{raw[1:].hex(chr(58))}"),
    file=WORDS,
)


def originals(own: Own) -> Iterator[str]:
    """Give each form in which something of one's own could be left."""
    address = ipaddress.ip_address(own.address)
    raw, bare = address.packed, own.mac.replace(":", "")
    yield from (own.user, own.host, own.domain, own.file, own.path, own.plain_path, "secret folder")
    yield from (own.mac, own.mac.replace(":", "-"), bare, f"{bare[:4]}.{bare[4:8]}.{bare[8:]}")
    yield from (raw.hex(), raw[::-1].hex(), str(int(address)), own.second, own.public)
    yield from (address.reverse_pointer, own.address.replace(".", "-"))
    yield ".".join(f"{octet:03}" for octet in raw)


def said(form: str, text: str) -> str:
    """Give what a form says, with what it has encoded."""
    if form != "stix":
        return text.lower()
    payloads = re.findall(r'"payload_bin": "([^"]+)"', text)
    return (text + "".join(base64.b64decode(one).decode() for one in payloads)).lower()


def has(text: str, original: str) -> bool:
    """Say whether a text has it; a dotted address not as a part of a longer one."""
    edges = r"(?<![\d.]){}(?![\d]|\.\d)" if re.fullmatch(r"[\d.]+", original) else "{}"
    return re.search(edges.format(re.escape(original.lower())), text) is not None


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(OWN, st.sampled_from([Redaction.OWN, Redaction.ALL]))
def test_nothing_of_ones_own_is_left_in_any_form(own: Own, redaction: Redaction) -> None:
    names = (own.user, own.host, own.file, own.domain.partition(".")[0])
    assume(len(set(names)) == 4 and not any(a in b for a in names for b in names if a is not b))
    report = redacted(a_report(own), redaction)
    for form, render in TEXTS.items():
        text = said(form, render(report))
        assert not [one for one in {*originals(own), own.address} if has(text, one)], form


def test_the_same_has_the_same_name_and_what_shares_a_network_still_does() -> None:
    text = TEXTS["md"](redacted(a_report(Own(address="192.168.7.3")), Redaction.OWN))
    found = re.search(r"`(198\.18\.\d+\.\d+) host-1 host-1\.domain-1\.example`", text)
    assert found
    address = ipaddress.ip_address(found[1])
    assert address.reverse_pointer in text  # the same address, written as it was
    assert address.packed[::-1].hex().upper() in text
    assert re.search(r"contacted by /home/user-1/path-\d\.py \(as user-1\) on host-1", text)


def test_machines_of_one_network_stay_in_one() -> None:
    report = rewritten(a_report(), lambda text: text.replace(REMOTE, "10.20.30.99"))
    text = TEXTS["md"](redacted(report, Redaction.OWN))
    found = {
        ipaddress.ip_network(f"{one}/24", strict=False)
        for one in re.findall(r"198\.18\.[\d.]+\d", text)
    }
    assert len(found) == 2  # that of both, and that of the address of this machine


def test_the_other_end_is_kept_unless_all_is_to_go() -> None:
    kept, gone = (
        {form: render(redacted(a_report(), which)) for form, render in TEXTS.items()}
        for which in (Redaction.OWN, Redaction.ALL)
    )
    assert all(REMOTE in text for text in kept.values())
    assert not [form for form, text in gone.items() if REMOTE in text or NAME_OUTSIDE in text]


@pytest.mark.parametrize("word", ["root", "www-data", "127.0.0.1", "localhost", "/usr/bin/python3"])
def test_what_is_everybodys_stays(word: str) -> None:
    report = replace(a_report(), sentence=f"it is {word}, as always")
    assert word in redacted(report, Redaction.OWN).sentence


def test_a_short_name_is_replaced_only_where_it_is_a_word() -> None:
    text = TEXTS["md"](redacted(a_report(Own(user="ed")), Redaction.OWN))
    assert "asked about" in text
    assert "/home/ed/" not in text


def test_hashes_that_short_texts_could_be_guessed_from_are_withheld() -> None:
    report = a_report()
    for form, render in TEXTS.items():
        text = render(redacted(report, Redaction.OWN))
        assert not [one.digest for one in report.readings if one.digest in text], form
        assert "LQU9qZlK+B5F3KDmev6m5PMibrg=" not in text


def test_a_report_that_is_not_redacted_is_left_as_it_is() -> None:
    report = a_report()
    assert redacted(report, Redaction.NONE) is report
