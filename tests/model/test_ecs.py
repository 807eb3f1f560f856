import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model import (
    ACCEPTED,
    ATTEMPTED,
    BadInput,
    Execution,
    Flow,
    Process,
    ProcessRecord,
    Sighting,
    ecs,
)
from whence.model.sightings import UNKNOWN_START
from whence.world import EPOCH

PARENT = ProcessRecord(Process("fw", "boot", 800, 10), EPOCH, "cron")
RUN = Execution(EPOCH, "/usr/bin/python3.11", "/usr/lib/acme/agent.py", ("python3", "agent.py"))
MAKER = ProcessRecord(Process("fw", "boot", 4242, 900), EPOCH, "agent", PARENT.process, (RUN,),
                      user_id=0, login_id=None, cgroup="/system.slice/cron.service")  # fmt: skip


def sighting(action: str = ATTEMPTED, address: str = "203.0.113.7") -> Sighting:
    flow = Flow(address, 443, "192.0.2.5", 51514, "tcp")
    return Sighting(flow, action, EPOCH, EPOCH + timedelta(seconds=2), (MAKER, PARENT), "ebpf",
                    "fw", count=3, bytes_sent=300, packets_sent=5, bytes_received=60,
                    packets_received=1, network_namespace=4026531840, interface="eth0",
                    cookie=7)  # fmt: skip


@pytest.mark.parametrize("action", [ATTEMPTED, ACCEPTED])
def test_a_sighting_is_read_back_as_it_was(action: str) -> None:
    seen = sighting(action)
    assert ecs.from_line(ecs.encode(ecs.from_sighting(seen))) == seen


def test_the_names_are_those_of_ecs() -> None:
    document = ecs.from_sighting(sighting())
    assert document["destination"] == {"address": "203.0.113.7", "ip": "203.0.113.7", "port": 443,
                                       "bytes": 60, "packets": 1}  # fmt: skip
    assert document["source"]["port"] == 51514
    assert document["network"]["transport"] == "tcp"
    assert document["process"]["pid"] == 4242
    assert document["process"]["executable"] == "/usr/bin/python3.11"
    assert document["process"]["args"] == ["python3", "agent.py"]
    assert document["process"]["parent"]["name"] == "cron"


def test_an_accepted_connection_sends_from_the_called_end() -> None:
    document = ecs.from_sighting(sighting(ACCEPTED))
    assert document["destination"]["bytes"] == 300
    assert document["network"]["direction"] == "ingress"


def test_ipv6_is_said_to_be_so() -> None:
    assert ecs.from_sighting(sighting(address="2001:db8::7"))["network"]["type"] == "ipv6"


def test_a_record_is_read_back_as_it_was() -> None:
    assert ecs.record_from_line(ecs.record_line(MAKER)) == MAKER


def test_no_start_is_written_of_a_process_whose_start_nobody_told() -> None:
    unknown = replace(MAKER, started_at=UNKNOWN_START)
    line = ecs.record_line(unknown)
    assert ("started_at" in json.loads(line), ecs.record_from_line(line)) == (False, unknown)
    document = ecs.from_sighting(replace(sighting(), lineage=(unknown,)))
    assert "started_at" not in document["whence"]["lineage"][0]
    assert ecs.to_sighting(document).lineage == (unknown,)
    at = UNKNOWN_START + timedelta(seconds=1)
    assert "started_at" in json.loads(ecs.record_line(replace(MAKER, started_at=at)))


@given(st.text(max_size=200))
def test_strangers_lines_are_refused_in_words(line: str) -> None:
    for read in (ecs.from_line, ecs.record_from_line):
        with pytest.raises(BadInput):
            read(line)


def test_a_line_does_nothing_to_a_terminal_and_says_the_same() -> None:
    document = {"process": {"name": "a\x7f\x9b31m\u202eb ü\u2069"}}
    line = ecs.encode(document)
    assert line == '{"process":{"name":"a\\u007f\\u009b31m\\u202eb ü\\u2069"}}'
    assert json.loads(line) == document


@pytest.mark.parametrize("mark", ["\u061c", "\u200b", "\u202e", "\x9b", "\U000e0041"])
def test_a_line_of_json_hides_nothing_in_a_terminal(mark: str) -> None:
    line = ecs.encode({"process": {"name": f"svc{mark}host"}})
    assert line.isascii()
    assert json.loads(line) == {"process": {"name": f"svc{mark}host"}}
