"""Ask a machine for its names, and cards for their makers, beside the tools people use.

    .venv/bin/python -m bench.station.run > bench/results/station.md      # as root, a minute

Needs samba, nbtscan, nmap, wireshark-common, ieee-data. The machine that is asked is a real Samba
in a network namespace; the cards are drawn from the registries of Debian's ieee-data, which is
older than what whence brings along.
"""

from __future__ import annotations

import csv
import random
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.lab.stations import DESK, Office, office, printed, servers, wait_until

from whence.model.mac_blocks import blocks
from whence.world import utc_now
from whence.world.mac_registry import MacRegistry

ROUNDS = 15
EACH = 2000  # cards of each registry
REGISTRIES = {"MA-L": "oui.csv", "MA-M": "mam.csv", "MA-S": "oui36.csv"}
ISSUER = "IEEE Registration Authority"
ASK = """
import time, sys
from whence.model.neighbour_questions import NeighbourQuestion
from whence.world import utc_now
from whence.world.neighbours import ThisNeighbours
asking = ThisNeighbours("bench", utc_now)
for _ in range(int(sys.argv[2])):
    start = time.perf_counter()
    text = asking.ask(NeighbourQuestion.NETBIOS, sys.argv[1]).text
    print(f"{1000 * (time.perf_counter() - start):.1f}", text.count('"suffix"'))
"""

Maker = Callable[[str], str]


def main() -> None:
    """Print the page."""
    print("# Which machine is it?\n")
    print("`python -m bench.station.run`, on a machine of two cores that others share: one run.\n")
    folder = Path(tempfile.mkdtemp())
    with office() as places, servers(places.desk, folder):
        lookup = ("nmblookup", "-s", f"{folder}/smb.conf", "-A", DESK)
        wait_until(lambda: "RECEPTION-PC" in printed(places.ours, *lookup), "nmbd")
        names(places, lookup, folder)
    shutil.rmtree(folder)
    makers()


def names(places: Office, lookup: tuple[str, ...], folder: Path) -> None:
    """Ask a Samba for its NetBIOS names."""
    print("## NetBIOS names of a Samba (five names), median of", ROUNDS, "\n")
    print("| tool | ms | names | the MAC address it shows |\n|---|---|---|---|")
    nmap = ("nmap", "-n", "-Pn", "-sU", "-p137", "--script", "nbstat", DESK)
    for label, command, name in (
        ("nmblookup -A", lookup, r"<\w\w> -"),
        ("nbtscan -v", ("nbtscan", "-v", DESK), r"(?:UNIQUE|GROUP)"),
        ("nmap --script nbstat", nmap, r"<\w\w>"),
    ):
        spent, told = timed(places, command)
        mac = re.search(r"(?i)\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b.*", told)
        print(f"| {label} | {spent:.0f} | {len(re.findall(name, told)) or 'none without -v'} |",
              f"{mac[0].strip() if mac else ''} |")  # fmt: skip
    told = printed(places.ours, sys.executable, "-c", ASK, DESK, str(ROUNDS)).split("\n")
    rows = [line.split() for line in told if line]
    spent = statistics.median(float(row[0]) for row in rows)
    print(f"| whence, the question alone | {spent:.1f} | {rows[0][1]} | none: Samba says zeros |")
    command = str(Path(sys.executable).with_name("whence"))
    whole = ("env", f"WHENCE_STATE={folder}/state", command, "station", DESK, "--ask-neighbours")
    spent, told = timed(places, whole, 5)
    print(f"| whence station --ask-neighbours, all of it | {spent:.0f} |",
          f"{told.count('has netbios name')} | 00:14:22:01:02:03, by ARP |")  # fmt: skip
    print(
        "\nThe last asks six protocols, waits out the silent ones (SSDP 1.3 s), and keeps a case;"
    )
    print("most of the rest is the start of Python.\n")


def timed(places: Office, command: tuple[str, ...], rounds: int = ROUNDS) -> tuple[float, str]:
    """Give the median in ms, and what was printed."""
    spent: list[float] = []
    for _ in range(rounds):
        start = time.perf_counter()
        told = printed(places.ours, *command)
        spent.append(1000 * (time.perf_counter() - start))
    return statistics.median(spent), told


def makers() -> None:
    """Look up the makers of cards."""
    whence = MacRegistry(Path("/nonexistent"), "bench", utc_now)

    def ours(mac: str) -> str:
        reading = whence.maker(mac)
        return str(reading.json()["maker"]) if reading.text else ""

    tables: dict[str, Maker] = {
        "whence": ours,
        "Wireshark's manuf, longest prefix": _table(Path("/usr/share/wireshark/manuf")),
        "nmap's nmap-mac-prefixes": _nmap(),
    }
    print(f"## Makers of {EACH} cards of each registry\n")
    print("Share of cards for which somebody but the IEEE itself is named, of those that are in")
    print("Debian's ieee-data of 2022.\n")
    print("| table | MA-L (24 bits) | MA-M (28) | MA-S (36) | µs each |\n|---|---|---|---|---|")
    cards = {name: [*_cards(Path("/usr/share/ieee-data") / file)]
             for name, file in REGISTRIES.items()}  # fmt: skip
    for label, maker in tables.items():
        maker("00:00:00:00:00:00")  # opens it
        start = time.perf_counter()
        found = {name: sum(maker(card) not in ("", ISSUER) for card in some)
                 for name, some in cards.items()}  # fmt: skip
        each = 1e6 * (time.perf_counter() - start) / (EACH * len(cards))
        shares = " | ".join(f"{100 * count / EACH:.1f} %" for count in found.values())
        print(f"| {label} | {shares} | {each:.0f} |")


def _cards(file: Path) -> Iterator[str]:
    chance = random.Random(7)
    with file.open(encoding="utf-8") as lines:
        rows = [row for row in csv.reader(lines) if row[2] not in (ISSUER, "Private")][1:]
    for row in chance.sample(rows, EACH):
        digits = (row[1] + f"{chance.getrandbits(24):06x}")[:12].lower()
        yield ":".join(re.findall("..", digits))


def _table(file: Path) -> Maker:
    known = blocks(file.read_text(encoding="utf-8"), str(file))

    def maker(mac: str) -> str:
        digits = mac.replace(":", "").upper()
        return next((known[digits[:n]] for n in (9, 7, 6) if digits[:n] in known), "")

    return maker


def _nmap() -> Maker:
    text = Path("/usr/share/nmap/nmap-mac-prefixes").read_text(encoding="utf-8")
    known = dict(line.split(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    longest = max(map(len, known))

    def maker(mac: str) -> str:
        digits = mac.replace(":", "").upper()
        found = (known[digits[:n]] for n in range(longest, 5, -1) if digits[:n] in known)
        name = next(found, "")
        return ISSUER if name.lower() == ISSUER.lower() else name

    return maker


if __name__ == "__main__":
    main()
