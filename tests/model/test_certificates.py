"""What is read of certificates, compared with a library that reads all of them."""

from __future__ import annotations

import datetime
import ipaddress
import random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from whence.model import BadInput
from whence.model.certificates import from_der, from_pem, in_words, part_of

KEY = ec.generate_private_key(ec.SECP256R1())
SAMPLES = [
    ("www.example.org", "Example Networks, Inc.", 2020, 2049),
    ("firewall", "Größe & Söhne", 1998, 2060),
    ("\x1b[31mred", "Контора", 1970, 2100),
]


def made(name: str, organisation: str, first: int, last: int) -> x509.Certificate:
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "AU"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority")])
    names = [
        x509.DNSName("www.example.org"),
        x509.IPAddress(ipaddress.ip_address("203.0.113.7")),
        x509.IPAddress(ipaddress.ip_address("2001:db8::7")),
        x509.RFC822Name("noc@example.org"),
    ]
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.datetime(first, 1, 2, 3, 4, 5, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(last, 1, 2, 3, 4, 5, tzinfo=datetime.UTC))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(KEY, hashes.SHA256())
    )


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: str(sample[2]))
def test_it_reads_what_a_library_reads(sample: tuple[str, str, int, int]) -> None:
    theirs = made(*sample)
    ours = from_der(theirs.public_bytes(Encoding.DER))
    assert part_of(ours.subject, "CN") == sample[0]
    assert part_of(ours.subject, "O") == sample[1]
    assert in_words(ours.issuer) == "CN=An authority"
    assert ours.valid_from == theirs.not_valid_before_utc
    assert ours.valid_until == theirs.not_valid_after_utc
    assert ours.names == ("www.example.org", "203.0.113.7", "2001:db8::7", "noc@example.org")
    assert not ours.is_own


def test_a_text_may_hold_several() -> None:
    text = "".join(made(*one).public_bytes(Encoding.PEM).decode() for one in SAMPLES)
    assert len([*from_pem(f"TLSv1.3, 3 shown\n{text}")]) == 3


def test_changed_bytes_are_a_certificate_or_bad_input() -> None:
    chance = random.Random(6)
    whole = made(*SAMPLES[0]).public_bytes(Encoding.DER)
    refused = 0
    for _ in range(3000):
        changed = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        del changed[chance.choice((len(changed), chance.randrange(len(changed)))) :]
        try:
            from_der(bytes(changed))
        except BadInput:
            refused += 1
    assert 1000 < refused < 3000


@pytest.mark.parametrize(
    "packed",
    [b"", b"0", b"\x30\x80\x00\x00", b"\x30\x84\xff\xff\xff\xff", b"\x30\x00", b"0" * 70000],
)
def test_what_is_no_certificate_is_bad_input(packed: bytes) -> None:
    with pytest.raises(BadInput):
        from_der(packed)
