"""How long reports take, and how large they are; ``make bench-reports`` opens them as well.

    python -m bench.reports.run [--facts 10000]

Writes a case with many facts into a folder that is gone afterwards, then gives it each form.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench.reports.cases import NOON, filled

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
from whence.world.page_printing import printed


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
        forms(hidden)
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"\nThe largest resident memory was {most} MB.\n")


def forms(report: Report) -> None:
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


if __name__ == "__main__":
    sys.exit(main())
