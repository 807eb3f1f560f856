"""How a kind of file is declared: a function from lines to rows, and how to recognise it."""

from __future__ import annotations

import inspect
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, tzinfo

from whence.model.reported import Row

HEAD = 64 << 10  # characters by which a file is recognised
KEPT = 100_000  # lines that were not understood and are kept, to see what else they may be
LONGEST_ROW = 4000  # characters, unless a kind says otherwise: patterns take long on longer lines
LONGEST_PROMPT = 400  # characters
_COMMAND = (
    "ss|netstat|lsof|arp|ip|tcpdump|nfdump|cat|show|sh|disp|display|exit|get|diag(?:nose)?|fw"
    "|conntrack|pfctl|ps|tshark|ra|rwcut|osqueryi|docker|podman"
    "|kubectl"
)
_PROMPT = re.compile(
    # root@fw01:~# …, [root@fw01 ~]# …, admin@srx1> …: whatever was typed
    r"\s*+(?:\[?[\w.-]++@(?P<host>[\w.-]++)[^#$%>]*+[#$%>](?:\s.*)?"
    r"|(?:(?P<device>[\w.-]++)(?:\([\w-]++\))? ?[#>]|[#$%])"
    rf"\s*(?:sudo\s+)?(?:{_COMMAND})\b.*"
    r"|(?:\[(?P<remote>[\w.-]+)\]: )?(?:PS )?[A-Za-z]:\\[^>]*>.*)"
)


class Given:
    """What is known of a file beside its text."""

    def __init__(
        self,
        name: str,
        written: int,  # when it was written last: µs since 1970
        zone: tzinfo | None = None,  # in which it tells the time, unless it says so itself
        *,
        local: tzinfo = UTC,  # what is taken where no zone is given
        date: date | None = None,  # on which it begins, where it tells no date
        began: int | None = None,  # when the first look was taken, where it does not tell
        every: int | None = None,  # µs between looks
    ) -> None:
        self.name = name
        self.written = written
        self.date = date
        self.began = began
        self.every = every
        self.assumed: dict[str, None] = {}  # what was taken for granted, in words
        self._zone = zone
        self._local = local

    @property
    def told_zone(self) -> tzinfo | None:
        """The zone that the user gave, for files that are in another one unless he says so."""
        return self._zone

    @property
    def zone(self) -> tzinfo:
        """The zone of its times; asked for only where the file does not say."""
        if self._zone is None:
            self.assume(f"its times are taken for those of {_name(self._local)} (or: --zone)")
            return self._local
        return self._zone

    def assume(self, text: str) -> None:
        """Note what the file does not say, and what was taken instead."""
        self.assumed[text] = None


def _name(zone: tzinfo) -> str:
    return getattr(zone, "key", None) or ("UTC" if zone is UTC else "this machine's zone")


def is_prompt(text: str) -> bool:
    """Say whether a line is a prompt, with or without what was typed."""
    return _prompt(text) is not None


def prompt_host(text: str) -> str:
    """Name the machine whose prompt a line is; empty where it is none, or names none."""
    found = _prompt(text)
    return (found["host"] or found["device"] or found["remote"] or "") if found else ""


def _prompt(text: str) -> re.Match[str] | None:
    if len(text) < LONGEST_PROMPT and (">" in text or "#" in text or "$" in text or "%" in text):
        return _PROMPT.fullmatch(text)
    return None  # quickly: it is asked of each line of a file


class Lines:
    """The numbered lines of a file; each is counted as one thing or another."""

    def __init__(self, source: Iterable[tuple[int, str]], longest: int) -> None:
        self._source = source
        self._longest = longest  # characters of a line; longer ones are not looked at
        self.count = self.blank = self.parts = self.strange_count = self.surplus = 0
        self.left_out: Counter[str] = Counter()
        self.strange_lines: list[tuple[int, str]] = []
        self._prompts: list[tuple[int, str]] = []  # numbers of lines, and the host they name

    def __iter__(self) -> Iterator[tuple[int, str]]:
        for number, text in self._source:
            self.count += 1
            if not text or text.isspace():
                self.blank += 1
            elif len(text) > self._longest:
                self.strange(number, text)
                continue
            elif host := prompt_host(text):
                self._prompts.append((number, host))
            yield number, text

    @property
    def hosts(self) -> dict[str, None]:
        """The machines that prompts name."""
        return dict.fromkeys(host for _, host in self._prompts)

    def host_at(self, number: int) -> str:
        """Say whose prompt stands above a line; empty where there is none."""
        above = bisect_right(self._prompts, number, key=lambda prompt: prompt[0])
        return self._prompts[above - 1][1] if above else ""

    def part(self, count: int = 1) -> None:
        """Count a line that is understood and no row of its own: a heading, more of a row."""
        self.parts += count

    def several(self, rows: int) -> None:
        """Note that one line holds several rows."""
        self.surplus += max(rows - 1, 0)

    def leave_out(self, reason: str, count: int = 1) -> None:
        """Count a line that is understood and holds nothing that can be used."""
        self.left_out[reason] += count

    def strange(self, number: int, text: str) -> None:
        """Count a line that is not understood; a prompt with a command is understood."""
        if is_prompt(text):
            self.part()
            return
        self.strange_count += 1
        if len(self.strange_lines) < KEPT:
            self.strange_lines.append((number, text))


@dataclass(frozen=True)
class Head:
    """The beginning of a file."""

    text: str

    @property
    def lines(self) -> list[str]:
        """Its lines that are not blank, cut short."""
        return [line[:LONGEST_ROW] for line in self.text.splitlines() if line.strip()]

    def share(self, fits: Callable[[str], object], most: int = 400) -> float:
        """Say which part of its lines fits."""
        lines = self.lines[:most]
        return sum(bool(fits(line)) for line in lines) / len(lines) if lines else 0.0


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file."""

    read: Callable[[Lines, Given], Iterator[Row]]
    recognise: Callable[[Head], float]  # 0: surely not, 1: surely
    longest: int = LONGEST_ROW

    @property
    def name(self) -> str:
        """The name of its function, which is the name of its file."""
        return self.read.__name__

    @property
    def title(self) -> str:
        """What it is, in one line."""
        return (inspect.getdoc(self.read) or "").partition("\n")[0].rstrip(".")

    @property
    def notes(self) -> str:
        """What is taken from it, what is not, and how to make such a file."""
        return (inspect.getdoc(self.read) or "").partition("\n")[2].strip()


def by_row(sure: float, *rows: re.Pattern[str]) -> Callable[[Head], float]:
    """Recognise a file by a line that is one of these rows; it is ``sure`` then that it is one."""

    def recognise(head: Head) -> float:
        return sure if any(row.fullmatch(line) for line in head.lines for row in rows) else 0.0

    return recognise


def kind(
    recognise: Callable[[Head], float], *, longest: int = LONGEST_ROW
) -> Callable[[Callable[[Lines, Given], Iterator[Row]]], Kind]:
    """Declare a kind of file by its parser, which is pure: text in, rows out."""
    return lambda read: Kind(read, recognise, longest)
