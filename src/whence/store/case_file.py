"""A case: one SQLite file with a journal of what was done, and the texts that were read.

The journal is the case. Everything else that one can ask of it (facts, steps, evidence numbers,
the verdict) is computed from its entries, so that nothing can say something else than the
journal does. Anybody with sqlite3(1) can read it; the views are there for them.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from whence.model import (
    BadInput,
    CannotAsk,
    Evidence,
    Fact,
    Observable,
    Reading,
    WhenceError,
)
from whence.store.bodies import from_error, from_observable
from whence.store.case_format import (
    CASE,
    INSERT_ENTRY,
    INSERT_TEXT,
    SUFFIX,
    entry_row,
    place,
    stored_entries,
)
from whence.store.database import Database
from whence.store.journal import Body, Entry, broken_links, moment_text
from whence.store.ledger import VERDICTS, Ledger, Look, NoteRow, StepRow
from whence.store.refusals import damaged
from whence.store.soundness import check
from whence.store.texts import packed, unpacked
from whence.store.verification import problems_of

Clock = Callable[[], datetime]  # aware, UTC
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is mistaken for another

_LABEL = re.compile(r"[Ee]?([0-9]{1,9})")


def four_letters() -> str:
    """Draw the part of a case's id that tells the cases of a day apart."""
    return "".join(secrets.choice(LETTERS) for _ in range(4))


