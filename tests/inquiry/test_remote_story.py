"""Who is at the other end, in one sentence."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from whence.inquiry.explain import Answer, explain, replay
from whence.inquiry.known import Verdict
from whence.inquiry.means import Means
from whence.inquiry.story import tell
from whence.model import (
    Confidence,
    Flow,
    Observable,
    Organisation,
    Package,
    Program,
    Reach,
    Reading,
    Remote,
)
from whence.store.case_file import CaseFile
from whence.world import EPOCH, AddressTables, Internet, RecordedHost

REMOTE = Remote("203.0.113.7", 443)
TABLE = {"table": "cloud ranges", "date": "2026-10-26", "source": "test", "path": "/t"}
EC2 = {"network": "203.0.113.0/24", "provider": "Amazon", "service": "EC2", "region": "eu-west-1"}
RDAP = {"entities": [{"roles": ["registrant"], "vcardArray": [
    "vcard", [["fn", {}, "text", "Fortified Example Networks, Inc."]]]}]}  # fmt: skip
AGENT = "backup-agent\t4.2\tFortified Example Networks <a@gmail.com>\t\t\n"
DPKG = "dpkg-query -W -f=${Package}\\t${Version}\\t${Maintainer}\\t${Homepage}\\t${Origin}\\n"
TEXTS = {
    "table cloud 203.0.113.7": json.dumps(TABLE | EC2) + "\n",
    "table special 203.0.113.7": json.dumps(TABLE) + "\n",
    "rdap 203.0.113.7": json.dumps(RDAP),
    "banner 203.0.113.7:443": "SSH-2.0-\x1b[31mred\r\n",
    "/var/lib/dpkg/status": "",
    DPKG: AGENT,
}
LATE = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def ask(folder: Path, subject: Observable, limit: Reach, **more: str) -> tuple[Answer, list[str]]:
    """Ask about a subject in a recorded world, and then again in what the case kept of it."""
    world = RecordedHost(TEXTS | more, taken=LATE)
    asked: tuple[type, ...] = (
        (AddressTables, Internet) if limit >= Reach.REMOTE else (AddressTables,)
    )
    means = Means(world, (world,), lambda: EPOCH, others=dict.fromkeys(asked, world))
    with closing(CaseFile.create(folder, subject, lambda: EPOCH)) as case:
        answer = explain(case, means, limit, None, lambda event: None, "auto")
        replayed, differences = replay(case)
    assert replayed.story == answer.story
    return answer, differences


def test_one_sentence_says_who_it_is(folder: Path) -> None:
    answer, differences = ask(folder, REMOTE, Reach.REMOTE)
    assert answer.story.sentence == (
        "203.0.113.7:443 belongs to Amazon EC2 in eu-west-1 (cloud ranges of 2026-10-26, likely), "
        "and is registered to Fortified Example Networks, Inc. (RDAP, reported), which resembles "
        "the maker of package backup-agent (possible)."
    )
    assert answer.story.verdict is Verdict.EXPLAINED
    assert not differences


def test_a_package_of_the_chain_is_named_before_others() -> None:
    cited = Reading("test", "", EPOCH, "here").whole()
    flow, organisation = Flow("203.0.113.7", 443), Organisation("Fortified")
    other, agent = Package("dpkg", "other", "1"), Package("dpkg", "backup-agent", "4.2")
    facts = [
        flow.fact("other-end", REMOTE, cited),
        Program("here", "/opt/agent").fact("belongs-to", agent, cited),
        REMOTE.fact("registered-to", organisation, cited, confidence=Confidence.REPORTED),
        *(
            organisation.fact("resembles-maker-of", one, cited, confidence=Confidence.POSSIBLE)
            for one in (other, agent)
        ),
    ]
    [sentence] = tell(flow, facts).others
    assert "the maker of package backup-agent and of 1 more (possible)" in sentence


def test_names_of_one_address_are_listed_once() -> None:
    local, cited = Remote("127.0.0.1"), Reading("hosts", "", EPOCH, "here").whole()
    names = [local.fact("is-called", name, cited) for name in ("localhost", "ip6", "fw", "a", "b")]
    heard = local.fact("is-called", "desk", cited, confidence=Confidence.REPORTED)
    assert tell(local, [*names[:1], names[0]]).sentence == (
        "127.0.0.1 is called localhost (certain) here."
    )
    assert tell(local, [*names, heard]).sentence == (
        "127.0.0.1 is called localhost, ip6, fw and 2 more (certain) here, "
        "and is called desk (reported) here."
    )


def test_a_holder_with_a_handle_is_told_with_its_registry() -> None:
    facts = [
        REMOTE.fact(
            "registered-to", f"Example {name} (EX)", Reading(f"{by} x", "", EPOCH, "here").whole(),
            confidence=Confidence.REPORTED,
        )
        for name, by in (("Ltd", "rdap"), ("Limited", "whois"))
    ]  # fmt: skip
    assert tell(REMOTE, facts).sentence == (
        "203.0.113.7:443 is registered to Example Ltd (EX, RDAP, reported), "
        "and is registered to Example Limited (EX, whois, reported)."
    )


def test_what_was_not_allowed_is_not_asked_but_said(folder: Path) -> None:
    answer, _ = ask(folder, REMOTE, Reach.SILENT)
    assert "registered" not in answer.story.sentence
    tries = [entry.try_ for entry in answer.not_checked]
    assert tries.count("--online") == 4
    assert tries.count("--touch-remote") == 2


def test_what_touches_is_said_to_be_noticed(folder: Path) -> None:
    answer, _ = ask(folder, REMOTE, Reach.REMOTE)
    assert {entry.because for entry in answer.not_checked if entry.try_ == "--touch-remote"} == {
        "it would speak with the other end, which notices"
    }
    answer, _ = ask(folder, REMOTE, Reach.OTHER_END)
    assert "says \x1b[31mred (SSH)" in answer.story.sentence  # a face escapes it


def test_who_makes_the_traffic_comes_first_and_who_gets_it_then(folder: Path) -> None:
    answer, differences = ask(folder, Flow("203.0.113.7", 443), Reach.SILENT)
    assert answer.story.sentence.startswith("203.0.113.7:443: no process was seen")
    [other] = answer.story.others
    assert other.startswith("203.0.113.7:443 belongs to Amazon EC2")
    assert answer.story.verdict is Verdict.INSUFFICIENT
    assert not differences


def test_where_nothing_is_known_that_is_said(folder: Path) -> None:
    nothing = {"table cloud 203.0.113.7": json.dumps(TABLE) + "\n"}
    answer, _ = ask(folder, REMOTE, Reach.SILENT, **nothing)
    assert answer.story.sentence == "203.0.113.7:443: nothing here says whose it is."
    assert answer.story.verdict is Verdict.INSUFFICIENT
