"""What other programs are given is what their standards say."""

import json
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from tests.inquiry.reporting.samples import (
    NOON,
    TEXTS,
    Own,
    a_report,
    hostile,
    plain,
    report_of_facts,
    sighting,
)
from tests.inquiry.reporting.test_pages import TEXTS as NASTY_TEXTS
from whence.inquiry.known import Verdict
from whence.inquiry.reporting.ecs_lines import ecs_lines
from whence.inquiry.reporting.json_document import ECS_VERSION, json_document
from whence.inquiry.reporting.ocsf_lines import VERDICTS, VERSION, ocsf_lines
from whence.inquiry.reporting.report import Report
from whence.inquiry.reporting.stix_bundle import stix_bundle
from whence.model import (
    ACCEPTED,
    ATTEMPTED,
    LISTENING,
    Flow,
    Hostname,
    Ip,
    Mac,
    Process,
    Reading,
    Remote,
    ecs,
)
from whence.model.sightings import UNKNOWN_START


def lines(form: str, report: Report) -> list[dict[str, Any]]:
    return [json.loads(line) for line in TEXTS[form](report).splitlines()]


@pytest.fixture(scope="module")
def schemas() -> dict[int, Draft202012Validator]:
    """The published schema of OCSF, for the classes and profiles that are used."""
    published = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=VERSION))
    found = {}
    for event in lines("ocsf", plain()):
        name = published.lookup_class_name_from_uid(class_uid=event["class_uid"])
        schema = published.get_class_schema(class_name=name, profiles=event["metadata"]["profiles"])
        found[event["class_uid"]] = Draft202012Validator(schema)
    return found


def sightings_of_all_kinds() -> Report:
    seen = sighting(Own())
    listening = replace(seen, action=LISTENING, flow=Flow(None, None, "::", 443, "tcp"), lineage=())
    link_local = replace(seen, action=ACCEPTED, flow=Flow("fe80::1%eth0", 53, "fe80::2", 9, "udp"))
    later = replace(seen, action=ATTEMPTED, last=NOON + timedelta(hours=1), count=7)
    odd = replace(seen, flow=Flow("203.0.113.9", None, None, None, "47"))
    return replace(plain(), sightings=(seen, listening, link_local, later, odd))


@pytest.mark.parametrize("verdict", [*Verdict])
def test_ocsf_is_as_its_schema_says(
    verdict: Verdict, schemas: dict[int, Draft202012Validator]
) -> None:
    report = replace(sightings_of_all_kinds(), verdict=verdict)
    events = lines("ocsf", report)
    assert {event["class_uid"] for event in events} == {4001, 1007, 2004}
    for event in events:
        found = [error.message for error in schemas[event["class_uid"]].iter_errors(event)]
        assert not found
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
    assert events[-1]["verdict_id"] == VERDICTS[verdict]


def test_an_empty_report_is_a_finding_all_the_same(
    schemas: dict[int, Draft202012Validator],
) -> None:
    empty = replace(plain(), facts=(), lineage=(), readings=(), sightings=(), maker=())
    [finding] = lines("ocsf", empty)
    assert not [*schemas[2004].iter_errors(finding)]


def test_ecs_events_are_sightings_and_read_back() -> None:
    report = sightings_of_all_kinds()
    *events, answer = [*ecs_lines(report)]
    assert [ecs.from_line(line) for line in events] == [*report.sightings]
    last = json.loads(answer)
    assert last["message"] == report.sentence
    assert last["destination"] == {"ip": "203.0.113.7", "port": 443}
    assert last["process"]["parent"]["pid"] == 1
    assert {json.loads(line)["ecs"]["version"] for line in events} == {ECS_VERSION}


def test_the_json_form_has_all_facts_and_questions() -> None:
    report = a_report()
    told = json.loads(json_document(report))["whence"]["report"]
    assert len(told["facts"]) == len(report.facts)
    assert [one["number"] for one in told["questions"]] == [*range(1, 11)]
    assert told["custody"]["head"] == report.custody.head


@settings(max_examples=10)
@given(st.sampled_from(["json", "ecs", "ocsf", "stix"]), NASTY_TEXTS)
@example("json", "\udcff\udc80")
@example("stix", "\udcff\udc80")
def test_json_is_json_whatever_stands_in_it(form: str, text: str) -> None:
    said = TEXTS[form](hostile(text))
    for part in [said] if form in ("json", "stix") else said.splitlines():
        json.loads(part)
    assert not set(said) & {"\0", "\x1b", "\u202e", "\x9b"}


