"""How the parts of an increase are said."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from posixpath import commonprefix

from whence.analysis._log_course import After, Course
from whence.analysis._log_messages import meaning
from whence.analysis._log_silence import Spread
from whence.analysis._words import listed, number, span
from whence.analysis.log_envelopes import unwrapped
from whence.analysis.log_increase import Part
from whence.model.plural import many

FEW = 3  # values that are named; of more, how many there are
NEARLY_ALL = 0.95
# Signs after which a value stands in a word, and which may end one.
_OPENS, _CLOSES = "=:([{<'\"“", {*")]}>'\"”,;:"}
LONGEST = 80  # characters of a message that stands in a sentence
SWEPT = 20  # addresses or ports that one source calls


def label(part: Part, ends: Spread, wordings: Mapping[str, str]) -> str:
    """Say in one phrase what a part is: who, to whom, where."""
    source = _values(part, "source") or _network(part, "source")
    called = part.attributes.get("destination", ())
    destination = _text(called) or _network(part, "destination") or _values(part, "destination")
    if not source and ends.sources:
        source = f"{approximately(ends.sources)} sources" if ends.sources > 1 else ""
    if not destination and ends.destinations:
        destination = f"{approximately(ends.destinations)} addresses"
    port = _values(part, "destination_port")
    if destination and port:
        destination += f" port{'s' * (' and ' in port)} {port}"
    host = _text(part.attributes.get("host", ())) or _values(part, "host")
    ways = [text for text in (source, destination) if text]
    if "source" in _families(part) or "destination" in _families(part):
        said = " → ".join(ways) if len(ways) == 2 else f"{'to ' * (not source)}{ways[0]}"
        return f"{said}{f' at {host}' if host else ''}{_what(part, wordings)}"
    kinds = part.attributes.get("template", ())
    program = _text(part.attributes.get("program", ()))
    subject = program or _kinds(kinds, wordings)
    if subject and len(kinds) == 1:
        if words := meaning(kinds[0], wordings.get(kinds[0])):
            subject += f" ({words})"
        elif program and kinds[0] in wordings:
            subject += f" (“{_short(wordings[kinds[0]])}”)"
    if host and subject:
        return f"{subject} on {host}{_interface(part)}"
    if host:
        severity = _text(part.attributes.get("severity", ()))
        at = f" at severity {severity}" if severity else ""
        return f"{host}{_interface(part)}{at}{_what(part, wordings)}"
    if subject:
        hosts = dict(part.made_of).get("host", ())
        return f"{subject}{' on many hosts' if len(hosts) > 1 else ''}"
    if user := _text(part.attributes.get("user", ())):
        return f"user {user}"
    return _what(part, wordings).strip(" ()") or "lines that have little in common"


def _families(part: Part) -> set[str]:
    return {name.partition("_")[0] for name in part.attributes if not name.endswith("interface")}


def _text(values: Sequence[str]) -> str:
    return listed([*values])


def _values(part: Part, name: str) -> str:
    """Name the values of an attribute, if it has few."""
    if values := part.attributes.get(name):
        return _text(values)
    shares = part.made_of.get(name, ())[:FEW]
    if shares and sum(share for _, share in shares) >= NEARLY_ALL:
        return _text([value for value, _ in shares])
    return ""


def _network(part: Part, end: str) -> str:
    for level in ("network", "region"):
        if values := part.attributes.get(f"{end}_{level}"):
            return _text([network(value) for value in values])
    return ""


def network(text: str) -> str:
    """Write a network as people do."""
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        return text


def _what(part: Part, wordings: Mapping[str, str]) -> str:
    """Say which kinds of message it is: by their ids, where vendors give some, else in words."""
    kinds = part.attributes.get("template", ())
    said = [kind.partition(":")[2] for kind in kinds if ":" in kind and " " not in kind]
    if not said:
        made = [kind for kind, _ in part.made_of.get("template", ())]
        meant = {meaning(kind, wordings.get(kind)) for kind in kinds or made}
        words = meant.pop() if len(meant) == 1 else None
        said = [words] if words else [f"“{_short(wordings[k])}”" for k in kinds if k in wordings]
        if not said and _interface(part) and not _families(part) & {"source", "destination"}:
            said = [kind.partition(":")[2] for kind in made[:FEW] if ":" in kind]
    return f" ({listed(said)})" if said else ""


def _interface(part: Part) -> str:
    """Name the interfaces of a device that speaks of itself."""
    ports = [_values(part, f"{end}_interface") for end in ("source", "destination")]
    named = [port for port in ports if port]
    return f" {' and '.join(named)}" if named else ""


def _kinds(kinds: Sequence[str], wordings: Mapping[str, str]) -> str:
    """Name kinds of message where no program does."""
    return listed([f"“{_short(wordings[kind])}”" if kind in wordings else kind for kind in kinds])


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


# What stands before the message: RFC 3164 and 5424 headers as servers write them, program, pid.
_BEFORE = re.compile(
    r"(?:<\d{1,3}>)?(?:[A-Z][a-z]{2}\s+\d+ (?:\d{4} )?[\d:.]+|\d{4}-\d\d-\d\d[T ]\S+) \S+ "
    r"(?:[\w./-]+(?:\[\d+\])?: )?(?:\[\s*[\d.]+\] )?"
)


def message_of(line: str) -> str:
    """Take away what stands before the message of a line."""
    line = unwrapped(line)
    return _BEFORE.sub("", line, count=1).strip() or line


def in_common(messages: Sequence[str]) -> str:
    """Write what messages of one kind have in common, and … where their words differ."""
    said = [message.split() for message in messages]
    usual = max((len(words) for words in said), key=[*map(len, said)].count, default=0)
    alike = [words for words in said if len(words) == usual]
    if len({*map(tuple, alike)}) < 2:
        return messages[0] if messages else ""
    words = (at[0] if len({*at}) == 1 else _varied(at) for at in zip(*alike, strict=True))
    text = " ".join(words)
    return text if any(letter.isalpha() for letter in text) else messages[0]


def _varied(words: Sequence[str]) -> str:
    """Write … for words that differ; what is alike before = or a bracket stays, and what ends."""
    head = commonprefix(words)
    head = head[: max(head.rfind(sign) for sign in _OPENS) + 1]
    last = {word[-1] for word in words}
    return f"{head}…{last.pop() if len(last) == 1 and last <= _CLOSES else ''}"


def approximately(count: int) -> str:
    """Write a count of different things, which is an estimate above a hundred."""
    if count <= 100:
        return f"{count:,}"
    digits = 10 ** (len(str(count)) - 2)
    return f"about {round(count / digits) * digits:,}"


def course_words(part: Part, course: Course | None, reference: str) -> str:
    """Say since when it is so, how fast, and what was usual in the reference, if there is one."""
    text = f"{many(round(part.now), 'event')}, "
    if reference:
        usual = f"{number(part.usual)} were usual" if part.usual >= 1 else "none were usual"
        text += f"{usual} in {reference}"
    else:
        text += "and nothing to compare them with"
    if course is None:
        return text
    rate = course.per_second
    speed = f"{number(rate)} a second" if rate >= 1 else f"{number(rate * 3600)} an hour"
    begun = f"since {course.onset:%H:%M:%S}"
    if not course.goes_on:
        begun = f"from {course.onset:%H:%M:%S} to {course.last:%H:%M:%S}"
    text += f"; {begun}, {speed}"
    if course.burst_seconds and course.burst_events:
        text += f", in bursts of {number(course.burst_events)} every {span(course.burst_seconds)}"
    return text


def after_words(after: After) -> str:
    """Say that it ended, and what would have come since."""
    late = f"{many(round(after.late), 'event')} more until {after.last:%H:%M:%S}, then "
    return f"{late if after.late else ''}{silence_words(after)}"


def silence_words(after: After) -> str:
    """Say for how long there was none, and what would have come at the rate that it had."""
    return (
        f"none in the {span(after.seconds)} of log since, where {number(after.expected)} were to "
        "be expected, had it gone on"
    )


def made_of_words(part: Part, wordings: Mapping[str, str]) -> list[str]:
    """Say what a part is made of: its messages, then its ends."""
    lines: list[str] = []
    kinds = part.made_of.get("template") or [
        (value, 1.0) for value in part.attributes.get("template", ())
    ]
    said = []
    for value, share in kinds:
        line = wordings.get(value)
        name = f"“{_short(line)}”" if line else value.partition(":")[2] or value
        words = meaning(value, line)
        said.append(f"{_percent(share)}{name}{f' ({words})' if words else ''}")
    if said:
        lines.append("; ".join(said))
    for name, words in (("host", "hosts"), ("source", "sources"), ("destination", "destinations"),
                        ("destination_port", "ports"), ("user", "users")):  # fmt: skip
        if shares := part.made_of.get(name):
            values = [f"{_percent(share)}{value}" for value, share in shares]
            left = 1 - sum(share for _, share in shares)
            more = f", {left:.0%} others".replace("%", " %") if left >= 0.01 else ""
            lines.append(f"{words}: {', '.join(values)}{more}")
    return lines


def _percent(share: float) -> str:
    return "" if share > 0.995 else f"{100 * share:.0f} % " if share >= 0.01 else "<1 % "


def sweep_words(ends: Spread) -> str | None:
    """Say whether it looks as if somebody searches, or as if many call one."""
    if ends.sources == 1 and ends.destinations >= SWEPT and ends.ports <= FEW:
        return (
            f"one source calls {approximately(ends.destinations)} addresses on "
            f"{many(ends.ports, 'port')}: a sweep, as scanners and discovery programs do"
        )
    if ends.sources == 1 and ends.ports >= SWEPT:
        return (
            f"one source calls {approximately(ends.ports)} ports of "
            f"{many(ends.destinations, 'address', 'addresses')}: a port scan"
        )
    if ends.sources >= 10 * SWEPT and 0 < ends.destinations <= FEW:
        return (
            f"{approximately(ends.sources)} sources call "
            f"{many(ends.destinations, 'address', 'addresses')}: a flood from many, or a crowd"
        )
    return None
