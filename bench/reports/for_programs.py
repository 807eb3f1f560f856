"""Hold what reports give to other programs against the validators and readers of these.

    python -m bench.reports.for_programs [--cases FOLDER] [--keep FOLDER] [--seed N]

Tells each story of the lab (as root; ``--cases`` takes the cases that an earlier run kept there).
Of each case the STIX bundle goes to the validator of OASIS, each line of OCSF to the published
schema of its class, and ECS to a reader of JSON lines. A capture made of the connections that the
case saw gets its processes as comments, and tshark is asked for these. Prints a table.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import stix2validator
from bench.reports.cases import state_in, tell_stories
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from tests.frames import conversation, write_pcap

from whence.api import reporting
from whence.api.kept_cases import cases
from whence.api.reporting import Format
from whence.inquiry.reporting.ocsf_lines import VERSION
from whence.inquiry.reporting.report import Redaction, Report


def main() -> int:
    """Look at all, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    wanted = parser.parse_args()
    print("## For other programs\n")
    print(
        "| case | facts | STIX objects | OCSF events | ECS lines | packets, with comments | wrong |"
    )
    print("|---|---:|---:|---:|---:|---:|---|")
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = wanted.cases or wanted.keep or Path(name)
        if not wanted.cases:
            folder.mkdir(parents=True, exist_ok=True)
            tell_stories(folder, wanted.seed)
        for line, complaints in looked_at(folder):
            print(f"{line} {'; '.join(complaints) or 'nothing'} |", flush=True)
            wrong += len(complaints)
    return 1 if wrong else 0


def looked_at(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Give the beginning of each case's row, and what is wrong with it."""
    for state in sorted(path for path in folder.iterdir() if (path / "cases").is_dir()):
        with state_in(state):
            for number, path in enumerate(sorted((state / "cases").glob("*.case"))):
                made = reporting.report(cases().find(path.stem).stem, Redaction.NONE)
                stix, of_stix = _stix(reporting.rendered(made, Format.STIX))
                ocsf, of_ocsf = _ocsf(reporting.rendered(made, Format.OCSF))
                ecs, of_ecs = _ecs(reporting.rendered(made, Format.ECS))
                packets, of_packets = _packets(made)
                counted = f"{len(made.facts)} | {stix} | {ocsf} | {ecs} | {packets}"
                complaints = [*of_stix, *of_ocsf, *of_ecs, *of_packets]
                yield f"| {state.name}-{number} | {counted} |", complaints


def _stix(bundle: bytes) -> tuple[int, list[str]]:
    told = stix2validator.validate_string(
        bundle.decode(), stix2validator.ValidationOptions(version="2.1")
    )
    faults = Counter(str(error)[:120] for error in told.errors or ())
    complaints = [f"STIX: {text} ({count}×)" for text, count in faults.most_common(5)]
    if not told.is_valid and not complaints:
        complaints = ["STIX: not valid"]
    return len(json.loads(bundle)["objects"]), complaints


def _ocsf(text: bytes) -> tuple[int, list[str]]:
    events = [json.loads(line) for line in text.splitlines()]
    faults = Counter(
        error.message[:120] for event in events for error in _schema(event).iter_errors(event)
    )
    return len(events), [f"OCSF: {text} ({count}×)" for text, count in faults.most_common(5)]


def _schema(event: dict[str, Any]) -> Draft202012Validator:
    return _schema_of(event["class_uid"], tuple(event["metadata"]["profiles"]))


@cache
def _schema_of(number: int, profiles: tuple[str, ...]) -> Draft202012Validator:
    published = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=VERSION))
    name = published.lookup_class_name_from_uid(class_uid=number)
    return Draft202012Validator(published.get_class_schema(class_name=name, profiles=[*profiles]))


def _ecs(text: bytes) -> tuple[int, list[str]]:
    documents = [json.loads(line) for line in text.splitlines()]
    bare = sum("@timestamp" not in one or "ecs" not in one for one in documents)
    return len(documents), [f"ECS: {bare} lines without time or version"] if bare else []


def _packets(made: Report) -> tuple[str, list[str]]:
    """Count the packets of connections that the case saw, and those that tshark has a process of.

    Each of a connection of which it knows the process must have a comment.
    """
    frames, known = [], 0
    for seen in made.sightings:
        flow = seen.flow
        if flow.source and flow.destination and flow.source_port and flow.destination_port:
            if ":" in flow.source or flow.transport not in ("tcp", None):
                continue
            ports = (flow.source_port, flow.destination_port)
            said = conversation(flow.source, flow.destination, ports, seen.first.timestamp())
            frames += said
            known += len(said) if seen.lineage else 0
    if not known:
        return "–", []  # others saw them, who do not say by which process
    with tempfile.TemporaryDirectory() as name:
        plain, told = Path(name) / "plain.pcap", Path(name) / "told.pcapng"
        write_pcap(plain, sorted(frames, key=lambda frame: frame.seconds))
        told.write_bytes(reporting.rendered(made, Format.PCAPNG, plain))
        fields = ("-T", "fields", "-e", "frame.number", "-e", "frame.comment")
        done = subprocess.run(
            ["tshark", "-n", "-r", str(told), *fields], capture_output=True, text=True, check=False
        )
    commented = sum(bool("".join(line.split("\t")[1:])) for line in done.stdout.splitlines())
    complaints = [f"tshark: {done.stderr.strip()[-100:]}"] if done.returncode else []
    if commented < known:
        complaints.append(f"{known - commented} packets of known processes without a comment")
    return f"{len(frames)}, {commented}", complaints


if __name__ == "__main__":
    sys.exit(main())
