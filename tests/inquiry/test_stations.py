"""What facts about an address add up to."""

import pytest

from whence.inquiry.known import Story, Verdict
from whence.inquiry.story import tell
from whence.model import (
    Confidence,
    Fact,
    Flow,
    Hostname,
    Ip,
    Mac,
    Observable,
    Reading,
    SwitchPort,
)
from whence.model.mac_addresses import LOCAL
from whence.world import EPOCH

PC, V6 = Ip("192.0.2.7"), Ip("2001:db8::7")
CARD, OTHER, ROUTER = Mac("00:14:22:01:02:03"), Mac("00:1b:21:aa:bb:07"), Mac("00:00:5e:00:01:05")


def fact(
    subject: Observable,
    relation: str,
    value: Observable | str,
    source: str = "test",
    confidence: Confidence = Confidence.CERTAIN,
) -> Fact:
    evidence = Reading(source, "text", EPOCH, "here").whole()
    return subject.fact(relation, value, evidence, confidence=confidence)


KNOWN = [
    fact(PC, "answers-at", CARD),
    fact(CARD, "has-maker", "Dell Inc."),
    fact(CARD, "answers-for", PC),
    fact(CARD, "answers-for", V6),
]
NAMED = [
    fact(PC, "is-named", Hostname("pc7.office.example"), "names of 192.0.2.7"),
    fact(PC, "is-named", Hostname("frontdesk.local"), "mdns name of 192.0.2.7"),
    fact(PC, "is-named", Hostname("PC7"), "netbios node status of 192.0.2.7"),
    fact(PC, "is-in-workgroup", "OFFICE"),
    fact(PC, "has-user", "JDOE"),
    fact(PC, "may-run", "Windows, by a time to live of 128", "netbios node status of 192.0.2.7"),
    fact(PC, "may-run", "Windows 11, by what its SMB service says", "smb greeting of 192.0.2.7"),
]


def told(subject: Observable, *facts: Fact) -> Story:
    return tell(subject, facts)


def test_the_whole_of_it_in_one_sentence() -> None:
    story = told(PC, *KNOWN, *NAMED)
    assert story.sentence == (
        "192.0.2.7 is PC7, a Dell Inc. card at 00:14:22:01:02:03, also seen as 2001:db8::7 and "
        "frontdesk.local, in OFFICE, with JDOE logged on, possibly Windows 11, by what its SMB "
        "service says."
    )
    assert story.verdict is Verdict.EXPLAINED
    assert [*map(str, story.lineage)][-2:] == [
        "00:14:22:01:02:03 answers-for 192.0.2.7",
        "00:14:22:01:02:03 answers-for 2001:db8::7",
    ]


def test_signs_of_another_system_are_told() -> None:
    syn = "Linux or Android, by how it begins connections, 64:64240:1460:7:mss,sack,ts,nop,ws"
    by_syn = fact(PC, "may-run", syn, "captures of 192.0.2.7")
    assert told(PC, *KNOWN, *NAMED, by_syn).sentence.endswith(
        f"possibly Windows 11, by what its SMB service says, which does not fit with {syn}."
    )
    alike = fact(PC, "may-run", "Linux, macOS, Android or BSD, by a time to live of 64", "names")
    assert told(PC, by_syn, alike).sentence.endswith(f"possibly {syn}.")


def test_a_mac_address_is_told_by_its_addresses_and_their_names() -> None:
    assert told(CARD, *KNOWN, *NAMED).sentence.startswith(
        "00:14:22:01:02:03 is PC7, a Dell Inc. card, also seen as 192.0.2.7, 2001:db8::7 and "
    )


def test_nothing_is_known() -> None:
    story = told(PC)
    assert story.sentence == "192.0.2.7: nothing says which machine it is."
    assert story.verdict is Verdict.INSUFFICIENT


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("224.0.0.251", "multicast: a group's and no machine's"),
        ("ff02::fb", "multicast: a group's and no machine's"),
        ("255.255.255.255", "broadcast: everybody on the link"),
        ("::", "no machine's: who has no address yet sends from it"),
    ],
)
def test_an_address_that_no_machine_has(address: str, words: str) -> None:
    story = told(Ip(address))
    assert story.sentence == f"{address} is {words}."
    assert story.verdict is Verdict.EXPLAINED


def test_nobody_answers() -> None:
    story = told(PC, fact(PC, "does-not-answer", "asked by ARP just now"))
    assert story.sentence.endswith("it is, and no station answers for it (asked by ARP just now).")


def test_a_randomised_address() -> None:
    story = told(PC, fact(PC, "answers-at", Mac("da:a1:19:01:02:03")),
                 fact(Mac("da:a1:19:01:02:03"), "is-a", LOCAL))  # fmt: skip
    assert story.sentence == f"192.0.2.7 is at da:a1:19:01:02:03 ({LOCAL})."


