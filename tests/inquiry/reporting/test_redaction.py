"""Nothing of what is one's own is left in a redacted report, in whatever form it stood."""

import base64
import ipaddress
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.inquiry.imports.reading import read
from tests.inquiry.imports.samples import SAMPLES
from tests.inquiry.reporting.samples import (
    NAME_OUTSIDE,
    NOON,
    REMOTE,
    TEXTS,
    Own,
    a_report,
    plain,
    report_of_facts,
)
from whence.inquiry.reporting import address_forms
from whence.inquiry.reporting.redaction import redacted
from whence.inquiry.reporting.report import Cited, Redaction, Report
from whence.inquiry.reporting.rewriting import rewritten
from whence.model import Flow, Ip, Mac, Process, Reading
from whence.model.special_ranges import is_public

RECORDED = Path(__file__).parents[1] / "imports" / "recorded"
QUOTED = {name: text for name, (_, _, text) in SAMPLES.items()} | {
    path.name: path.read_text(errors="replace") for path in sorted(RECORDED.glob("*.txt"))
}
WITHOUT = (
    "sysmon changes",
    "mac table",
    "windows changes",
    "linux-proc-net-tcp.txt",
    "wireless clients",
    "tasklist",
    "tasklist /svc",
    "tasklist /fo csv",
    "ps -ef",
    "ps aux",
    "ps of macOS",
    "ps -o lstart",
)  # addresses of one's own
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


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
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


@pytest.mark.parametrize("sample", QUOTED)
def test_no_address_is_left_of_a_line_of_any_importer_that_is_quoted(sample: str) -> None:
    text = QUOTED[sample].replace("192.0.2.", "10.77.2.").replace("203.0.113.", "10.77.113.")
    addresses = {one for row in read(text)[0] for one in addresses_in(row) if is_own(one)}
    assert addresses or sample in WITHOUT
    quoting = Reading("file", text, NOON, "host-x")
    subject = Flow("198.51.100.1", 443)
    facts = [
        subject.fact("configured-in", line, quoting.cite(number, line))
        for number, line in enumerate(text.splitlines(), start=1)
    ]
    report = redacted(report_of_facts(subject, facts, (quoting,), (), Own()), Redaction.OWN)
    for form, render in TEXTS.items():
        told = said(form, render(report))
        left = [one for one in addresses if re.search(rf"(?<![\d:]){re.escape(one)}(?!\d)", told)]
        assert not left, form


OUT = (
    "ipv4     2 tcp      6 431999 ESTABLISHED src=10.0.0.9 dst=203.0.113.8 sport=51514 dport=443 "
    "src=203.0.113.8 dst=198.51.100.7 sport=443 dport=51514 [ASSURED] mark=0 zone=0 use=2"
)
IN = (  # of conntrack -L
    "tcp      6 431999 ESTABLISHED src=203.0.113.8 dst=198.51.100.7 sport=40123 dport=443 "
    "src=10.0.0.80 dst=203.0.113.8 sport=8443 dport=40123 [ASSURED] mark=0 use=1"
)
THROUGH = (  # another one's, from outside to outside: nothing of it is one's own
    "ipv4     2 tcp      6 9 ESTABLISHED src=203.0.113.9 dst=203.0.113.8 sport=1 dport=2 "
    "src=203.0.113.8 dst=203.0.113.9 sport=2 dport=1 [ASSURED] mark=0 zone=0 use=2"
)


