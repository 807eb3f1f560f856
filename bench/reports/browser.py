"""Open reports in a real browser, as their readers do, and say what is wrong with how they look.

    make bench-reports        or, where playwright and chromium are there:
    python -m bench.reports.browser [--cases FOLDER] [--keep FOLDER] [--seed N]

Tells each story of the lab (as root; ``--cases`` takes the cases that an earlier run kept there),
and opens the page of each case, and of cases that are hard to show: in light and dark, 1280 and
360 pixels wide, and printed on A4 and Letter. ``--keep`` leaves cases, pages and pictures behind.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from bench.reports.cases import make_hard_ones, state_in, tell_stories
from playwright.sync_api import Browser, Page, Request, sync_playwright

from whence.api import reporting
from whence.api.kept_cases import cases
from whence.inquiry.reporting.report import Redaction

CHROMIUM = "/usr/bin/chromium"
SCRIPT = Path(__file__).with_name("page.js").read_text()
SCREENS = {  # name → width in pixels, colours, whether the rules of axe-core and links are tried
    "wide light": (1280, "light", True),
    "wide dark": (1280, "dark", True),
    "narrow light": (360, "light", True),
    "narrow dark": (360, "dark", False),
}
PAPERS = {"A4": 688, "Letter": 711}  # CSS pixels between the margins
RESULTS = Path(__file__).parents[1] / "results" / "reports-browser.json"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@dataclass
class Opened:
    """A page, and what was found wrong with it."""

    name: str
    facts: int
    bytes: int
    checks: int = 0
    sheets: dict[str, int] = field(default_factory=dict)
    wrong: Counter[str] = field(default_factory=Counter)
    version: str = ""


def pages(folder: Path, only: Sequence[str]) -> Iterator[tuple[Path, int]]:
    """Write the page of each case, of the first redacted, too; give it with its facts' number."""
    for state in sorted(path for path in folder.iterdir() if (path / "cases").is_dir()):
        with state_in(state):
            for number, path in enumerate(sorted((state / "cases").glob("*.case"))):
                case = cases().find(path.stem).stem
                for how in (Redaction.NONE, Redaction.OWN)[: 1 if number else 2]:
                    name = f"{state.name}-{number}{'' if how is how.NONE else '-redacted'}"
                    if not name.startswith((*only,)):
                        continue
                    made = reporting.report(case, how)
                    page = folder / f"{name}.html"
                    page.write_bytes(reporting.rendered(made, reporting.Format.HTML))
                    yield page, len(made.facts)


def opened(browser: Browser, path: Path, facts: int, *, pictures: bool) -> Opened:
    """Look at a page in each setting."""
    one = Opened(path.stem, facts, path.stat().st_size)
    context = browser.new_context(offline=True)
    page = listened(context.new_page(), path, one)
    for setting, (width, colours, is_first) in SCREENS.items():
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(media="screen", color_scheme=colours)
        page.goto(path.as_uri(), wait_until="load")
        look(page, setting, one)
        if is_first:
            for found in Axe().run(page, options=RULES).response["violations"]:
                places = ", ".join(str(node["target"]) for node in found["nodes"][:2])
                one.wrong[f"{setting}: axe {found['id']}: {found['help']} ({places})"] += 1
            follow(page, setting, one)
        if pictures:
            picture = path.with_suffix(f".{setting.replace(' ', '-')}.png")
            page.screenshot(path=picture, full_page=True)
    for paper, pixels in PAPERS.items():
        page.set_viewport_size({"width": pixels, "height": 900})
        page.emulate_media(media="print", color_scheme="light")
        page.goto(path.as_uri(), wait_until="load")
        look(page, paper, one)
        on_paper(page, path, paper, one)
    context.close()
    return one


def listened(page: Page, path: Path, one: Opened) -> Page:
    """Note what the page complains of, and what it asks for beside itself."""

    def asked(request: Request) -> None:
        if request.url.partition("#")[0] != path.as_uri():
            one.wrong[f"asks for {request.url}"] += 1

    page.on("console", lambda told: one.wrong.update([f"console: {told.text}"]))
    page.on("pageerror", lambda error: one.wrong.update([f"error: {error}"]))
    page.on("request", asked)
    return page


def look(page: Page, setting: str, one: Opened) -> None:
    """Measure it."""
    one.checks += 1
    one.wrong.update(f"{setting}: {found}" for found in page.evaluate(SCRIPT))


