"""How long reports take, how large they are, and whether a real browser takes the page.

    python -m bench.reports.run [--facts 10000] > bench/results/reports.md

Writes a case with many facts into a folder that is gone afterwards, then gives it each form. With a
Chromium there, the page is opened in it without network and without leave to run anything; what it
complains of is told.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from whence.inquiry.explain import answer_of
from whence.inquiry.reporting.ecs_lines import ecs_lines
from whence.inquiry.reporting.gathering import report_of
from whence.inquiry.reporting.html_page import html_page
from whence.inquiry.reporting.json_document import json_document
from whence.inquiry.reporting.markdown_text import markdown
from whence.inquiry.reporting.ocsf_lines import ocsf_lines
from whence.inquiry.reporting.redaction import redacted
from whence.inquiry.reporting.report import Redaction, Report
from whence.inquiry.reporting.stix_bundle import stix_bundle
from whence.model import Fact, Flow, Ip, Process, Program, Reading
from whence.store.case_file import CaseFile
from whence.world.page_printing import printed

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
BROWSERS = ("chromium", "google-chrome-stable", "google-chrome")


def filled(folder: Path, number: int) -> CaseFile:
    """Make a case of so many facts, from readings of a hundred lines."""
    flow = Flow("203.0.113.7", 443)
    case = CaseFile.create(folder, flow, lambda: NOON, "bench")
    maker = Process("fw", "boot", 1, 1)
    for start in range(0, number, 100):
        lines = [
            f"10.{n >> 8 & 255}.{n & 255}.7 host-of-{n} /home/kim/f{n}"
            for n in range(start, start + 100)
        ]
        reading = Reading(
            f"/etc/list.{start}", "\n".join(lines), NOON + timedelta(seconds=start), "fw"
        )
        case.keep_reading(reading.source, reading)
        facts: list[Fact] = []
        for line in reading.lines():
            address, _, path = line.split()
            facts.append(maker.fact("talks-to", Ip(address), line.evidence))
            if not start:
                facts.append(flow.fact("made-by", maker, line.evidence))
                facts.append(maker.fact("runs", Program("fw", path), line.evidence))
        case.note_step("made_by" if not start else "other_connections", flow, facts)
    return case


def main() -> None:
    """Measure, and print a page of results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=10_000)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with closing(filled(folder, wanted.facts)) as case:
            begun = time.process_time()
            report = report_of(case, answer_of(case), (), NOON, "bench")
            gathered = time.process_time() - begun
        print("# Reports\n")
        print(
            f"`python -m bench.reports.run --facts {wanted.facts}`; seconds are of the processor.\n"
        )
        print(f"A case with {len(report.facts):,} facts from {len(report.readings):,} readings.\n")
        print("| step or form | seconds | bytes |\n|---|---:|---:|")
        print(f"| gathering from the case | {gathered:.2f} | |")
        begun = time.process_time()
        hidden = redacted(report, Redaction.OWN)
        print(f"| redaction | {time.process_time() - begun:.2f} | |")
        page = forms(hidden)
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"\nThe largest resident memory was {most} MB.\n")
        browser(folder, page)


def forms(report: Report) -> str:
    """Give each form, with its time and size."""
    made = {
        "HTML": html_page,
        "Markdown": markdown,
        "JSON": json_document,
        "STIX": stix_bundle,
        "ECS": lambda one: "\n".join(ecs_lines(one)),
        "OCSF": lambda one: "\n".join(ocsf_lines(one)),
    }
    texts = {}
    for name, render in made.items():
        begun = time.process_time()
        texts[name] = render(report)
        took = time.process_time() - begun
        print(f"| {name} | {took:.2f} | {len(texts[name].encode()):,} |")
    begun = time.process_time()
    pdf = printed(texts["HTML"])
    print(f"| PDF, by WeasyPrint | {time.process_time() - begun:.2f} | {len(pdf):,} |")
    return texts["HTML"]


def browser(folder: Path, page: str) -> None:
    """Open the page in a real browser; say what it complained of."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        print("No Chromium was there to open the page with.")
        return
    source, picture, pdf = folder / "x.html", folder / "x.png", folder / "x.pdf"
    source.write_text(page)
    always = [found, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
    always += [f"--user-data-dir={folder}/profile", "--host-resolver-rules=MAP * ~NOTFOUND"]
    complaints = []
    for option in (f"--screenshot={picture}", f"--print-to-pdf={pdf}"):
        told = subprocess.run(
            [*always, option, source.as_uri()],
            capture_output=True,
            text=True,
            timeout=300,
            check=True,
        )
        complaints += [line for line in told.stderr.splitlines() if "CONSOLE" in line]
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True)
    sizes = f"{picture.stat().st_size:,} bytes of PNG, {pdf.stat().st_size:,} bytes of PDF"
    print(f"{version.stdout.strip()} drew and printed the page ({sizes}),")
    print(f"and complained of {complaints or 'nothing'}.")


if __name__ == "__main__":
    sys.exit(main())