LOGGED = (  # by firewalls
    "%ASA-6-302013: Built outbound TCP connection 7 for outside:203.0.113.8/443 "
    "(203.0.113.8/443) to inside:10.0.0.9/51514 (198.51.100.7/51514)",
    "%ASA-6-302013: Built inbound TCP connection 7 for outside:203.0.113.8/40123 "
    "(203.0.113.8/40123) to dmz:10.0.0.80/8443(LOCAL\\anna) (198.51.100.7/443)",
    "%ASA-6-305011: Built dynamic TCP translation from inside:10.0.0.9/51514 to "
    "outside:198.51.100.7/51514",
    "RT_FLOW_SESSION_CREATE: session created 10.0.0.9/51514->203.0.113.8/443 0x0 junos-https "
    "198.51.100.7/51514->203.0.113.8/443 0x0 source rule r1 N/A N/A 6 p trust untrust 7",
    'RT_FLOW_SESSION_CREATE [junos@2636.1 source-address="203.0.113.8" source-port="40123" '
    'destination-address="198.51.100.7" nat-source-address="203.0.113.8" '
    'nat-destination-address="10.0.0.80"]',
    'type="traffic" srcip=10.0.0.9 dstip=203.0.113.8 trandisp="snat" transip=198.51.100.7',
    'type="traffic" srcip=203.0.113.8 dstip=198.51.100.7 trandisp="dnat" tranip=10.0.0.80',
    "1,2026/11/17 09:30:00,0,TRAFFIC,end,1,2026/11/17 09:30:00,10.0.0.9,203.0.113.8,"
    "198.51.100.7,203.0.113.8,out,,,ssl",
    "forward: in:ether2 out:ether1, proto TCP (SYN), 10.0.0.9:51514->203.0.113.8:443, "
    "NAT (10.0.0.9:51514->198.51.100.7:51514)->203.0.113.8:443, len 60",
    "all tcp 198.51.100.7:51514 (10.0.0.9:51514) -> 203.0.113.8:443 ESTABLISHED:ESTABLISHED",
    'action="Accept" src="10.0.0.9" dst="203.0.113.8" xlatesrc="198.51.100.7" xlatesport="51514"',
)
LOGGED_THROUGH = (
    "%ASA-6-302013: Built inbound TCP connection 7 for outside:203.0.113.8/40123 "
    "(203.0.113.8/40123) to dmz:198.51.100.7/443 (198.51.100.7/443)"
)


@pytest.mark.parametrize(
    ("line", "is_told"),
    [
        (OUT, False),
        (IN, False),
        (THROUGH, True),
        (LOGGED_THROUGH, True),
        *((line, False) for line in LOGGED),
    ],
)
def test_what_nat_puts_in_place_of_ones_own_address_is_ones_own(line: str, is_told: bool) -> None:
    beside = "198.51.100.7 is what others see of 10.0.0.9"
    quoting = Reading("table", f"{line}\n{beside}\n", NOON, "host-x")
    subject = Flow("203.0.113.8", 443)
    facts = [
        subject.fact("passes-through", text, quoting.cite(number, text))
        for number, text in enumerate(quoting.text.splitlines(), start=1)
    ]
    report = redacted(report_of_facts(subject, facts, (quoting,), (), Own()), Redaction.OWN)
    for form, render in TEXTS.items():
        told = said(form, render(report))
        assert ("198.51.100.7" in told) is is_told, form
        assert "203.0.113.8" in told, form


def test_a_target_is_the_other_end_though_nat_is_before_it() -> None:
    quoting = Reading("table", IN, NOON, "host-x")
    subject = Flow("198.51.100.7", 443)
    facts = [subject.fact("passes-through", IN, quoting.cite(1, IN))]
    report = redacted(report_of_facts(subject, facts, (quoting,), (), Own()), Redaction.OWN)
    assert "198.51.100.7" in TEXTS["md"](report)


def addresses_in(row: object) -> Iterator[str]:
    """Give what importers read out of the text, in the usual spelling."""
    for text in re.findall(r"'([^']*)'", repr(row)):
        if found := address_forms.parsed_safely(text):
            yield str(found)


def is_own(address: str) -> bool:
    one = ipaddress.ip_address(address)
    is_nobodys = one.is_loopback or one.is_multicast or one.is_unspecified
    return not is_nobodys and address != "255.255.255.255" and not is_public(address)


