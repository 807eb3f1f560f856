"""Keys and ciphers of SNMPv3: RFC 3414 (MD5, SHA-1, DES), RFC 7860 (SHA-2), RFC 3826 (AES).

AES with 192 and 256 bits never became a standard: keys are extended as
draft-blumenthal-aes-usm-04 says, or, with a c behind the name, as Cisco does it
(draft-reeder-snmpv3-usm-3desede-00 section 2.1).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from whence.model import BadSettings

if TYPE_CHECKING:
    from cryptography.hazmat.decrepit.ciphers.modes import CFB
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.modes import CBC

# The name of the hash, and how many octets of the HMAC are sent.
AUTHENTICATION: Mapping[str, tuple[str, int]] = {
    "md5": ("md5", 12),
    "sha": ("sha1", 12),
    "sha224": ("sha224", 16),
    "sha256": ("sha256", 24),
    "sha384": ("sha384", 32),
    "sha512": ("sha512", 48),
}
PRIVACY: Mapping[str, int] = {  # octets of the key
    "des": 16,
    "aes": 16,
    "aes192": 24,
    "aes256": 32,
    "aes192c": 24,
    "aes256c": 32,
}
EXPANDED = 1 << 20  # octets that a password is repeated to, RFC 3414 section A.2
SHORTEST_PASSWORD = 8  # RFC 3414 section 11.2


@dataclass(frozen=True, slots=True)
class Signing:
    """Signs messages for one agent."""

    hash: str
    length: int
    key: bytes

    def sign(self, message: bytes) -> bytes:
        """Give the HMAC of a message, as long as it is sent."""
        return hmac.digest(self.key, message, self.hash)[: self.length]


@dataclass(frozen=True, slots=True)
class Encryption:
    """Encrypts what a message says, for one agent; ``boots`` and ``time`` are the agent's."""

    name: str
    key: bytes

    def encrypt(self, text: bytes, boots: int, time: int, salt: int) -> tuple[bytes, bytes]:
        """Give the encrypted text, and the parameters that are sent with it."""
        if self.name == "des":
            parameters = boots.to_bytes(4, "big") + (salt & 0xFFFFFFFF).to_bytes(4, "big")
            text += bytes(-len(text) % 8)
        else:
            parameters = salt.to_bytes(8, "big")
        encryptor = self._cipher(boots, time, parameters).encryptor()
        return encryptor.update(text) + encryptor.finalize(), parameters

    def decrypt(self, text: bytes, boots: int, time: int, parameters: bytes) -> bytes:
        """Give the text; ValueError if its length, or that of the parameters, cannot be right."""
        if len(parameters) != 8 or (self.name == "des" and len(text) % 8):
            raise ValueError("what is encrypted is not of a length that can be")
        decryptor = self._cipher(boots, time, parameters).decryptor()
        return decryptor.update(text) + decryptor.finalize()

    def _cipher(self, boots: int, time: int, parameters: bytes) -> Cipher[CBC] | Cipher[CFB]:
        from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
        from cryptography.hazmat.decrepit.ciphers.modes import CFB
        from cryptography.hazmat.primitives.ciphers import Cipher
        from cryptography.hazmat.primitives.ciphers.algorithms import AES
        from cryptography.hazmat.primitives.ciphers.modes import CBC

        if self.name == "des":  # is 3DES with three times the same key
            vector = bytes(a ^ b for a, b in zip(self.key[8:16], parameters, strict=True))
            return Cipher(TripleDES(self.key[:8] * 3), CBC(vector))
        clock = boots.to_bytes(4, "big") + time.to_bytes(4, "big")
        return Cipher(AES(self.key), CFB(clock + parameters))


def signing(name: str, password: str, engine: bytes) -> Signing:
    """Make what signs messages for the agent with this engine id."""
    digest, length = AUTHENTICATION[name]
    return Signing(digest, length, _localized(digest, password.encode(), engine))


def encryption(name: str, auth: str, password: str, engine: bytes) -> Encryption:
    """Make what encrypts for the agent with this engine id.

    Raises
    ------
    BadSettings
        If the package that has the ciphers is not installed.

    """
    try:
        import cryptography  # noqa: F401  only where somebody encrypts
    except ModuleNotFoundError as e:
        raise BadSettings(
            "SNMPv3 with privacy needs the package cryptography",
            because="it is not installed",
            try_="pip install 'whence[snmp3]'",
        ) from e
    digest = AUTHENTICATION[auth][0]
    size = PRIVACY[name]
    key = _localized(digest, password.encode(), engine)
    while len(key) < size:
        key += (
            _localized(digest, key, engine)
            if name.endswith("c")
            else hashlib.new(digest, key, usedforsecurity=True).digest()
        )
    return Encryption(name, key[:size])


def _localized(digest: str, password: bytes, engine: bytes) -> bytes:
    """Make the key of a password for one agent, RFC 3414 sections A.2 and 2.6."""
    times, rest = divmod(EXPANDED, len(password))
    master = hashlib.new(digest, password * times + password[:rest]).digest()
    return hashlib.new(digest, master + engine + master).digest()