def follow(page: Page, setting: str, one: Opened) -> None:
    """Click on the first links, as far as they are to be seen, and look whether they lead there."""
    for link in page.locator("a[href]").all()[:2] + page.locator("main a[href]").all()[:1]:
        if not link.is_visible():
            continue
        to = (link.get_attribute("href") or "")[1:]
        link.click()
        if not page.evaluate(
            "to => { const b = document.getElementById(to).getBoundingClientRect();"
            " return b.top >= -1 && b.top < innerHeight }",
            to,
        ):
            one.wrong[f"{setting}: a click does not lead to {to}"] += 1


def on_paper(page: Page, path: Path, paper: str, one: Opened) -> None:
    """Print it, and look whether each word is on the paper, within its margins."""
    pdf = path.with_suffix(f".{paper}.pdf")
    page.pdf(path=pdf, format=paper, prefer_css_page_size=False, print_background=True)
    boxes = subprocess.run(
        ["pdftotext", "-bbox", pdf, "-"], capture_output=True, text=True, check=True
    ).stdout
    one.sheets[paper] = boxes.count("<page ")
    width = float(re.findall(r'<page width="([\d.]+)"', boxes)[0])
    words = re.findall(
        r'xMin="(-?[\d.]+)" yMin="[^"]*" xMax="(-?[\d.]+)" yMax="[^"]*">(.*?)<', boxes
    )
    for left, right, word in words:
        if float(left) < 20 or float(right) > width - 20:  # points
            one.wrong[f"{paper}: beyond the margin: {word[:40]}"] += 1
    there = {plain(word) for _, _, word in words}
    joined = "".join(plain(word) for _, _, word in words)
    told = page.evaluate(
        "() => [...document.querySelectorAll('h1, h2, h3, td, th, li, dt, dd, p, text')]"
        ".filter(e => e.getClientRects().length).map(e => e.textContent)"
    )
    for text in told:
        missing = [w for w in map(plain, text.split()) if w not in there and w[:12] not in joined]
        if missing:
            one.wrong[f"{paper}: not on the paper: {missing[0][:60]}"] += 1


def plain(word: str) -> str:
    """Leave the letters that each font has."""
    return re.sub(r"[^A-Za-z0-9]", "", html.unescape(word))


def table(found: list[Opened]) -> str:
    """Write what was found."""
    checks = sum(one.checks for one in found)
    lines = [
        "## In a browser\n",
        f"`make bench-reports`: Chromium {found[0].version} with playwright and axe-core opened the"
        f" page of each case below, without network: {checks} looks, in light and dark, 1280 and"
        " 360 pixels wide, and printed on A4 and Letter. Looked at: messages of the console,"
        " requests, what sticks out or is cut, letters that are too small, columns that are too"
        " narrow, links that lead nowhere, pictures without words, words that are not on the paper,"
        " and the rules of axe-core for WCAG 2.2 A and AA and good practice.\n",
        "| case | facts | bytes | pages of A4 and Letter | complaints |",
        "|---|---:|---:|---:|---|",
    ]
    for one in found:
        told = "; ".join(f"{text} ({n}×)" for text, n in one.wrong.most_common(5)) or "none"
        sheets = ", ".join(map(str, one.sheets.values()))
        lines.append(f"| {one.name} | {one.facts:,} | {one.bytes:,} | {sheets} | {told} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Open all, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", nargs="*", default=("",), help="beginnings of names")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = wanted.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        if wanted.cases:
            shutil.copytree(wanted.cases, folder, dirs_exist_ok=True)
        else:
            tell_stories(folder, wanted.seed)
            make_hard_ones(folder)
        found = known()
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            for path, facts in pages(folder, wanted.only):
                one = opened(browser, path, facts, pictures=bool(wanted.keep))
                one.version = browser.version
                found[one.name] = one
                for text, times in one.wrong.most_common():
                    print(f"{path.name}: {text} ({times}×)", file=sys.stderr)
                rows = [asdict(found[name]) for name in sorted(found)]
                RESULTS.write_text(json.dumps(rows, indent=1) + "\n")
            browser.close()
    print(table([found[name] for name in sorted(found)]))
    return 1 if any(one.wrong for one in found.values()) else 0


def known() -> dict[str, Opened]:
    """Give what earlier runs found of cases that are not opened again."""
    if not RESULTS.exists():
        return {}
    rows = [Opened(**row) for row in json.loads(RESULTS.read_text())]
    return {row.name: Opened(**{**asdict(row), "wrong": Counter(row.wrong)}) for row in rows}


if __name__ == "__main__":
    sys.exit(main())
