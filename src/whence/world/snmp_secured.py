"""Messages of SNMPv3: RFC 3412 (the message), RFC 3414 (the user-based security model).

The agent's engine id, its boots and its time are learned from its reports, and are not secret.
"""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass, field
from secrets import randbits

from whence.model import BadSettings
from whence.world import ber
from whence.world.ber import Malformed, Oid
from whence.world.snmp_access import SnmpAccess
from whence.world.snmp_keys import (
    AUTHENTICATION,
    PRIVACY,
    SHORTEST_PASSWORD,
    Encryption,
    Signing,
    encryption,
    signing,
)

AUTHENTICATED, ENCRYPTED, REPORTABLE = 1, 2, 4  # RFC 3412 section 6.4
LARGEST = 65507  # octets of a UDP datagram over IPv4

# usmStats, RFC 3414 section 5: what an agent reports, and what it means to the user.
_STATS = (1, 3, 6, 1, 6, 3, 15, 1, 1)
UNKNOWN_ENGINE: Oid = (*_STATS, 4, 0)
NOT_IN_TIME: Oid = (*_STATS, 2, 0)
REFUSALS: dict[Oid, str] = {
    (*_STATS, 1, 0): "it does not do this level of security",
    (*_STATS, 3, 0): "it does not know this user",
    (*_STATS, 5, 0): "the authentication protocol or password is wrong",
    (*_STATS, 6, 0): "the privacy protocol or password is wrong",
}


@dataclass(frozen=True, slots=True)
class Secured:
    """Where the PDU of an answer is, in text that was decrypted and checked."""

    text: bytes
    start: int
    stop: int
    message: int


@dataclass(slots=True)
class Security:
    """What both ends must agree on: engine, clock, keys."""

    access: SnmpAccess
    engine: bytes = b""
    boots: int = 0
    time: int = 0
    _heard: float = 0.0
    _signing: Signing | None = None
    _encryption: Encryption | None = None
    _salt: int = field(default_factory=lambda: randbits(63))

    def __post_init__(self) -> None:
        check(self.access)

    def message(self, number: int, context: str, pdu: bytes) -> bytes:
        """Write a message; without a known engine, one that asks for it."""
        scoped = ber.write_sequence(
            ber.write(ber.OCTETS, self.engine), ber.write(ber.OCTETS, context.encode()), pdu
        )
        if not self.engine:
            return self._assemble(number, REPORTABLE, b"", b"", scoped)
        flags, parameters = REPORTABLE, b""
        if self._encryption:
            flags |= ENCRYPTED
            self._salt = (self._salt + 1) % (1 << 64)
            text, parameters = self._encryption.encrypt(scoped, self.boots, self._now(), self._salt)
            scoped = ber.write(ber.OCTETS, text)
        if self._signing is None:
            return self._assemble(number, flags, b"", parameters, scoped)
        flags |= AUTHENTICATED
        blank = self._assemble(number, flags, bytes(self._signing.length), parameters, scoped)
        signed = self._signing.sign(blank)
        return self._assemble(number, flags, signed, parameters, scoped)

    def _assemble(
        self, number: int, flags: int, signed: bytes, parameters: bytes, scoped: bytes
    ) -> bytes:
        user = self.access.user.encode() if self.engine else b""
        header = ber.write_sequence(
            ber.write_number(number),
            ber.write_number(LARGEST),
            ber.write(ber.OCTETS, bytes([flags])),
            ber.write_number(3),  # the user-based security model
        )
        security = ber.write_sequence(
            ber.write(ber.OCTETS, self.engine),
            ber.write_number(self.boots),
            ber.write_number(self._now()),
            ber.write(ber.OCTETS, user),
            ber.write(ber.OCTETS, signed),
            ber.write(ber.OCTETS, parameters),
        )
        return ber.write_sequence(
            ber.write_number(3), header, ber.write(ber.OCTETS, security), scoped
        )

    def _now(self) -> int:
        """Say what time it is for the agent, in seconds since it started."""
        return self.time + int(time.monotonic() - self._heard) if self._heard else 0

    def open(self, data: bytes) -> Secured:
        """Check and decrypt an answer.

        Raises
        ------
        Malformed
            If it is damaged, or not signed by who knows the password.

        """
        at, end = ber.expect(data, 0, len(data), ber.SEQUENCE)
        if _number(data, at, end)[0] != 3:
            raise Malformed("it is of another version of SNMP")
        _, at = _number(data, at, end)
        header, at = ber.expect(data, at, end, ber.SEQUENCE)
        message, after = _number(data, header, at)
        _, after = _number(data, after, at)
        flags_at, after = ber.expect(data, after, at, ber.OCTETS)
        flags = data[flags_at] if after > flags_at else 0
        start, stop = ber.expect(data, at, end, ber.OCTETS)
        parameters = _Parameters.read(data, start, stop)
        self._check_signature(data, flags, parameters)
        text, at, end = self._scoped(data, stop, end, flags, parameters)
        self._learn(flags, parameters)
        _, at = ber.expect(text, at, end, ber.OCTETS)
        _, at = ber.expect(text, at, end, ber.OCTETS)
        return Secured(text, at, end, message)

    def _check_signature(self, data: bytes, flags: int, parameters: _Parameters) -> None:
        if not flags & AUTHENTICATED:
            return
        if self._signing is None or parameters.engine != self.engine:
            raise Malformed("it is signed, and nobody asked for that")
        start, stop = parameters.signed
        blank = data[:start] + bytes(stop - start) + data[stop:]
        if not hmac.compare_digest(self._signing.sign(blank), data[start:stop]):
            raise Malformed("its signature is not right")

    def _scoped(
        self, data: bytes, at: int, end: int, flags: int, parameters: _Parameters
    ) -> tuple[bytes, int, int]:
        if not flags & ENCRYPTED:
            start, stop = ber.expect(data, at, end, ber.SEQUENCE)
            return data, start, stop
        start, stop = ber.expect(data, at, end, ber.OCTETS)
        if self._encryption is None or not flags & AUTHENTICATED:
            raise Malformed("it is encrypted, and nobody asked for that")
        try:
            text = self._encryption.decrypt(
                data[start:stop], parameters.boots, parameters.time, parameters.privacy
            )
        except ValueError as e:
            raise Malformed(str(e)) from e
        return text, *ber.expect(text, 0, len(text), ber.SEQUENCE)

    def _learn(self, flags: int, parameters: _Parameters) -> None:
        """Take the agent's engine once, and its clock when it is signed, or not known yet."""
        if not self.engine and parameters.engine:
            self.engine = parameters.engine
            self._make_keys()
        elif not flags & AUTHENTICATED or parameters.engine != self.engine:
            return
        self.boots, self.time, self._heard = parameters.boots, parameters.time, time.monotonic()

    def _make_keys(self) -> None:
        asked = self.access
        if asked.auth:
            self._signing = signing(asked.auth, asked.auth_password.reveal(), self.engine)
        if asked.privacy:
            password = (asked.privacy_password or asked.auth_password).reveal()
            self._encryption = encryption(asked.privacy, asked.auth, password, self.engine)

    def must_be_signed(self) -> bool:
        """Say whether an answer without a signature is to be trusted no further than a report."""
        return self._signing is not None

    def is_signed(self, data: bytes) -> bool:
        """Say whether an answer says of itself that it is signed; ``open`` has checked that."""
        at, end = ber.expect(data, 0, len(data), ber.SEQUENCE)
        _, at = _number(data, at, end)
        header, stop = ber.expect(data, at, end, ber.SEQUENCE)
        _, at = _number(data, header, stop)
        _, at = _number(data, at, stop)
        start, at = ber.expect(data, at, stop, ber.OCTETS)
        return at > start and bool(data[start] & AUTHENTICATED)