SPELLINGS = (
    "{v4}.41234 > 203.0.113.7.443: Flags [S]", "{v4}:80:80", "::ffff:{v4}", "[::ffff:{v4}]:41234",
    "::ffff:{v4}:41234", "::FFFF:{v4}.41234", "a:b:{v4}", "...{v4}...", "tcp {v4}.https",
    "1.3.6.1.2.1.4.22.1.2.2.{v4}", "{v6}:4123", "{v6}:41234", "{v6}:https", "{v6}:* LISTEN",
    "IP6 {v6}.41234 > {v6}.443: UDP", "IP6 {v6} > {v6}: ICMP6", "[{v6}]:41234", "{v6}%eth0/64",
    "src:{v6}", "{full}:4123", "{full}:41234", "{full}.41234",
)  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("v6", ["fd12:3456:789a::41", "2a01:4f8:1:2::5"])
def test_an_address_is_found_with_a_port_of_any_notation(spelling: str, v6: str) -> None:
    v4, full = "10.20.30.41", ipaddress.ip_address(v6).exploded
    text = spelling.format(v4=v4, v6=v6, full=full)
    report = replace(plain(), others=(text,), conflicts=(v4, v6))
    own = Ip(v6).fact("answers-at", Mac("00:14:22:ab:cd:ef"), report.facts[0].fact.evidence[0])
    report = replace(report, facts=(*report.facts, Cited(own, ("E1",))))
    told = redacted(report, Redaction.OWN).others[0]
    assert not [one for one in (v4, v6, full) if one in told.lower()], told
    frame = re.escape(spelling).replace(r"\{v4\}", r"198\.18\.\d+\.\d+")
    frame = re.sub(r"\\{(v6|full)\\}", r"[0-9a-f:]+", frame)
    assert re.fullmatch(frame, told, re.IGNORECASE), told


@pytest.mark.parametrize(
    "text",
    [
        "1.3.6.1.2.1.4.20.1.1", "ace::bad_thing", "12:30:45.000005", "12:30:45:17", ":::22 :::*",
        "::1:4123 LISTEN", "127.0.0.1.631", "8.8.8.8.53", "2606:4700::1111:443", "a:b:c",
        "1.2.3.4.5", "300.10.0.0.1.2",
    ],
)  # fmt: skip
def test_what_is_no_address_of_ones_own_stays(text: str) -> None:
    report = replace(plain(), others=(text,))
    assert redacted(report, Redaction.OWN).others == (text,)


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


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("/usr/bin/ssh -p 22 qzalice@qzhost7 uptime", ("qzalice", "qzhost7")),
        ("rsync -a /srv/ qzbob@qzbackup.qzcorp.internal:/srv", ("qzbob", "qzbackup", "qzcorp")),
        ("poll --mail qzcarol@qzcorp.internal", ("qzcarol", "qzcorp")),
        ("sshd: qzdave@pts/0", ("qzdave",)),
        ("curl --user qzerin https://203.0.113.7/", ("qzerin",)),
        ("mysql --user=qzfrank --host db", ("qzfrank",)),
        ("agent --username qzgrace", ("qzgrace",)),
    ],
)
def test_users_and_hosts_that_a_command_line_names(command: str, names: tuple[str, ...]) -> None:
    report = redacted(report_of_command(command), Redaction.OWN)
    for form, render in TEXTS.items():
        told = said(form, render(report))
        assert not [name for name in names if name in told], form


@pytest.mark.parametrize(
    "command", ["systemctl --user start backup.timer", "sshd: root@pts/0", "agetty tty1"]
)
def test_words_of_a_command_line_that_name_nobody_stay(command: str) -> None:
    assert command in TEXTS["md"](redacted(report_of_command(command), Redaction.OWN))


def report_of_command(command: str) -> Report:
    quoting = Reading("process 7", command, NOON, "host-x")
    process = Process("host-x", "boot", 7, 70)
    facts = [process.fact("called-as", command, quoting.cite(1, command))]
    return report_of_facts(Flow("203.0.113.7", 443), facts, (quoting,), (), Own())