def test_a_card_that_only_an_imported_file_names_is_told_as_reported() -> None:
    told_of = fact(PC, "was-reported-at", CARD)
    assert told(PC, told_of).sentence == f"192.0.2.7 is at {CARD} as reported."
    assert told(PC, told_of, fact(PC, "answers-at", CARD)).sentence == f"192.0.2.7 is at {CARD}."


def test_two_stations_for_one_address_are_a_conflict_and_come_first() -> None:
    story = told(PC, *KNOWN, fact(PC, "is-claimed-by", CARD), fact(PC, "is-claimed-by", OTHER))
    assert story.sentence == (
        "Conflict: 2 stations answer for 192.0.2.7: 00:14:22:01:02:03 (Dell Inc.) and "
        "00:1b:21:aa:bb:07."
    )
    assert story.verdict is Verdict.SUSPICIOUS
    assert story.others[-1].startswith("192.0.2.7 is a Dell Inc. card at 00:14:22:01:02:03")


def test_a_router_that_answers_for_others_is_named_in_a_conflict() -> None:
    many = fact(OTHER, "answers-for", "40 more addresses, as a router does")
    claims = [fact(PC, "is-claimed-by", card) for card in (CARD, OTHER)]
    assert f"{OTHER} (perhaps a router that answers for others)" in told(PC, many, *claims).sentence


def test_the_address_of_a_virtual_router_beside_its_owners_is_no_conflict() -> None:
    story = told(PC, fact(PC, "is-claimed-by", CARD), fact(PC, "is-claimed-by", ROUTER))
    assert story.verdict is Verdict.EXPLAINED


def test_who_answers_for_an_address_that_was_leased_to_another() -> None:
    story = told(PC, *KNOWN, fact(PC, "leased-to", OTHER))
    assert story.sentence == (
        "Conflict: 192.0.2.7 is leased to 00:1b:21:aa:bb:07, but 00:14:22:01:02:03 answers for it."
    )


def test_an_old_lease_of_another_is_no_conflict() -> None:
    story = told(PC, *KNOWN, fact(PC, "leased-to", OTHER, confidence=Confidence.POSSIBLE))
    assert story.verdict is Verdict.EXPLAINED


def test_a_lease_that_ended_is_told_with_its_end() -> None:
    ended = "ended 2020-09-13 12:26 UTC, kea.csv"
    old = [fact(PC, "leased-to", CARD, confidence=Confidence.POSSIBLE),
           fact(PC, "has-lease", ended, confidence=Confidence.POSSIBLE)]  # fmt: skip
    assert told(PC, *old).sentence == (
        "192.0.2.7 is at 00:14:22:01:02:03, whose lease ended 2020-09-13 12:26 UTC."
    )
    now = fact(PC, "leased-to", OTHER, "leases of another file")
    assert told(PC, *old, now).sentence == "192.0.2.7 is at 00:1b:21:aa:bb:07."
    answers = fact(PC, "answers-at", CARD)
    assert "ended" not in told(PC, *old, answers).sentence


def test_an_address_that_two_servers_gave_to_two_machines() -> None:
    leases = [fact(PC, "leased-to", card) for card in (CARD, OTHER)]
    assert told(PC, *leases).sentence == (
        "Conflict: 192.0.2.7 is leased to 00:14:22:01:02:03 and 00:1b:21:aa:bb:07 at once, "
        "by two servers or in two ranges."
    )


def test_an_address_of_each_link_is_no_conflict() -> None:
    one = Ip("fe80::1")
    claims = [fact(one, "is-claimed-by", card) for card in (CARD, OTHER)]
    each = f"{CARD} on eth0 and {OTHER} on eth1"
    story = told(one, *claims, fact(one, "differs-by-link", each))
    assert story.sentence == f"fe80::1 is at {CARD}, but each link has its own: {each}."
    assert story.verdict is Verdict.EXPLAINED


def test_an_address_is_at_the_card_that_it_is_made_from() -> None:
    made = fact(V6, "is-made-from", CARD, confidence=Confidence.LIKELY)
    maker = fact(CARD, "has-maker", "Dell Inc.")
    assert told(V6, made, maker).sentence == f"2001:db8::7 is a Dell Inc. card at {CARD}."


def test_two_who_claimed_an_address_in_captures() -> None:
    claims = [fact(PC, "was-captured-at", card) for card in (CARD, OTHER)]
    assert told(PC, *KNOWN, *claims).sentence == (
        "Conflict: in captures 00:14:22:01:02:03 (Dell Inc.) and 00:1b:21:aa:bb:07 claimed "
        "192.0.2.7: it moved, or two machines have it."
    )


def test_a_machine_that_says_its_name_is_taken() -> None:
    story = told(PC, *KNOWN, fact(PC, "shares-its-name", "PC7"))
    assert story.sentence.startswith("Conflict: 192.0.2.7 says that another machine, too, has its")