@dataclass(frozen=True, slots=True)
class _Parameters:
    engine: bytes
    boots: int
    time: int
    signed: tuple[int, int]  # where the signature stands in the message
    privacy: bytes

    @classmethod
    def read(cls, data: bytes, start: int, stop: int) -> _Parameters:
        at, end = ber.expect(data, start, stop, ber.SEQUENCE)
        engine, at = _octets(data, at, end)
        boots, at = _number(data, at, end)
        seconds, at = _number(data, at, end)
        _, at = _octets(data, at, end)
        signed = ber.expect(data, at, end, ber.OCTETS)
        privacy, _ = _octets(data, signed[1], end)
        if len(engine) > 32 or not (0 <= boots < 1 << 31 and 0 <= seconds < 1 << 31):
            raise Malformed("its engine or its clock cannot be")
        return cls(engine, boots, seconds, signed, privacy)


def check(access: SnmpAccess) -> None:
    """See to it that the settings of a user of version 3 are whole.

    Raises
    ------
    BadSettings
        If a protocol is not known, or a password is missing or too short.

    """
    problem = _problem(access)
    if problem:
        raise BadSettings(
            f"the SNMPv3 settings of {access} are not whole",
            because=problem,
            try_=f"auth is one of {', '.join(AUTHENTICATION)}; privacy of {', '.join(PRIVACY)}",
        )


def _problem(access: SnmpAccess) -> str:
    if not access.user:
        return "there is no user"
    if access.auth and access.auth not in AUTHENTICATION:
        return f"“{access.auth}” is no authentication protocol that is known"
    if access.privacy and access.privacy not in PRIVACY:
        return f"“{access.privacy}” is no privacy protocol that is known"
    if access.privacy and not access.auth:
        return "there is privacy without authentication"
    for password in (access.auth_password, access.privacy_password):
        if (password or access.auth) and len(
            (password or access.auth_password).reveal()
        ) < SHORTEST_PASSWORD:
            return f"a password has fewer than {SHORTEST_PASSWORD} characters"
    return ""


def _number(data: bytes, at: int, end: int) -> tuple[int, int]:
    start, stop = ber.expect(data, at, end, ber.INTEGER)
    return ber.number(data, start, stop), stop


def _octets(data: bytes, at: int, end: int) -> tuple[bytes, int]:
    start, stop = ber.expect(data, at, end, ber.OCTETS)
    return data[start:stop], stop
