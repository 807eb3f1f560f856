"""Write what was measured as one table that a person can read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from bench.attribution.plan import HARD_CASES, SHORT_KINDS
from bench.attribution.score import PARTS

Document = Mapping[str, Any]

HEADINGS = {
    "long": "TCP connections that stay (control)",
    "tcp": "TCP connections of ms",
    "syn": "unanswered SYNs",
    "udp": "one-packet UDP sends",
    "udp-connected": "connected UDP sends",
    **dict.fromkeys(HARD_CASES, ""),
}

EXPLANATION = """
What is told:

- **all of it right**: seen, pid, exe, argv and chain.
- **seen**: the method told this very connection: transport, both addresses, both ports.
- **pid**, **exe**, **argv**: it named the right process, its executable file, its exact arguments.
  A method that prints only a pid was helped: the moment its line arrived, `/proc` was read for it.
  For an unconnected UDP socket the right local port and pid are enough for **pid**.
- **chain**: every process between the sender and the generator is right, with pid, executable and
  arguments.
- **wrong**: connections for which it named a wrong process, hard cases too; worse than none.
- **CPU**: user and system time of the method and its children while the short-lived processes ran,
  in percent of one core; what eBPF programs take inside the kernel is told at the end.
- **RSS**: the largest sum of the resident memory of its processes.

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
            *_summary(document["methods"]),
            EXPLANATION,
            "## Hard cases",
            "",
            *_hard(document["methods"]),
            "",
            "## Short-lived processes, part by part",
            "",
            *_short(document["methods"]),
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


def _summary(methods: Sequence[Document]) -> Iterator[str]:
    ran = [each for each in methods if "scores" in each]
    kinds = [kind for kind in ("long", *SHORT_KINDS) if ran and kind in ran[0]["scores"]]
    sizes = (f"{ran[0]['scores'][kind]['of']} {HEADINGS[kind]}" for kind in kinds)
    yield f"| all of it right | {' | '.join(sizes)} | wrong | CPU | RSS |"
    yield f"|---|{'--:|' * (len(kinds) + 3)}"
    for each in ran:
        scores = [each["scores"][kind] for kind in kinds]
        shares = " | ".join(_share(score["complete"], score["of"]) for score in scores)
        wrong = sum(score["wrong"] for score in each["scores"].values())
        cost = f"{each['cpu_percent']:.1f} % | {each['memory_mb']:.0f} MB"
        yield f"| {each['method']} | {shares} | {wrong} | {cost} |"


def _short(methods: Sequence[Document]) -> Iterator[str]:
    for kind in ("long", *SHORT_KINDS):
        ran = [each for each in methods if kind in each.get("scores", {})]
        if not ran:
            continue
        yield f"### {ran[0]['scores'][kind]['of']} {HEADINGS[kind]}"
        yield ""
        yield "| method | seen | pid | exe | argv | chain | wrong | it says |"
        yield "|---|--:|--:|--:|--:|--:|--:|---|"
        yield from (_row(each["method"], each["scores"][kind]) for each in ran)
        yield ""


def _row(method: str, score: Document) -> str:
    shares = " | ".join(_share(score[part], score["of"]) for part in PARTS)
    wrong = score["wrong_confidence"]
    said = ", ".join(
        f"{word} {number}" + (f" ({wrong[word]} wrong)" if wrong.get(word) else "")
        for word, number in score["confidence"].items()
    )
    return f"| {method} | {shares} | {score['wrong']} | {said or '–'} |"


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
    return f"{score['complete']}/{score['of']}" + (
        f" *w{score['wrong']}*" if score["wrong"] else ""
    )


def _not_run(methods: Sequence[Document]) -> Iterator[str]:
    yield from (f"- {each['method']}: {each['not_run']}" for each in methods if "not_run" in each)
    yield (
        "- picosnitch, ptcpdump, bandwhich, sniffnet, osquery, Tetragon, Sysmon, Portmaster, "
        "Little Snitch: not packaged for Debian 12."
    )


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
    yield "| speed of others | without | with | keeps | keeps, by CPU time |"
    yield "|---|--:|--:|--:|--:|"
    for name, pair in found["speed"].items():
        without, beside = (median(pair[side]) for side in ("without", "with"))
        keeps = f"{100 * pair['ratio']:.0f} % | {100 * pair['cpu_ratio']:.0f} %"
        yield f"| {name} | {without:,.0f}/s | {beside:,.0f}/s | {keeps} |"
    yield ""
    yield (
        "*processes*: fork, exec, connect, exit. *By CPU time* is what a second of the process's "
        "own CPU time gets done, so that other work on the machine counts less."
    )
    yield ""
    yield from _rest(found)


def _rest(found: Document) -> Iterator[str]:
    yield "| what it costs | CPU of the sensor | eBPF in the kernel | RSS |"
    yield "|---|--:|--:|--:|"
    for name, cost in found["costs"].items():
        percents = f"{cost['cpu_percent']} % | {cost['kernel_percent']} %"
        yield f"| {name} | {percents} | {cost['memory_mb']:.0f} MB |"
    yield ""
    for name, key in (
        ("`whence ADDRESS:PORT` about a live connection", "first_answer_seconds"),
        ("`whence --help`", "help_seconds"),
    ):
        if found[key]:
            yield f"- {name}: {median(found[key])} s (median of {len(found[key])})."
