"""An SNMP agent whose answers are texts: what a case keeps of it, and what is read back.

A line is ``OID = TYPE: VALUE``, as snmpwalk writes it. Octets that are no printable text are
written in hex, so that every value can be read back as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from whence.model import BadInput, CannotAsk, Reading
from whence.model.secrets import redact
from whence.world.ber import oid_text
from whence.world.contracts import Clock
from whence.world.snmp import Refused, SnmpAgent
from whence.world.snmp_variables import Binding

CUT_SHORT = "# "
REFUSED = f"{CUT_SHORT}refused: "  # an agent that answers so of one table can be asked of others


class SnmpDevice:
    """An agent that is asked in words: ``walk OID``, ``walk OID of CONTEXT``, ``get OID…``.

    ``answering OID of CONTEXT…`` is answered by those contexts that it knows, each in a line.
    """

    def __init__(self, name: str, agent: SnmpAgent, now: Clock) -> None:
        self.name = name
        self._agent = agent
        self._now = now

    def ask(self, question: str) -> Reading:
        """Ask, and keep what was said also where it was not all."""
        verb, _, rest = question.partition(" ")
        lines: list[str] = []
        if verb == "answering":
            oid, _, contexts = rest.partition(" of ")
            lines += self._agent.answering(oid, contexts.split())
            return Reading(question, "".join(f"{one}\n" for one in lines), self._now(), self.name)
        try:
            for binding in self._bindings(verb, rest):
                lines.append(write_binding(binding))
        except CannotAsk as reason:
            if not lines:
                raise
            mark = REFUSED if isinstance(reason, Refused) else CUT_SHORT
            lines.append(f"{mark}{reason}: {reason.because}")
        text = redact("".join(f"{line}\n" for line in lines))
        return Reading(question, text, self._now(), self.name)

    def _bindings(self, verb: str, rest: str) -> Iterable[Binding]:
        if verb == "get":
            return self._agent.get(*rest.split())
        oid, _, context = rest.partition(" of ")
        return self._agent.walk(oid, context)


def write_binding(binding: Binding) -> str:
    """Write a variable as a line."""
    value, kind = binding.value, binding.kind
    if isinstance(value, bytes):
        text = _printable(value)
        kind, value = ("STRING", text) if text is not None else ("Hex-STRING", value.hex(" "))
    return f"{oid_text(binding.oid)} = {kind or 'NULL'}: {'' if value is None else value}"


def read_bindings(lines: Iterable[str]) -> Iterator[Binding]:
    """Read lines back; those that say where a walk was cut short are left out."""
    for line in lines:
        if line and not line.startswith(CUT_SHORT):
            yield read_binding(line)


def read_binding(line: str) -> Binding:
    """Read a line that ``write_binding`` wrote.

    Raises
    ------
    BadInput
        If it is none.

    """
    oid, _, rest = str(line).partition(" = ")
    kind, _, text = rest.partition(": ")
    try:
        return Binding(tuple(map(int, oid.split("."))), _value(kind, text), kind)
    except ValueError as e:
        raise BadInput("this is not a variable as whence writes it", because=str(e)) from e


def _value(kind: str, text: str) -> int | bytes | str | None:
    if kind in ("STRING", "Opaque"):
        return text.encode("utf-8", "surrogateescape")
    if kind == "Hex-STRING":
        return bytes.fromhex(text)
    if kind in ("OID", "IpAddress"):
        return text
    return None if kind == "NULL" else int(text)


def _printable(octets: bytes) -> str | None:
    """Give octets as text, if they are one that can be written in a line and read back."""
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None
