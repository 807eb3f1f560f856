"""Write what was measured as one table that a person can read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from bench.attribution.plan import HARD_CASES, SHORT_KINDS
from bench.attribution.score import COLUMNS

Document = Mapping[str, Any]

HEADINGS = {
    "long": "TCP connections that stay",
    "tcp": "TCP connections",
    "syn": "SYNs that nobody answers",
    "udp": "one UDP packet, not connected",
    "udp-connected": "one UDP packet, connected",
    **dict.fromkeys(HARD_CASES, ""),
}

EXPLANATION = """
What the columns mean:

- **seen**: the method told this very connection: transport, both addresses, both ports.
- **pid**, **exe**, **argv**: it named the right process, its executable file, its exact arguments.
  A method that prints only a pid was helped: the moment its line arrived, `/proc` was read for it.
  For an unconnected UDP socket the right local port and pid are enough for **pid**.
- **chain**: every process between the sender and the generator is right, with pid, executable and
  arguments.
- **wrong**: connections for which it named a wrong process. Worse than naming none.
- **CPU**: user and system time of the method and its children while the short-lived processes ran,
  in percent of one core; what the kernel does in other processes on behalf of an eBPF program is
  not in it (see the speeds with and without). **RSS**: the largest sum of resident memory.

Each process lives 1 to 5 ms after it sent. TCP starts 100 times a second, then the other three
kinds 50 times a second each, half IPv4, half IPv6; between the generator and the sender stand
none, one or two more processes that end with it. The truth is what each process wrote about
itself. The connections that stay are the control: a method that misses those was not used rightly
(netstat every 10 s has one or two looks at them).
"""


def table(document: Document) -> str:
    """Write the whole report in Markdown."""
    return "\n".join(
        [
            "# Who made that connection? whence and its peers, side by side",
            "",
            *_circumstances(document),
            "",
            "## Short-lived processes",
            "",
            *_short(document["methods"]),
            EXPLANATION,
            "## Hard cases",
            "",
            *_hard(document["methods"]),
            "",
            "## Not run",
            "",
            *_not_run(document["methods"]),
            "",
            *_extremes(document.get("extremes")),
        ]
    )


def _circumstances(document: Document) -> Iterator[str]:
    about = document["circumstances"]
    yield (
        f"{about['date']}, Linux {about['kernel']}, {about['cores']} cores, load before the run "
        f"{about['load_before']}, after it {about['load_after']}. {about['note']}"
    )
    yield ""
    yield f"Versions: {', '.join(about['versions'].values())}."
    yield ""
    yield f"Repeat it: `{about['command']}` (as root; seed {about['seed']})."


def _short(methods: Sequence[Document]) -> Iterator[str]:
    for kind in ("long", *SHORT_KINDS):
        ran = [each for each in methods if kind in each.get("scores", {})]
        if not ran:
            continue
        yield f"### {ran[0]['scores'][kind]['of']} {HEADINGS[kind]}"
        yield ""
        yield "| method | seen | pid | exe | argv | chain | wrong | says | CPU | RSS |"
        yield "|---|--:|--:|--:|--:|--:|--:|---|--:|--:|"
        for each in ran:
            yield _row(each, each["scores"][kind])
        yield ""


def _row(method: Document, score: Document) -> str:
    shares = [_share(score[column], score["of"]) for column in COLUMNS[:-1]]
    said = " ".join(sorted(score["confidence"])) or "–"
    cost = f"{method['cpu_percent']:.1f} % | {method['memory_mb']:.0f} MB"
    return f"| {method['method']} | {' | '.join(shares)} | {score['wrong']} | {said} | {cost} |"


def _share(right: int, of: int) -> str:
    """Write a share so that 100 % means all of them."""
    percent = 100 * right / of
    return f"{percent:.0f} %" if right in (0, of) else f"{min(percent, 99.9):.1f} %"


def _hard(methods: Sequence[Document]) -> Iterator[str]:
    ran = [each for each in methods if "scores" in each]
    yield "All of it right (seen, pid, exe, argv, chain), of how many; *w* counts wrong processes."
    yield ""
    yield f"| method | {' | '.join(HARD_CASES)} |"
    yield f"|---|{'--:|' * len(HARD_CASES)}"
    for each in ran:
        cells = (_cell(each["scores"].get(case)) for case in HARD_CASES)
        yield f"| {each['method']} | {' | '.join(cells)} |"


def _cell(score: Document | None) -> str:
    if score is None:
        return "–"
    whole = min(score[column] for column in COLUMNS[:-1])
    return f"{whole}/{score['of']}" + (f" *w{score['wrong']}*" if score["wrong"] else "")


def _not_run(methods: Sequence[Document]) -> Iterator[str]:
    yield from (f"- {each['method']}: {each['not_run']}" for each in methods if "not_run" in each)


def _extremes(found: Document | None) -> Iterator[str]:
    if found is None:
        return
    yield "## The eBPF level at its limits"
    yield ""
    yield "| work by one process | attempted | a second | reported | lost, counted | neither |"
    yield "|---|--:|--:|--:|--:|--:|"
    for name in ("storm", "paced", "flood"):
        for each in found[name]:
            numbers = ("attempted", "rate", "reported", "lost", "unaccounted")
            yield f"| {name} | {' | '.join(f'{each[number]:,}' for number in numbers)} |"
    yield ""
    yield (
        "*storm*: connect and close, as fast as it goes; *paced*: the same from several threads, "
        "held at 90,000 a second where the machine can; *flood*: sendto on one socket."
    )
    yield ""
    yield "| speed of others | without | with | keeps |"
    yield "|---|--:|--:|--:|"
    for name, pair in found["speed"].items():
        without, beside = (median(pair[side]) for side in ("without", "with"))
        yield f"| {name} | {without:,.0f}/s | {beside:,.0f}/s | {100 * pair['ratio']:.0f} % |"
    yield ""
    yield from _rest(found)


def _rest(found: Document) -> Iterator[str]:
    for name, key in (("At rest", "idle"), ("At 100 connections a second", "hundred_a_second")):
        cost = found[key]
        yield f"- {name}: {cost['cpu_percent']} % of a core, {cost['memory_mb']} MB."
    for name, key in (
        ("`whence ADDRESS:PORT` about a live connection", "first_answer_seconds"),
        ("`whence --help`", "help_seconds"),
    ):
        if found[key]:
            yield f"- {name}: {median(found[key])} s (median of {len(found[key])})."
