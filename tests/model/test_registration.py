"""What registries say, in the words of each of them."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model import Organisation
from whence.model.rdap_answers import registration as from_rdap
from whence.model.registration import Registration
from whence.model.whois_answers import referral
from whence.model.whois_answers import registration as from_whois

RDAP = {
    "objectClassName": "ip network",
    "startAddress": "203.0.113.0",
    "endAddress": "203.0.113.255",
    "name": "FORTIFIED-NET",
    "country": "au",
    "entities": [
        {
            "roles": ["abuse"],
            "vcardArray": ["vcard", [["email", {}, "text", "abuse@fortified.example"]]],
        },
        {
            "roles": ["registrant"],
            "vcardArray": [
                "vcard",
                [["version", {}, "text", "4.0"], ["fn", {}, "text", "Fortified  Example Networks"]],
            ],
            "entities": [{"roles": ["technical"], "vcardArray": ["vcard", []]}],
        },
    ],
}
ARIN = """\
# ARIN WHOIS data and services are subject to the Terms of Use

NetRange:       203.0.113.0 - 203.0.113.255
CIDR:           203.0.113.0/24
NetName:        FORTIFIED-NET
Organization:   Fortified Example Networks, Inc. (FORT-1)

OrgName:        Fortified Example Networks, Inc.
Country:        US
OrgAbuseEmail:  abuse@fortified.example
"""
RIPE = """\
% This is the RIPE Database query service.
% Abuse contact for '203.0.113.0 - 203.0.113.255' is 'abuse@fortified.example'

inetnum:        203.0.113.0 - 203.0.113.255
netname:        FORTIFIED-NET
country:        DE
org:            ORG-FE1-RIPE

organisation:   ORG-FE1-RIPE
org-name:       Fortified Example Networks
e-mail:         noc@fortified.example
"""
LACNIC = """\
inetnum:     203.0.113.0/24
owner:       Redes Fortificadas S.A.
country:     BR
e-mail:      noc@fortified.example
"""


def test_rdap_names_the_registrant_and_the_network() -> None:
    told = from_rdap(RDAP)
    assert told == Registration(
        "Fortified Example Networks", "fortified.example", "203.0.113.0 - 203.0.113.255",
        "FORTIFIED-NET", "AU",
    )  # fmt: skip
    assert told.holder == Organisation("Fortified Example Networks", "fortified.example")


@pytest.mark.parametrize(
    ("text", "organisation", "country"),
    [
        (ARIN, "Fortified Example Networks, Inc.", "US"),
        (RIPE, "Fortified Example Networks", "DE"),
        (LACNIC, "Redes Fortificadas S.A.", "BR"),
    ],
    ids=["arin", "ripe", "lacnic"],
)
def test_whois_names_the_organisation(text: str, organisation: str, country: str) -> None:
    told = from_whois(text)
    assert (told.organisation, told.domain, told.country) == (
        organisation, "fortified.example", country,
    )  # fmt: skip
    assert told.network.startswith("203.0.113.0")


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("refer:        whois.apnic.net\n", ("whois.apnic.net", 43)),
        ("ReferralServer:  whois://whois.ripe.net\n", ("whois.ripe.net", 43)),
        ("ReferralServer: rwhois://rwhois.example.net:4321/\n", ("rwhois.example.net", 4321)),
        ("refer: localhost\n", None),
        ("remarks: whois whois.example\n", None),
        ("refer: whois.example:99999\n", None),
    ],
)
def test_a_referral_is_followed_where_it_is_one(text: str, server: tuple[str, int] | None) -> None:
    assert referral(text) == server


def test_a_network_without_a_holder_has_none() -> None:
    assert from_whois("% No match for 203.0.113.7\n").holder is None
    assert from_rdap({"errorCode": 404}).holder is None


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(
    inner, max_size=4) | st.dictionaries(st.sampled_from(
        ("entities", "roles", "vcardArray", "name", "country", "cidr0_cidrs", "startAddress")
    ), inner, max_size=5), max_leaves=30))  # fmt: skip
def test_no_json_is_too_odd(answer: object) -> None:
    from_rdap(answer)


def test_no_change_of_an_answer_is_too_odd() -> None:
    chance = random.Random(7)
    whole = json.dumps(RDAP)
    for _ in range(2000):
        changed = [*whole]
        changed[chance.randrange(len(changed))] = chance.choice('[]{}",:0a\\')
        try:
            answer = json.loads("".join(changed))
        except ValueError:
            continue
        from_rdap(answer)


@given(st.text(max_size=500))
def test_no_text_is_too_odd(text: str) -> None:
    from_whois(text)
    referral(text)


def test_a_hall_of_mirrors_comes_to_an_end() -> None:
    wide: dict[str, object] = {"roles": ["registrant"]}
    for _ in range(8):
        wide = {"entities": [wide] * 40}
    assert from_rdap(wide) == Registration()
