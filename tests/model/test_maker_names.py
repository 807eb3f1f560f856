"""Names as whois has them, against names as an inventory has them."""

import pytest

from whence.model import Organisation
from whence.model.maker_names import Maker, core, domain_of, resemblance

# Twenty pairs; the last two differ too much by name, and a domain has to tell.
SAME = [
    ("Red Hat, Inc.", "Red Hat"),
    ("Forcepoint, LLC", "Forcepoint"),
    ("Canonical Group Limited", "Canonical Ltd."),
    ("Hetzner Online GmbH", "Hetzner"),
    ("MIKROTIKLS SIA", "Mikrotik"),
    ("CISCO-AS-BLOCK-109", "Cisco Systems, Inc"),
    ("Fortinet Inc.", "FORTINET"),
    ("HUAWEI TECHNOLOGIES CO.,LTD", "Huawei Technologies Co.,Ltd"),
    ("Télécom Systèmes S.A.", "Telecom Systemes"),
    ("Ubiquiti Networks Inc.", "Ubiquiti Inc"),
    ("Sophos Ltd", "Sophos GmbH"),
    ("Palo Alto Networks, Inc", "PALO ALTO NETWORKS"),
    ("LANCOM-SYSTEMS-NET", "LANCOM Systems GmbH"),
    ("Super Micro Computer, Inc.", "Supermicro"),
    ("Dell Technologies Inc.", "Dell Inc."),
    ("Zyxel Communications B.V.", "Zyxel Communications Corporation"),
    ("Elasticsearch B.V.", "Elasticsearch, Inc."),
    ("GRAFANA-LABS", "Grafana Labs"),
    ("SUSE Software Solutions Germany GmbH", "SUSE LLC"),
    ("AVM Computersysteme Vertriebs GmbH", "AVM GmbH"),
]
OTHERS = [
    ("Forcepoint, LLC", "Force10 Networks"),
    ("Hetzner Online GmbH", "Online SAS"),
    ("Canonical Group Limited", "Canon Inc."),
    ("Red Hat, Inc.", "Red Lion Controls"),
    ("Dell Inc.", "Deutsche Telekom"),
    ("Fortified Example Networks, Inc.", "Example Networks"),
    ("Amazon.com, Inc.", "Debian Python Team <team@tracker.debian.org>"),
    ("Network Systems Ltd", "Cloud Services Inc."),
    ("Cisco Systems", "Sysco Corporation"),
    ("ACME", "AC Milan"),
]


def test_eighteen_of_twenty_are_recognised_by_name() -> None:
    right = [pair for pair in SAME if resemblance(Organisation(pair[0]), Maker(pair[1]))]
    assert len(right) >= 18
    assert SAME[:18] == right[:18]


@pytest.mark.parametrize(("registered", "made"), OTHERS)
def test_what_only_shares_words_does_not_resemble(registered: str, made: str) -> None:
    assert not resemblance(Organisation(registered), Maker(made))


def test_a_domain_goes_before_the_name() -> None:
    maker = Maker(
        "Backup Team <packages@fortified.example.com>", ("https://www.example.com/agent",)
    )
    found = resemblance(Organisation("Holding of Something", "noc.example.com"), maker)
    assert found == "the same domain, example.com"


@pytest.mark.parametrize("contact", ["someone@gmail.com", "https://github.com/x", "a@users.sf.net"])
def test_a_domain_of_many_says_nothing(contact: str) -> None:
    host = contact.rpartition("@")[2].removeprefix("https://").partition("/")[0]
    assert not resemblance(Organisation("Host of many", host), Maker("Somebody", (contact,)))


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("Anna <anna@mail.example.co.uk>", "example.co.uk"),
        ("https://docs.example.org:8443/x", "example.org"),
        ("WWW.EXAMPLE.ORG.", "example.org"),
        ("http://[broken", ""),
        ("203.0.113.7", ""),
        ("", ""),
    ],
)
def test_the_domain_that_was_registered(text: str, domain: str) -> None:
    assert domain_of(text) == domain


def test_a_name_of_nothing_but_legal_forms_resembles_nothing() -> None:
    assert core("GmbH & Co. KG") == ""
    assert not resemblance(Organisation("GmbH"), Maker("GmbH & Co. KG"))
