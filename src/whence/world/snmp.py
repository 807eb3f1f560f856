"""A blocking SNMP client: v1, v2c and v3, over UDP; what agents send is bounded in every way.

Not one of the libraries: see docs/explanation/decisions.md, “Our own SNMP client”.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import takewhile
from operator import gt
from secrets import randbelow

from whence.model import CannotAsk, NotPermitted
from whence.model.plural import many
from whence.world import snmp_messages
from whence.world.ber import Malformed, Oid, oid_text, parse_oid
from whence.world.snmp_access import Patience, SnmpAccess
from whence.world.snmp_messages import (
    ERRORS,
    GET,
    GET_BULK,
    GET_NEXT,
    NO_SUCH_NAME,
    REPORT,
    SET,
    TOO_BIG,
    Answer,
)
from whence.world.snmp_secured import NOT_IN_TIME, REFUSALS, UNKNOWN_ENGINE, Security
from whence.world.snmp_variables import Binding

__all__ = ["Binding", "Patience", "Refused", "SnmpAccess", "SnmpAgent"]

LARGEST = 65535  # octets of a datagram
AT_ONCE = 24  # variables of one GET: fits 1,500 octets
FEW = 10  # rows of an answer that gets through wherever anything does
REFUSED = frozenset({"readOnly", "noAccess", "authorizationError", "notWritable"})
SIDE_BY_SIDE = 16  # requests that an agent is sent before the first is answered


class SnmpAgent:
    """An agent that is asked, one question after the other. Not for two threads at once."""

    def __init__(self, access: SnmpAccess, patience: Patience | None = None) -> None:
        self.access = access
        self.patience = patience or Patience()
        self.strange = 0  # datagrams that were no answer: damaged, or to another question
        self._repetitions = self.patience.repetitions
        self._has_answered = False
        self._security = Security(access) if access.version == "3" else None
        self._number = randbelow(1 << 30)
        self._socket: socket.socket | None = None

    def get(self, *oids: str) -> tuple[Binding, ...]:
        """Give the values of variables, in the order asked for; None for what is not there."""
        wanted = [Binding(parse_oid(oid)) for oid in oids]
        found: list[Binding] = []
        for start in range(0, len(wanted), AT_ONCE):
            found += self._get(wanted[start : start + AT_ONCE])
        return tuple(found)

    def walk(self, oid: str, context: str = "") -> Iterator[Binding]:
        """Yield what is below an object identifier, in order.

        ``context`` is, for v1 and v2c, what is put behind the community with an @, as Cisco
        switches want it to tell VLANs apart; for v3 it is the name of the context.

        Raises
        ------
        CannotAsk
            If the agent does not answer, or its answers have no end or no order. What was
            yielded until then is what it said.

        """
        base = parse_oid(oid)
        last, rows = base, 0
        until = time.monotonic() + self.patience.seconds
        while True:
            told = self._following(last, context).bindings
            inside, sound = _in_order(base, last, told)
            if sound < len(inside) and self._asks_for_many():
                self._repetitions = 1  # some agents mix up the rows of GETBULK alone
                single = self._following(last, context).bindings
                if _in_order(base, last, single) == (single, len(single)):
                    told, inside, sound = single, single, len(single)
            room = self.patience.rows - rows
            yield from inside[: min(sound, room)]
            if sound < len(inside):
                raise self._endless(oid, "its answers go round in a circle")
            if sound > room:
                raise self._endless(oid, f"there are more than {self.patience.rows:,} rows")
            if len(inside) < len(told) or not told:
                return
            last, rows = told[-1].oid, rows + sound
            if time.monotonic() > until:
                because = f"it was not done after {self.patience.seconds:.0f} s, {rows:,} rows"
                raise self._endless(oid, because)

    def answering(self, oid: str, contexts: Sequence[str]) -> list[str]:
        """Say in which contexts the agent answers; it is silent about those that it does not know.

        They are asked side by side, as to wait for each silent one takes seconds. Version 3 needs
        none of it: there an agent says at once that it does not know a context.
        """
        if self._security:
            return [*contexts]
        heard: set[str] = set()
        for start in range(0, len(contexts), SIDE_BY_SIDE):
            some = contexts[start : start + SIDE_BY_SIDE]
            sent: dict[int, str] = {}  # also of the first try, as an answer may come late
            for attempt in range(2):
                left = [context for context in some if context not in heard]
                heard |= self._heard(oid, left, sent, self.patience.timeout * 2**attempt)
            if not heard:
                break
        return [context for context in contexts if context in heard]

    def _heard(
        self, oid: str, contexts: Sequence[str], sent: dict[int, str], seconds: float
    ) -> set[str]:
        """Send one request in each context, and wait for the answers together."""
        version = 0 if self.access.version == "1" else 1
        line, until = self._line(), time.monotonic() + seconds
        try:
            for context in contexts:
                self._number = (self._number + 1) % (1 << 31)
                asked = snmp_messages.question(GET_NEXT, self._number, [Binding(parse_oid(oid))])
                line.send(self._message(context, asked))
                sent[self._number] = context
            heard: set[str] = set()
            while len(heard) < len(contexts) and (left := until - time.monotonic()) > 0:
                line.settimeout(left)
                with suppress(Malformed, TimeoutError):
                    data = line.recv(LARGEST)
                    answer = snmp_messages.answer(data, *snmp_messages.pdu_of(data, version))
                    heard |= {sent[answer.request]} if answer.request in sent else set()
        except OSError as e:
            raise self._unreachable(e) from e
        return heard

    def set(self, *bindings: Binding) -> tuple[Binding, ...]:
        """Change variables, all or none, and give what the agent says they are now.

        Raises
        ------
        NotPermitted
            If this community or user may not write there.
        CannotAsk
            If the agent does not answer, or does not take a value.

        """
        answer = self._ask(SET, bindings, "")
        self._refuse(answer, bindings)
        return answer.bindings

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def __enter__(self) -> SnmpAgent:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _get(self, wanted: Sequence[Binding]) -> Iterator[Binding]:
        answer = self._ask(GET, wanted, "")
        if answer.error in (NO_SUCH_NAME, TOO_BIG) and len(wanted) > 1:
            for one in wanted:  # v1 refuses the whole where one of them is missing
                yield from self._get([one])
            return
        if answer.error == NO_SUCH_NAME:
            yield from wanted
            return
        self._refuse(answer, wanted)
        told = {binding.oid: binding for binding in answer.bindings}
        yield from (told.get(one.oid, one) for one in wanted)

    def _asks_for_many(self) -> bool:
        return self.access.version != "1" and self._repetitions > 1

    def _following(self, last: Oid, context: str) -> Answer:
        """Ask for what comes after a variable: many at once, where the agent knows how."""
        while True:
            bulk = self._asks_for_many()
            tag, second = (GET_BULK, self._repetitions) if bulk else (GET_NEXT, 0)
            if bulk and not self._has_answered:  # the first answer is to be a small one
                second = min(second, FEW)
            try:
                answer = self._ask(tag, [Binding(last)], context, second=second)
            except _NoAnswer:
                if self._repetitions <= FEW or not bulk or not self._has_answered:
                    raise
                self._repetitions = FEW  # large answers may be what does not get through
                continue
            if answer.error and bulk:  # tooBig; some small agents know no GETBULK at all
                self._repetitions //= 4
                continue
            if bulk and not answer.error and not answer.bindings:  # the end, or knows no GETBULK
                answer = self._ask(GET_NEXT, [Binding(last)], context)
                if any(one.value is not None for one in answer.bindings):
                    self._repetitions = 1
            if answer.error == NO_SUCH_NAME:  # the end, in v1
                return Answer(answer.tag, answer.request, 0, 0, ())
            self._refuse(answer, [Binding(last)])
            return answer

    def _ask(self, tag: int, bindings: Sequence[Binding], context: str, second: int = 0) -> Answer:
        refusal = ""
        for _ in range(4):  # an engine to get known to, a clock to set, the question itself
            answer = self._exchange(tag, bindings, context, second)
            if answer.tag != REPORT:
                return answer
            reported = answer.bindings[0].oid if answer.bindings else ()
            refusal = REFUSALS.get(reported, f"it reported {oid_text(reported)}")
            if reported not in (UNKNOWN_ENGINE, NOT_IN_TIME):
                break
        raise NotPermitted(
            f"{self.access} refused the SNMPv3 user “{self.access.user}”",
            because=refusal,
            try_="compare the user, protocols and passwords with those of the device",
        )

    def _exchange(self, tag: int, bindings: Sequence[Binding], context: str, second: int) -> Answer:
        """Send a request until it is answered, or there is no patience left."""
        self._number = (self._number + 1) % (1 << 31)
        sent = snmp_messages.question(tag, self._number, bindings, 0, second)
        line = self._line()
        strange = self.strange
        # Who answers otherwise, and not in a context, does not know it.
        retries = 1 if context and self._has_answered else self.patience.retries
        for attempt in range(retries + 1):
            try:
                line.send(self._message(context, sent))
                answer = self._await(line, time.monotonic() + self.patience.timeout * 2**attempt)
            except OSError as e:
                raise self._unreachable(e) from e
            if answer is not None:
                self._has_answered = True
                return answer
        raise self._silent(self.strange - strange, retries)

    def _message(self, context: str, pdu: bytes) -> bytes:
        if self._security:
            return self._security.message(self._number, context or self.access.context, pdu)
        community = self.access.community.reveal() + (f"@{context}" if context else "")
        version = 0 if self.access.version == "1" else 1
        return snmp_messages.with_community(version, community.encode(), pdu)

    def _await(self, line: socket.socket, until: float) -> Answer | None:
        while (left := until - time.monotonic()) > 0:
            line.settimeout(left)
            try:
                data = line.recv(LARGEST)
            except TimeoutError:
                return None
            with suppress(Malformed):
                if answer := self._read(data):
                    return answer
            self.strange += 1
        return None

    def _read(self, data: bytes) -> Answer | None:
        """Read an answer; None if it is one to another question."""
        if self._security is None:
            version = 0 if self.access.version == "1" else 1
            answer = snmp_messages.answer(data, *snmp_messages.pdu_of(data, version))
            return answer if answer.request == self._number and answer.tag != REPORT else None
        opened = self._security.open(data)
        answer = snmp_messages.answer(opened.text, opened.start, opened.stop)
        if answer.tag == REPORT:
            return answer if opened.message == self._number else None
        if self._security.must_be_signed() and not self._security.is_signed(data):
            return None
        return answer if answer.request == self._number else None

    def _line(self) -> socket.socket:
        """Open the socket; connected, so that nobody but the agent is heard."""
        if self._socket is None:
            try:
                found = socket.getaddrinfo(
                    self.access.host, self.access.port, type=socket.SOCK_DGRAM
                )
                family, kind, protocol, _, address = found[0]
                self._socket = socket.socket(family, kind, protocol)
                self._socket.connect(address)
            except OSError as e:
                raise self._unreachable(e) from e
        return self._socket

    def _refuse(self, answer: Answer, asked: Sequence[Binding]) -> None:
        if not answer.error:
            return
        name = ERRORS[answer.error] if 0 < answer.error < len(ERRORS) else f"error {answer.error}"
        which = asked[answer.error_index - 1] if 0 < answer.error_index <= len(asked) else asked[0]
        kind = NotPermitted if name in REFUSED else Refused
        raise kind(f"{self.access} refused a request", because=f"{name} at {oid_text(which.oid)}")

    def _silent(self, strange: int, retries: int) -> CannotAsk:
        waited = self.patience.timeout * (2 ** (retries + 1) - 1)
        because = f"{retries + 1} tries, {waited:.1f} s in all"
        if strange:
            because += (
                f"; {many(strange, 'datagram came that is', 'datagrams came that are')} no answer"
            )
        return _NoAnswer(
            f"{self.access} did not answer SNMP",
            because=because,
            try_="look whether SNMP is on there, the community or user is right, and this machine"
            " may ask (access lists)"
            + ("; an old device may know ?version=1 alone" if self.access.version == "2c" else ""),
        )

    def _unreachable(self, error: OSError) -> CannotAsk:
        because = error.strerror or str(error)
        if isinstance(error, ConnectionRefusedError):
            because = f"nothing listens at UDP port {self.access.port} there"
        return CannotAsk(
            f"{self.access} cannot be asked by SNMP",
            because=because,
            try_="look whether the address is right, and SNMP is switched on there",
        )

    def _endless(self, oid: str, because: str) -> CannotAsk:
        return CannotAsk(f"the walk of {oid} on {self.access} was cut short", because=because)


def _in_order(base: Oid, last: Oid, told: tuple[Binding, ...]) -> tuple[tuple[Binding, ...], int]:
    """Give the rows that are below ``base``, and how many of them come in order after ``last``.

    The end of all is a name without a value that is no later than the one before. A later one
    is a row that went away while it was asked for.
    """
    oids = [one.oid for one in told]
    rise = [*map(gt, oids, [last, *oids])]
    if told and all(rise) and _is_below(base, told[-1]):  # then all between are below, too
        return told, len(told)
    there = [
        _is_below(base, one) and (later or one.value is not None)
        for one, later in zip(told, rise, strict=True)
    ]
    inside = told[: sum(takewhile(bool, there))]
    return inside, sum(takewhile(bool, rise[: len(inside)]))


def _is_below(base: Oid, binding: Binding) -> bool:
    return binding.oid[: len(base)] == base


class Refused(CannotAsk):
    """The agent answered that it cannot, or will not, tell this: genErr, say."""


class _NoAnswer(CannotAsk):
    """Nothing came in time."""