class CaseFile:
    """What one set out to explain, what was asked, and what was found.

    Every method that writes is one transaction. What ``note…`` wrote is on the disk when it
    returns; a reading is on the disk, at the latest, with the step that rests on it, and a step
    that found nothing with the next one that found something. Methods
    raise CannotStore when the disk is full or fails, and the case stays as it was before.
    """

    def __init__(self, path: Path, database: Database, clock: Clock) -> None:
        self.path = path
        self._database = database
        self._clock = clock
        self._ledger = Ledger()
        self._catch_up()

    @classmethod
    def create(
        cls,
        directory: Path,
        subject: Observable,
        clock: Clock,
        title: str = "",
        letters: Callable[[], str] = four_letters,
    ) -> CaseFile:
        """Begin a case in a directory, which is made if it is not there."""
        opened = {"subject": from_observable(subject), "title": title}
        entry = Entry.after(None, clock(), "opened", opened)
        path = place(directory, draw_names(entry.at[:10], letters), [entry])
        return cls(path, Database.open(path), clock)

    @classmethod
    def open(cls, path: Path, clock: Clock) -> CaseFile:
        """Open a case, to read it and to go on with it.

        Raises
        ------
        BadInput
            If the file is no case, of a newer version, or damaged. It is left as it is.
        CannotStore
            If it cannot be read or written.

        """
        check(path, CASE)
        with closing(Database.look_into(path)) as seen:
            if broken := next(broken_links(stored_entries(seen)), None):
                raise damaged(path, broken)
        database = Database.open(path)
        try:
            return cls(path, database, clock)
        except BaseException:
            database.close()
            raise

    @property
    def id(self) -> str:
        """What the user types to name it."""
        return self.path.name.removesuffix(SUFFIX)

    @property
    def subject(self) -> Observable:
        """What the case is about."""
        if self._ledger.subject is None:
            raise damaged(self.path, "it does not say what it is about")
        return self._ledger.subject

    @property
    def title(self) -> str:
        """What its author called it; may be empty."""
        return self._ledger.title

    @property
    def created(self) -> datetime:
        """When it was opened."""
        return next(self.journal()).moment

    @property
    def head(self) -> str:
        """The hash of the last entry: whoever notes it can prove later that nothing changed."""
        self._catch_up()
        if self._ledger.last is None:
            raise damaged(self.path, "it is empty")
        return self._ledger.last.hash

    def keep_reading(self, source: str, answer: Reading | CannotAsk) -> None:
        """Write down what the world said, or why it said nothing, so that it can be replayed."""
        if isinstance(answer, CannotAsk):
            refusal = {"asked": source, **from_error(answer)}
            self._append("refused", lambda: refusal, through_power_loss=False)
            return
        text = packed(answer)
        body = {
            "asked": source,
            "source": answer.source,
            "digest": answer.digest,
            "taken": moment_text(answer.taken),
            "observer": answer.observer,
        }
        with self._database.transaction(through_power_loss=False):
            self._database.run(INSERT_TEXT, (answer.digest, text))
            self._insert("reading", lambda: body)

    def note_step(self, probe: str, about: Observable, facts: Sequence[Fact] | WhenceError) -> None:
        """Write down a question and its outcome: facts, none, or the reason for no answer.

        Where nothing was found, the disk is not waited for; the next that is waited for takes it
        along. A case has three times as many such steps as others.
        """
        found = isinstance(facts, WhenceError) or bool(facts)
        self._append(
            "step",
            lambda: self._ledger.step_body(probe, about, facts),
            through_power_loss=found,
        )

    def note_verdict(self, verdict: str, sentence: str) -> None:
        """Write down the answer; a later one stands beside it and is the one that counts."""
        if verdict not in VERDICTS:
            raise ValueError(f"{verdict!r} is none of {VERDICTS}")
        self._append("verdict", lambda: {"verdict": verdict, "sentence": sentence})

    def note(self, text: str, author: str) -> None:
        """Write down what a person has to say."""
        self._append("note", lambda: {"text": text, "author": author})

    def note_interrupted(self, because: str) -> None:
        """Write down that the inquiry was stopped before it was done."""
        self._append("interrupted", lambda: {"because": because})

    def note_resumed(self) -> None:
        """Write down that the inquiry goes on."""
        self._append("resumed", dict)

    def facts(self) -> list[Fact]:
        """Give all facts, in the order in which they were found."""
        return [*self._caught_up().facts]

    def steps(self) -> list[StepRow]:
        """Give all questions that were asked, in their order, with their outcome."""
        return [*self._caught_up().steps]

    def verdict(self) -> tuple[str, str] | None:
        """Give the verdict and its sentence, or None where there is none yet."""
        return self._caught_up().verdict

    def notes(self) -> list[NoteRow]:
        """Give what people wrote, oldest first."""
        return [*self._caught_up().notes]

    def evidence(self, label: str) -> tuple[Evidence, str]:
        """Give the evidence with a label such as "E7", and the text it was read from."""
        known = self._caught_up().evidence
        match = _LABEL.fullmatch(label)
        if match is None or not 0 < int(match[1]) <= len(known):
            raise BadInput(
                f"there is no evidence “{label}” in case {self.id}",
                because=f"it has E1 to E{len(known)}" if known else "it has none yet",
            )
        found = known[int(match[1]) - 1]
        return found, self.text(found.reading)

    def label(self, evidence: Evidence) -> str:
        """Give the label of evidence, "E7", by the order in which evidence first appeared."""
        number = self._caught_up().numbers.get(evidence)
        if number is None:
            raise BadInput(f"{evidence} is not in case {self.id}", because="no fact rests on it")
        return f"E{number}"

    def text(self, digest: str) -> str:
        """Give the text of a reading, after making sure that it is the one of this digest."""
        found = self._database.rows("SELECT packed FROM text WHERE digest = ?", (digest,))
        if not found:
            raise BadInput(f"reading {digest[:12]} is not in case {self.id}")
        return unpacked(digest, found[0][0])

    def answers(self) -> Iterator[tuple[str, Reading | CannotAsk]]:
        """Give what the world said, in the order in which it was asked."""
        for source, look in [*self._caught_up().answers]:
            if isinstance(look, Look):
                yield (
                    source,
                    Reading(look.source, self.text(look.digest), look.taken, look.observer),
                )
            else:
                yield source, look

    def sessions(self) -> list[list[tuple[str, Reading | CannotAsk]]]:
        """Give what the world said, apart for each time that the case was gone on with."""
        answers = [*self.answers()]
        ends = [0, *self._ledger.resumed, len(answers)]
        return [answers[start:end] for start, end in pairwise(ends)]

    def journal(self) -> Iterator[Entry]:
        """Give the entries of the journal, oldest first."""
        yield from stored_entries(self._database)

    def verify(self) -> list[str]:
        """Say what is wrong with the case; an empty list means that nothing is."""
        try:
            return [*problems_of(self._database)]
        except BadInput as reason:
            return [str(reason)]

    def close(self) -> None:
        """Close the file. The case can be opened again."""
        self._database.close()

    def _append(
        self, kind: str, body: Callable[[], Body], *, through_power_loss: bool = True
    ) -> None:
        with self._database.transaction(through_power_loss=through_power_loss):
            self._insert(kind, body)

    def _insert(self, kind: str, body: Callable[[], Body]) -> None:
        """Add an entry; its body is made once nobody else can add one before it."""
        last = self._caught_up().last
        now = self._clock()
        if last is not None and moment_text(now) < last.at:
            last = Entry.after(last, now, "clock-went-back", {"from": last.at})
            self._database.run(INSERT_ENTRY, entry_row(last))
        entry = Entry.after(last, now, kind, body())
        self._database.run(INSERT_ENTRY, entry_row(entry))

    def _caught_up(self) -> Ledger:
        self._catch_up()
        return self._ledger

    def _catch_up(self) -> None:
        """Take in what was added since, by this process or another."""
        with self._database.lock:
            after = self._ledger.last.seq if self._ledger.last else 0
            for entry in stored_entries(self._database, after):
                self._ledger.add(entry)


def draw_names(date: str, letters: Callable[[], str]) -> Iterator[str]:
    """Draw ids for a case of this date, without end."""
    while True:
        yield f"{date}-{letters()}"
