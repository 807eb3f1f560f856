"""The ways to learn from a capture who talks: whence and what people use today.

Every method gets what suits it: names are not resolved, caches are large enough for all flows, IPv6
is asked for, nothing is sent to anybody. ``tell`` reads what it printed; ``expect`` says what that
should have been.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.packets import ours
from bench.packets.truth import Truth

Told = dict[str, Any]
HERE = Path(__file__).parent
PEERS = HERE / "peers"
WHENCE = str(Path(sys.executable).with_name("whence"))


@dataclass(frozen=True, slots=True)
class Method:
    """One way to ask, how to understand it, and what it should say."""

    name: str
    steps: tuple[tuple[str, ...], ...]  # {file}, {folder} and {python} are filled in
    tell: Callable[[Path, Truth], Told] = lambda _output, _truth: {}
    expect: Callable[[Truth], Told] = lambda _truth: {}
    version: tuple[str, ...] = ()
    gives: str = "flows"
    part: int = 0  # only this many packets, because it is slow; 0: all of them
    shapes: tuple[str, ...] = ("day", "million", "quick")
    ours: bool = False
    python: bool = False  # needs the environment with the peers from PyPI

    def missing(self) -> str:
        """Name a program that this method needs and that is not here."""
        programs = [] if self.python else [*self.version[:1], *(step[0] for step in self.steps)]
        return next((each for each in programs if shutil.which(each) is None), "")


# ---- what they print ---------------------------------------------------------------------------


def _found(pattern: str, text: str) -> int:
    match = re.search(pattern, text)
    return int(match[1]) if match else -1


def _capinfos(output: Path, _truth: Truth) -> Told:
    return {"frames": _found(r"Number of packets:\s+(\d+)", output.read_text())}


def _tshark(output: Path, _truth: Truth) -> Told:
    told, table = Told(), ""
    for line in output.read_text().splitlines():
        if line.endswith(" Conversations"):
            table = line.removesuffix(" Conversations")
            told[table] = 0
        elif "<->" in line:
            told[table] += 1
    return told


def _softflowd(output: Path, _truth: Truth) -> Told:
    return {"packets": _found(r"Packets processed: (\d+)", output.read_text())}


def _nfdump(output: Path, _truth: Truth) -> Told:
    text = output.read_text()
    rows = csv.DictReader(text[text.index("\nts,te,td") + 1 :].splitlines())
    top = next(rows)
    return {
        "packets": _found(r"\nPackets: (\d+)", text),
        "bytes": _found(r"\nBytes: (\d+)", text),
        "loud": top["val"],
    }


def _argus(output: Path, _truth: Truth) -> Told:
    text = output.read_text()
    total = re.search(r"\n\s*sum\s+\d+\s+(\d+)\s+\d+\s+\d+\s+(\d+)", text)
    inside = re.search(r"\n\s*(10\.\d+\.\d+\.\d+)\s", text)
    return {
        "frames": int(total[1]) if total else -1,
        "frame bytes": int(total[2]) if total else -1,
        "loud": inside[1] if inside else "",
    }


def _json(output: Path, _truth: Truth) -> Told:
    told: Told = json.loads(output.read_text().strip().splitlines()[-1])
    return told


def _zeek(output: Path, _truth: Truth) -> Told:
    lines = (output.parent / "conn.log").read_text().splitlines()
    return {"flows": sum(1 for line in lines if not line.startswith("#"))}


# ---- what they should ---------------------------------------------------------------------------


def _frames(truth: Truth) -> Told:
    return {"frames": truth.frames}


def _totals(truth: Truth) -> Told:
    return {"packets": truth.packets, "bytes": truth.bytes, "loud": truth.loud}


TOP_OF_NFDUMP = ("-s", "srcip/packets", "-n", "1", "-o", "csv", "src net 10.0.0.0/8")
TOP_OF_ARGUS = (
    "racluster -m saddr -r {folder}/argus -w - | rasort -m spkts -r - -w - |"
    " ra -r - -N 200 -n -s saddr spkts"
)

METHODS = (
    Method(
        "cat",
        (("sh", "-c", "cat {file} > /dev/null"),),
        gives="nothing: the file from the page cache",
    ),
    Method(
        "whence talkers",
        ((WHENCE, "talkers", "{file}", "--json"),),
        ours.talkers,
        ours.expected_of_talkers,
        version=(WHENCE, "--version"),
        gives="who is loud, from all flows",
        ours=True,
    ),
    Method(
        "whence flows",
        ((WHENCE, "flows", "{file}", "--json"),),
        ours.flows,
        ours.expected_of_flows,
        version=(WHENCE, "--version"),
        gives="all flows as JSON lines",
        ours=True,
    ),
    Method(
        "whence reader",
        ((sys.executable, "-m", "bench.packets.in_python", "flows", "{file}"),),
        ours.counted,
        ours.expected_of_counted,
        gives="a table of conversations without names, from Python, counted by DuckDB",
        ours=True,
    ),
    Method(
        "whence reader, all cores",
        ((sys.executable, "-m", "bench.packets.in_python", "all-cores", "{file}"),),
        ours.counted,
        ours.expected_of_counted,
        gives="the same, on as many threads as there are cores",
        ours=True,
    ),
    Method(
        "whence analysis",
        ((sys.executable, "-m", "bench.packets.in_python", "analysis", "{file}"),),
        ours.analysed,
        ours.expected_of_analysed,
        gives="talkers, ghosts, beacons, from Python",
        ours=True,
    ),
    Method(
        "capinfos -c",
        (("capinfos", "-c", "-M", "{file}"),),
        _capinfos,
        _frames,
        version=("capinfos", "--version"),
        gives="the number of packets",
    ),
    Method(
        "tcpdump -w /dev/null",
        (("tcpdump", "-Z", "root", "-r", "{file}", "-w", "/dev/null"),),
        version=("tcpdump", "--version"),
        gives="nothing: it only reads",
    ),
    Method(
        "tshark -z conv,ip",
        (("tshark", "-n", "-q", "-z", "conv,ip", "-r", "{file}"),),
        _tshark,
        lambda truth: {"IPv4": truth.ipv4_pairs},
        version=("tshark", "--version"),
        gives="IPv4 pairs",
    ),
    Method(
        "tshark, four -z conv",
        (
            (
                *("tshark", "-n", "-q", "-z", "conv,ip", "-z", "conv,ipv6"),
                *("-z", "conv,tcp", "-z", "conv,udp", "-r", "{file}"),
            ),
        ),
        _tshark,
        lambda truth: {
            "IPv4": truth.ipv4_pairs,
            "IPv6": truth.ipv6_pairs,
            "TCP": truth.by_transport["tcp"],
            "UDP": truth.by_transport["udp"],
        },
        version=("tshark", "--version"),
        gives="pairs, TCP and UDP flows",
    ),
    Method(
        "softflowd",
        (
            (
                *("softflowd", "-d", "-6", "-m", "2000000", "-p", "{folder}/pid"),
                *("-c", "{folder}/control", "-r", "{file}"),
            ),
        ),
        _softflowd,
        lambda truth: {"packets": truth.packets},
        version=("softflowd", "-h"),
        gives="flows, sent nowhere",
    ),
    Method(
        "nfpcapd, nfdump",
        (
            ("sh", "-c", "rm -rf {folder}/nf && mkdir {folder}/nf"),
            ("nfpcapd", "-r", "{file}", "-w", "{folder}/nf"),
            ("nfdump", "-R", "{folder}/nf", "-I"),
            ("nfdump", "-q", "-R", "{folder}/nf", *TOP_OF_NFDUMP),
        ),
        _nfdump,
        _totals,
        version=("nfdump", "-V"),
        gives="one-way flows, talkers",
    ),
    Method(
        "argus, racluster",
        (
            ("sh", "-c", "rm -f {folder}/argus"),
            ("argus", "-r", "{file}", "-w", "{folder}/argus"),
            ("racount", "-r", "{folder}/argus"),
            ("sh", "-c", TOP_OF_ARGUS),
        ),
        _argus,
        lambda truth: {
            "frames": truth.frames,
            "frame bytes": truth.frame_bytes,
            "loud": truth.loud,
        },
        version=("argus", "-h"),
        gives="flows, talkers",
    ),
    Method(
        "nfstream",
        (("{python}", str(PEERS / "nfstream_flows.py"), "{file}"),),
        _json,
        _totals,
        gives="flows, talkers",
        shapes=("day", "quick"),
        python=True,
    ),
    Method(
        "dpkt",
        (("{python}", str(PEERS / "dpkt_flows.py"), "{file}"),),
        _json,
        gives="one-way flows, talkers",
        part=500_000,
        shapes=("day", "quick"),
        python=True,
    ),
    Method(
        "scapy",
        (("{python}", str(PEERS / "scapy_flows.py"), "{file}"),),
        _json,
        gives="one-way flows, talkers",
        part=50_000,
        shapes=("day", "quick"),
        python=True,
    ),
    Method(
        "zeek",
        (("sh", "-c", "cd {folder} && zeek -r {file}"),),
        _zeek,
        version=("zeek", "--version"),
        gives="conn.log and all its other logs",
    ),
)


def filled(method: Method, places: Mapping[str, str]) -> list[list[str]]:
    """Write the method's commands for one file and one folder."""
    return [[_filled(word, places) for word in step] for step in method.steps]


def _filled(word: str, places: Mapping[str, str]) -> str:
    for name, value in places.items():
        word = word.replace(f"{{{name}}}", value)
    return word


def version_of(method: Method) -> str:
    """Ask a method for its version."""
    if not method.version or shutil.which(method.version[0]) is None:
        return ""
    told = subprocess.run(method.version, capture_output=True, text=True, check=False)
    lines = (told.stdout + told.stderr).strip().splitlines()
    found = next((line.strip() for line in lines if re.search(r"\d+\.\d+", line)), "")
    found = found.removeprefix("This is ").partition(". ")[0].partition(" (Git")[0]
    return f"{method.name}: {found}"