def test_traffic_to_a_neighbour_says_which_machine_that_is() -> None:
    flow = Flow("192.0.2.7", 445)
    story = told(flow, fact(flow, "ends-at", PC), *KNOWN, *NAMED)
    assert story.sentence == "192.0.2.7:445: no process was seen making this traffic."
    assert story.others[0].startswith("192.0.2.7 is PC7, a Dell Inc. card")
    assert fact(PC, "answers-at", CARD) in story.lineage


def test_an_address_alone_asks_which_machine_it_is_and_where() -> None:
    flow = Flow("192.0.2.7")
    there = fact(CARD, "plugged-in-at", PORT)
    story = told(flow, fact(flow, "ends-at", PC), *KNOWN, *NAMED, there)
    assert story.sentence.startswith("192.0.2.7 is PC7, a Dell Inc. card")
    assert story.sentence.endswith("; it is plugged in at sw1 Gi1/0/7.")
    assert story.others == ("192.0.2.7: no process was seen making this traffic.",)
    assert story.verdict is Verdict.EXPLAINED
    assert there in story.lineage


def test_what_was_seen_of_an_address_goes_before_which_machine_it_is() -> None:
    flow = Flow("192.0.2.7")
    seen = fact(flow, "seen", "once, first today")
    story = told(flow, seen, fact(flow, "ends-at", PC), *KNOWN, *NAMED)
    assert story.sentence == "192.0.2.7: no process was seen making this traffic."
    assert story.verdict is Verdict.INSUFFICIENT


def test_an_address_for_which_nobody_answers_may_be_forged() -> None:
    flow = Flow("192.0.2.7")
    silent = fact(PC, "does-not-answer", "asked by ARP just now")
    story = told(flow, fact(flow, "ends-at", PC), silent)
    assert story.sentence == (
        "192.0.2.7: nothing says which machine it is, and no station answers for it "
        "(asked by ARP just now)."
    )
    assert "forged" in story.others[0]
    assert story.verdict is Verdict.INSUFFICIENT


def test_two_cards_with_one_address_are_told_with_the_place_of_each() -> None:
    claims = [fact(PC, "is-claimed-by", card) for card in (CARD, OTHER)]
    there = [
        fact(CARD, "plugged-in-at", PORT),
        fact(OTHER, "plugged-in-at", SwitchPort("sw1", "Gi1/0/8")),
    ]
    story = told(PC, *claims, *there)
    assert story.sentence.startswith("Conflict: 2 stations answer for 192.0.2.7")
    assert story.others[-1] == (
        f"192.0.2.7 is at more than one place: {CARD} is plugged in at sw1 Gi1/0/7 and "
        f"{OTHER} is plugged in at sw1 Gi1/0/8."
    )


def test_many_names_are_counted() -> None:
    names = [fact(PC, "is-named", Hostname(f"name{number}")) for number in range(9)]
    assert told(PC, *names).sentence.endswith("name1, name2, name3, name4, name5 and 3 more.")


PORT = SwitchPort("sw1", "Gi1/0/7")


def test_what_switches_know_is_told_with_the_machine() -> None:
    facts = [*KNOWN, *NAMED, fact(CARD, "plugged-in-at", PORT)]
    story = tell(PC, facts, {"neighbour", "maker", "plugged_in"})
    assert story.sentence.startswith("192.0.2.7 is PC7, a Dell Inc. card")
    assert story.sentence.endswith("; it is plugged in at sw1 Gi1/0/7.")
    assert fact(CARD, "plugged-in-at", PORT) in story.lineage


def test_who_asks_switches_alone_is_told_where_it_is() -> None:
    facts = [fact(PC, "answers-at", CARD), fact(CARD, "plugged-in-at", PORT)]
    told = tell(PC, facts, {"resolved_by_switch", "plugged_in"})
    assert told.sentence == "192.0.2.7 (00:14:22:01:02:03) is plugged in at sw1 Gi1/0/7."


@pytest.mark.parametrize(
    ("subject", "refused", "facts", "said"),
    [
        (PC, set(), (), "192.0.2.7: no switch says where that is; if it is silent, make it send"),
        (PC, {"resolved_by_switch"}, (), "192.0.2.7: no switch could be asked where that is."),
        (
            PC, set(), (fact(PC, "is-held-by", "this machine itself, on eth0"),),
            "192.0.2.7 is this machine itself, on eth0; no switch says where that is.",
        ),
        (
            Ip("127.0.0.1"), set(), (fact(Ip("127.0.0.1"), "is-held-by", "this machine"),),
            "127.0.0.1 is loopback: each machine is that to itself, and no switch leads there.",
        ),
    ],
)  # fmt: skip
def test_why_no_place_is_known(
    subject: Ip, refused: set[str], facts: tuple[Fact, ...], said: str
) -> None:
    assert tell(subject, facts, {"resolved_by_switch"}, refused).sentence.startswith(said)
