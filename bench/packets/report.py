"""Write what was measured as tables that a person can read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]

TITLES = {
    "day": "A day of an office",
    "million": "A million flows in an hour",
    "quick": "A small day",
    "tiny": "A tiny day",
}

EXPLANATION = """
What is told:

- **CPU**: user and system time of the whole process and all that it starts, from its first
  instruction to its end; the run that took least. **Time**: by the clock, of the fastest run;
  other work on the machine is in it.
- **packets/s**, **GB/s**: of the file, in a second of CPU time.
- **RSS**: the largest resident memory; **own**: the same without mapped pages of files, which the
  kernel can take back at any time.
- **× tshark**: CPU time of `tshark -z conv,ip` divided by that of the method.
- **right**: what the method says about the file (packets, bytes, flows, the loud host, each as far
  as it tells them) equals what the maker of the file wrote down. *nothing told*: it only reads.

The file is in the page cache. *Estimated* methods are too slow for the whole file: they read its
first packets, and their times are scaled up.
"""

# What was promised: a ratio of CPU times against a peer, at least.
AGAINST = (
    ("tshark -z conv,ip", 40.0),
    ("softflowd", 4.0),
    ("nfpcapd, nfdump", 4.0),
    ("capinfos -c", 1.0),
)
PACKETS_PER_CPU_SECOND = 5e6
PEAK_MB = 100.0
TWO_CORES = 1.7


def table(document: Document) -> str:
    """Write the whole report in Markdown."""
    return "\n".join(
        [
            "# Who talks in this capture? whence and its peers, side by side",
            "",
            *_circumstances(document["circumstances"]),
            EXPLANATION,
            *(line for capture in document["captures"] for line in _capture(capture)),
        ]
    ).rstrip()


def _circumstances(about: Document) -> Iterator[str]:
    yield (
        f"{about['date']}, Linux {about['kernel']}, {about['cores']} cores, load before the run "
        f"{about['load_before']}, after it {about['load_after']}. {about['note']}".rstrip()
    )
    yield ""
    yield f"Versions: {', '.join(about['versions'])}."
    yield ""
    yield (
        f"Repeat it: `{about['command']}` (seed {about['seed']}, the least of {about['repeats']} "
        "runs; of fewer where they take minutes)."
    )


def _capture(capture: Document) -> Iterator[str]:
    yield f"## {TITLES[capture['shape']]}"
    yield ""
    yield _about(capture)
    yield ""
    yield "| method | gives | CPU | time | packets/s | GB/s | RSS | own | × tshark | right |"
    yield "|---|---|--:|--:|--:|--:|--:|--:|--:|---|"
    ran = [each for each in capture["methods"] if "not_run" not in each]
    base = next((each["cpu"] for each in ran if each["name"] == "tshark -z conv,ip"), None)
    yield from (_row(each, base) for each in ran)
    yield ""
    yield from _cores(capture["cores"])
    yield from _targets(capture, ran)
    yield from _wrong(ran)
    yield from _not_run(capture["methods"])


def _about(capture: Document) -> str:
    ip = capture["ip"]
    loud = capture["loud"]
    return (
        f"{capture['packets']:,} packets, {capture['file_bytes'] / 1e9:.2f} GB, "
        f"{ip['flows']:,} bidirectional flows in {capture['seconds'] / 3600:.0f} h, "
        f"{capture['hosts']:,} inside hosts; {_share(ip['ipv6_flows'], ip['flows'])} IPv6, "
        f"{_share(ip['tagged_flows'], ip['flows'])} in a VLAN; "
        f"{capture['kinds']['dns']['flows']:,} questions to DNS, "
        f"{capture['kinds']['tls']['flows']:,} TLS connections, {capture['ghosts']:,} flows "
        f"towards networks that are nowhere, {len(capture['beacons'])} beacons, and "
        f"{loud['address']}, which sends {capture['times_the_median']} times what the inside "
        "sender in the middle does."
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %"


def _row(each: Document, base: float | None) -> str:
    name = f"**{each['name']}**" if each["ours"] else each["name"]
    if "measured_packets" in each:
        name += f" *(estimated from {each['measured_packets']:,} packets)*"
    ratio = f"{base / each['cpu']:.3g}" if base else "–"
    return (
        f"| {name} | {each['gives']} | {each['cpu']:.2f} s | {each['wall']:.2f} s | "
        f"{_rate(each['packets_per_cpu_second'])} | {each['bytes_per_cpu_second'] / 1e9:.2f} | "
        f"{each['resident_mb']:.0f} MB | {each['anonymous_mb']:.0f} MB | {ratio} | "
        f"{_right(each)} |"
    )


def _rate(packets: float) -> str:
    return f"{packets / 1e6:.2f} M" if packets >= 1e5 else f"{packets / 1e3:.1f} k"


def _right(each: Document) -> str:
    if not each["expected"]:
        return "nothing told" if not each["told"] else "not compared"
    return "yes" if not each["wrong"] else f"no: {', '.join(each['wrong'])}"


def _cores(cores: Sequence[Document]) -> Iterator[str]:
    if not cores:
        return
    yield (
        "| on one file | one core | two cores | times faster | CPU on two | "
        "two runs at once, a core each, in the time of one |"
    )
    yield "|---|--:|--:|--:|--:|--:|"
    for each in cores:
        one, two = each["one"], each["two"]
        yield (
            f"| {each['name']} | {one['wall']:.2f} s | {two['wall']:.2f} s | {each['times']} | "
            f"{two['cpu']:.2f} s | {each.get('apart', '–')} |"
        )
    yield ""


def _targets(capture: Document, ran: Sequence[Document]) -> Iterator[str]:
    by_name = {each["name"]: each for each in ran}
    ours = [each for each in ran if each["ours"]]
    if not ours:
        return
    yield f"| wanted | {' | '.join(each['name'] for each in ours)} |"
    yield f"|---|{'--:|' * len(ours)}"
    yield _target(
        "5 M packets a CPU second",
        [
            _against(each["packets_per_cpu_second"], PACKETS_PER_CPU_SECOND, "M", 1e6)
            for each in ours
        ],
    )
    for name, least in AGAINST:
        if name in by_name:
            ratios = [by_name[name]["cpu"] / each["cpu"] for each in ours]
            yield _target(
                f"{least:g} times {name}", [_against(ratio, least, "×") for ratio in ratios]
            )
    if capture["shape"] == "day":
        cells = [
            f"{each['resident_mb']:.0f} MB {_mark(each['resident_mb'] <= PEAK_MB)}" for each in ours
        ]
        yield _target(f"at most {PEAK_MB:g} MB", cells)
    if capture["cores"]:
        times = {each["name"]: each["times"] for each in capture["cores"]}
        cells = [
            _against(times[each["name"]], TWO_CORES, "×") if each["name"] in times else "–"
            for each in ours
        ]
        yield _target(f"two cores {TWO_CORES} times one", cells)
    yield ""


def _target(name: str, cells: Sequence[str]) -> str:
    return f"| {name} | {' | '.join(cells)} |"


def _against(value: float, least: float, unit: str, divisor: float = 1.0) -> str:
    return f"{value / divisor:.2f} {unit} {_mark(value >= least)}"


def _mark(reached: bool) -> str:
    return "✓" if reached else "✗"


def _wrong(ran: Sequence[Document]) -> Iterator[str]:
    wrong = [each for each in ran if each["wrong"]]
    if not wrong:
        return
    yield "Said otherwise than the truth:"
    yield ""
    for each in wrong:
        parts = (
            f"{name} {said} (is {each['expected'][name]})" for name, said in each["wrong"].items()
        )
        yield f"- {each['name']}: {', '.join(parts)}."
    yield ""


def _not_run(methods: Sequence[Document]) -> Iterator[str]:
    missing = [each for each in methods if "not_run" in each]
    if not missing:
        return
    yield "Not run:"
    yield ""
    yield from (f"- {each['name']}: {each['not_run']}." for each in missing)
    yield ""
