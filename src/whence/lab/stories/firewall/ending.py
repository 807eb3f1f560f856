"""The end of the story: a trap, what stops it typed word by word, and the silence after it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from whence.lab.contract import Office
from whence.lab.telling import Answer, Telling

MADE_BY = re.compile(r" by (/\S+) \(pid ")
STARTED_BY = re.compile(r", started by (/[^\s:,]+)")
PROVE = re.compile(r"^ +Afterwards, to prove it: whence (\S+) --until-silent ", re.MULTILINE)
COMMAND = " " * 7  # how the commands of a suggestion are set in, in the answer
UNDO = "     undo: "
QUIET = "20s"  # an office would watch for a day
GRACE = "2s"
EDITORS = ("vi ",)
TRAP_WAIT = "100s"

NOT_SEEN = "A trap does not see a script that is named to its interpreter. What starts it, then:\n"
TRAPPED = "Who starts it? The next run is waited for:\n"
REMEDY = "What it suggests is typed, word by word:\n"
PUT_BACK = "\nSomebody puts it back, by the words of “undo”:\n"
WATCHED = "\nHas it ended? Here for some seconds, elsewhere for a day:\n"
STILL = "So there is something else that starts it:\n"


@dataclass(frozen=True, slots=True)
class Remedy:
    """A suggestion, as it was printed."""

    text: str
    commands: tuple[str, ...]
    undo: tuple[str, ...]

    @property
    def is_setting(self) -> bool:
        """Whether a file is to be corrected by a person's hand."""
        return any(line.startswith(EDITORS) for line in self.commands)


def remedies(text: str) -> list[Remedy]:
    """Read what an answer suggests."""
    _, _, after = text.partition("\nwhat would stop it")
    found: list[Remedy] = []
    for block in re.split(r"^  \d+\. ", after, flags=re.MULTILINE)[1:]:
        first, *lines = block.splitlines()
        commands, undo = [], []
        undoing = False
        for line in lines:
            if line.startswith(UNDO):
                undoing = True
                undo.append(line.removeprefix(UNDO))
            elif not line.startswith(COMMAND):
                break
            elif undoing:
                undo.append(line.strip())
            else:
                commands.append(line.removeprefix(COMMAND))
        found.append(Remedy(first, tuple(commands), tuple(undo)))
    return [one for one in found if one.commands]


def set_a_trap(office: Office, telling: Telling, maker: Answer) -> Iterator[Answer]:
    """See the next run of the script, and who starts it."""
    script, job = MADE_BY.search(maker.sentence), STARTED_BY.search(maker.sentence)
    if office.variant == "disguised":
        telling.show(NOT_SEEN)
        script = job
    else:
        telling.show(TRAPPED)
    if script:
        words = ("trap", script[1], "--runs", "1", "--for", TRAP_WAIT)
        yield telling.ask(office.prefix, *words)


def carry_out(
    office: Office, telling: Telling, suggested: Sequence[Remedy], done: Sequence[str] = ()
) -> Iterator[Answer]:
    """Type what was printed, and nothing else; of several suggestions one, as was drawn."""
    remedy = choose(suggested, office.known["remedy"], done)
    if remedy is None:
        return
    telling.show(REMEDY)
    yield from _type(office, telling, remedy.commands)
    if office.variant == "undone":
        telling.show(PUT_BACK)
        yield from _type(office, telling, remedy.undo)


def choose(suggested: Sequence[Remedy], kind: str, done: Sequence[str] = ()) -> Remedy | None:
    """Give the suggestion of the kind that was drawn, “setting” or “job”, not done yet; or any."""
    left = [one for one in suggested if not set(one.commands) & set(done)]
    fitting = [one for one in left if one.is_setting == (kind == "setting")]
    return next(iter(fitting or left), None)


def _type(office: Office, telling: Telling, lines: Sequence[str]) -> Iterator[Answer]:
    for line in lines:
        yield telling.type(office.prefix, line, _keys(office, line))


def _keys(office: Office, line: str) -> str:
    """Give what a person types into the editor: the address becomes this machine's own."""
    if not line.startswith(EDITORS):
        return ""
    return f":s/{re.escape(office.known['address'])}/127.0.0.1/\n:wq\n"


def watch(office: Office, telling: Telling, maker: Answer) -> Iterator[Answer]:
    """Ask whether it has ended, by the words of the answer, for a shorter time."""
    proof = PROVE.search(maker.text)
    if proof:
        telling.show(WATCHED)
        words = (proof[1], "--until-silent", QUIET, "--grace", GRACE)
        yield telling.ask(office.prefix, *words)