@pytest.fixture(scope="module")
def validator() -> Any:
    """OASIS's validator; without a check of IRIs whose grammar takes six seconds to load."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "rfc3987_syntax", None)
        import stix2validator
    return stix2validator


def small(report: Report) -> Report:
    """Leave a few facts of each kind: the validator takes its time with each object."""
    return replace(report, facts=report.facts[:14], lineage=report.lineage[:14], notes=report.notes)


def test_stix_is_what_its_validator_says_it_must_be(validator: Any) -> None:
    bundle = stix_bundle(small(sightings_of_all_kinds()))
    told = validator.validate_string(bundle, validator.ValidationOptions(version="2.1"))
    assert told.is_valid, told
    kinds = Counter(one["type"] for one in json.loads(bundle)["objects"])
    wanted = (
        "report observed-data sighting indicator relationship note network-traffic process file "
        "directory user-account ipv4-addr mac-addr software artifact identity extension-definition"
    )
    for kind in wanted.split():
        assert kinds[kind], kind


def test_the_ids_of_observables_are_those_that_everybody_makes() -> None:
    import stix2

    checked = Counter[str]()
    for one in json.loads(stix_bundle(sightings_of_all_kinds()))["objects"]:
        if one["type"] in ("whence-thing", "artifact", "process") or "created_by_ref" in one:
            continue
        if one["type"] in ("identity",):
            continue
        made = stix2.parse({name: value for name, value in one.items() if name != "id"})
        assert made["id"] == one["id"], one
        checked[one["type"]] += 1
    assert checked["network-traffic"] >= 5
    assert checked["file"] >= 2


def test_the_same_report_is_the_same_bundle() -> None:
    assert stix_bundle(a_report()) == stix_bundle(a_report())


def test_every_reference_of_a_bundle_is_in_it() -> None:
    objects = json.loads(stix_bundle(sightings_of_all_kinds()))["objects"]
    ids = [one["id"] for one in objects]
    assert len(ids) == len(set(ids))
    for one in objects:
        refs = [v for k, v in one.items() if k.endswith("_ref")]
        refs += [ref for k, v in one.items() if k.endswith("_refs") for ref in v]
        assert set(refs) <= set(ids), one


@pytest.mark.parametrize(
    ("subject", "pattern"),
    [
        (Flow("203.0.113.7", 443), "[network-traffic:dst_ref.value = '203.0.113.7' AND "
                                   "network-traffic:dst_port = 443]"),
        (Remote("2001:db8::7"), "[network-traffic:dst_ref.value = '2001:db8::7']"),
        (Ip("10.0.0.7"), "[ipv4-addr:value = '10.0.0.7']"),
        (Mac("00:14:22:01:23:45"), "[mac-addr:value = '00:14:22:01:23:45']"),
        (Flow(), None),
        (Process("fw", "b", 1, 2), None),
    ],
)  # fmt: skip
def test_what_finds_the_subject_again(subject: Any, pattern: str | None) -> None:
    bundle = json.loads(stix_bundle(replace(plain(), subject=subject)))
    patterns = [one["pattern"] for one in bundle["objects"] if one["type"] == "indicator"]
    assert patterns == ([pattern] if pattern else [])


def test_ocsf_lines_know_their_parents() -> None:
    event = next(json.loads(line) for line in ocsf_lines(plain()))
    assert event["actor"]["process"]["parent_process"]["pid"] == 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("fw.example.org", "domain-name"),
        ("münchen.example", "domain-name"),
        ("print_server", "whence-thing"),
        ("_ldap._tcp.example.org", "whence-thing"),
        ("*.example.org", "whence-thing"),
        ("DESKTOP A", "whence-thing"),
        ("a..b", "whence-thing"),
        ("x" * 70, "whence-thing"),
    ],
)
def test_a_name_is_a_domain_name_of_stix_where_it_can_be(name: str, kind: str) -> None:
    read = Reading("/etc/hosts", f"192.0.2.1 {name}\n", NOON, "fw")
    fact = Ip("192.0.2.1").fact("is-named", Hostname(name), read.whole())
    bundle = stix_bundle(report_of_facts(Flow("192.0.2.1", 443), [fact], (read,), (), Own()))
    [made] = [one for one in json.loads(bundle)["objects"] if one["type"] == kind]
    assert name in made.values()


def test_no_start_is_told_of_a_process_whose_start_nobody_knows() -> None:
    seen = sighting(Own())
    first, *others = seen.lineage
    lineage = (replace(first, started_at=UNKNOWN_START), *others)
    report = replace(plain(), maker=lineage, sightings=(replace(seen, lineage=lineage),))
    events = lines("ocsf", report)
    assert [e["process"]["pid"] for e in events if e["class_uid"] == 1007] == [1]
    actor = next(e["actor"]["process"] for e in events if e["class_uid"] == 4001)
    assert "created_time" not in actor
    assert "created_time" in actor["parent_process"]
    made = {
        o["pid"]: o for o in json.loads(stix_bundle(report))["objects"] if o["type"] == "process"
    }
    assert "created_time" not in made[first.process.pid]
    assert "created_time" in made[1]
