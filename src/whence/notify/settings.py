"""What a channel needs besides its address: servers, certificates, secrets."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from whence.model import BadSettings
from whence.world.post import Secret
from whence.world.private_file import read_private

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Settings:
    """What was set in the settings file and the environment, and this machine's name."""

    host: str
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    sections: Mapping[str, Mapping[str, object]] = field(default_factory=dict, repr=False)
    ca: Path | None = None  # authorities to trust instead of the system's and the file's
    patience: float = 20.0  # seconds that a server may take for an answer

    def section(self, name: str, kind: type[T]) -> T:
        """Give a section of the settings file as the channel declares it.

        Raises
        ------
        BadSettings
            If a setting is unknown or of the wrong type.

        """
        try:
            return msgspec.convert(dict(self.sections.get(name, {})), kind, dec_hook=_decode)
        except msgspec.ValidationError as e:
            raise BadSettings(f"the section [{name}] is not right", because=str(e)) from None

    def authorities(self, ca: str) -> Path | None:
        """Give the certificates to trust instead of the system's, with ``ca`` from the file."""
        return self.ca or (Path(ca) if ca else None)

    def secret(self, variable: str, otherwise: Secret) -> Secret:
        """Give the secret of an environment variable, which goes before that of the file."""
        return Secret(self.environment[variable]) if variable in self.environment else otherwise


def read_settings(
    host: str, environment: Mapping[str, str], path: Path | None = None, ca: Path | None = None
) -> Settings:
    """Read the settings file: ``path``, or the user's, or the system's, or none.

    Raises
    ------
    BadSettings
        If the file is not TOML, or can be read by others, or ``path`` is not there.

    """
    chosen = path or next(filter(_readable, _places(environment)), None)
    sections = _parse(chosen) if chosen else {}
    return Settings(host, environment, sections, ca)


def _places(environment: Mapping[str, str]) -> tuple[Path, ...]:
    home = environment.get("XDG_CONFIG_HOME") or environment.get("HOME", "") + "/.config"
    return Path(home, "whence/notify.toml"), Path("/etc/whence/notify.toml")


def _readable(path: Path) -> bool:
    try:
        with path.open("rb"):
            return True
    except OSError:
        return False


def _parse(path: Path) -> Mapping[str, Mapping[str, object]]:
    try:
        sections = tomllib.loads(read_private(path))
    except tomllib.TOMLDecodeError as e:
        raise BadSettings(f"{path} is not TOML", because=str(e)) from None
    for name, section in sections.items():
        if not isinstance(section, dict):
            raise BadSettings(f"{path} has a setting outside of a section", because=name)
    return sections


def _decode(kind: type, value: object) -> object:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise TypeError(f"expected {kind.__name__}")
