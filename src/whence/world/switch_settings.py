"""Which switches there are and what they want to be told: a file, the environment, or a URL.

Secrets never leave this module but inside of a ``Secret``: a ``Way``, which cases keep, has none.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from whence.model import BadSettings
from whence.world.post import NO_SECRET, Secret
from whence.world.private_file import read_private
from whence.world.snmp_access import PORT, PUBLIC, SnmpAccess
from whence.world.snmp_secured import check
from whence.world.switch_list import Way

FILE = "whence/switches.toml"
FORMS = "snmp://HOST, snmp://COMMUNITY@HOST:PORT?version=2c, ssh://USER@HOST?platform=cisco_ios,"
FORMS += " bridge:br0, bridge:br0?namespace=NAME or ovs:br0"
VERSIONS = ("1", "2c", "3")
SECRETS = ("community", "auth_password", "privacy_password", "password")
PLAIN = (
    *("url", "name", "version", "user", "auth", "privacy", "context"),
    *("platform", "namespace", "ssh_config"),
)
OPTIONS = {  # of a URL, by scheme
    "snmp": ("version", "user", "auth", "privacy", "context", "name"),
    "ssh": ("platform", "name"),
    "bridge": ("namespace", "name"),
    "ovs": ("namespace", "name"),
}
# What the environment says goes before the file; each is for all switches.
VARIABLES = {
    "community": "WHENCE_SNMP_COMMUNITY",
    "version": "WHENCE_SNMP_VERSION",
    "user": "WHENCE_SNMP_USER",
    "auth": "WHENCE_SNMP_AUTH",
    "auth_password": "WHENCE_SNMP_AUTH_PASSWORD",
    "privacy": "WHENCE_SNMP_PRIVACY",
    "context": "WHENCE_SNMP_CONTEXT",
    "privacy_password": "WHENCE_SNMP_PRIVACY_PASSWORD",
    "password": "WHENCE_SSH_PASSWORD",
}
NETBOX_URL, NETBOX_TOKEN = "WHENCE_NETBOX_URL", "WHENCE_NETBOX_TOKEN"
LIST = "WHENCE_SWITCHES"  # URLs with spaces between them, instead of the file's list
_NAME = re.compile(r"[^\s/?#@]{1,255}")


@dataclass(frozen=True, slots=True)
class Login:
    """Who logs in at a command line."""

    host: str
    port: int | None
    user: str
    platform: str
    password: Secret = NO_SECRET  # none: a key, or an agent
    config: str = ""  # a file of ssh_config(5) instead of the user's


@dataclass(frozen=True, slots=True)
class Configured:
    """A switch, and what it wants to be told; None where it is a bridge of this machine."""

    way: Way
    access: SnmpAccess | Login | None = None


@dataclass(frozen=True, slots=True)
class NetBoxLogin:
    """A NetBox that has the cables, and the token that it wants."""

    url: str
    token: Secret


@dataclass(frozen=True, slots=True)
class SwitchSettings:
    """The switches that were set, and what goes for any other."""

    switches: tuple[Configured, ...]
    defaults: Mapping[str, str | Secret]
    netbox: NetBoxLogin | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> SwitchSettings:
        """Read the environment and the user's file, if there is one.

        Raises
        ------
        BadSettings
            If the file can be read by others, is not TOML, or has what is not known.

        """
        path = place(environment)
        sections = _parse(path) if path.exists() else {}
        defaults = _words(sections.pop("defaults", {}), f"[defaults] of {path}")
        defaults |= {
            name: _hidden(name, environment[variable])
            for name, variable in VARIABLES.items()
            if variable in environment
        }
        netbox = _netbox(sections.pop("netbox", {}), environment, f"[netbox] of {path}")
        entries = sections.pop("switch", [])
        if sections or not isinstance(entries, list):
            unknown = ", ".join(sections) or "switch"
            raise BadSettings(f"{path} has what is not known", because=unknown, try_="[[switch]]")
        told = [_words(entry, f"a [[switch]] of {path}") for entry in entries]
        if LIST in environment:
            told = [{"url": url} for url in environment[LIST].split()]
        found = tuple(_configured(defaults | one) for one in told)
        return cls(found, defaults, netbox)

    def find(self, text: str) -> Configured:
        """Give the switch that a name of the settings, or a URL, stands for."""
        for one in self.switches:
            if text == one.way.name:
                return one
        return _configured({**self.defaults, "url": text})

    def agent_at(self, address: str, named: Sequence[str] = ()) -> SnmpAccess | None:
        """Give how the SNMP agent at an address is asked; None where nobody said how.

        A community is a password, and is only sent to who is named, or where it is for all.
        """
        for one in self.chosen(named):
            if isinstance(one.access, SnmpAccess) and one.access.host == address:
                return one.access
        if not self.defaults.keys() & {"community", "user"}:
            return None
        host = f"[{address}]" if ":" in address else address
        access = _configured({**self.defaults, "url": f"snmp://{host}"}).access
        return access if isinstance(access, SnmpAccess) else None

    def chosen(self, named: Sequence[str]) -> tuple[Configured, ...]:
        """Give the switches that these names or URLs stand for; all that were set, without any."""
        return tuple(self.find(text) for text in named) or self.switches


def place(environment: Mapping[str, str]) -> Path:
    """Say where the file of switches is, or would be."""
    home = environment.get("XDG_CONFIG_HOME") or environment.get("HOME", "") + "/.config"
    return Path(home, FILE)


def _parse(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(read_private(path))
    except tomllib.TOMLDecodeError as e:
        raise BadSettings(f"{path} is not TOML", because=str(e)) from None


def _words(entry: object, where: str) -> dict[str, str | Secret]:
    """Take the settings of a section, hiding what is secret."""
    if not isinstance(entry, dict):
        raise BadSettings(f"{where} is not right", because="it is no table")
    for name, value in entry.items():
        if name not in (*SECRETS, *PLAIN):
            known = ", ".join((*PLAIN, *SECRETS))
            raise BadSettings(f"{where} is not right", because=f"{name} is not known", try_=known)
        if not isinstance(value, str):
            raise BadSettings(f"{where} is not right", because=f"{name} is no text")
    return {name: _hidden(name, value) for name, value in entry.items()}


def _hidden(name: str, value: str) -> str | Secret:
    return Secret(value) if name in SECRETS else value


def _netbox(entry: object, environment: Mapping[str, str], where: str) -> NetBoxLogin | None:
    told = {"url": environment.get(NETBOX_URL, ""), "token": environment.get(NETBOX_TOKEN, "")}
    told = {name: value for name, value in told.items() if value}
    if not isinstance(entry, dict) or not all(isinstance(one, str) for one in entry.values()):
        raise BadSettings(f"{where} is not right", because="it is no table of texts")
    if unknown := entry.keys() - {"url", "token"}:
        raise BadSettings(f"{where} is not right", because=f"{min(unknown)} is not known")
    told = entry | told
    if not told:
        return None
    if not told.get("url", "").startswith(("http://", "https://")):
        raise BadSettings(f"{where} is not right", because="its url begins with neither https://"
                          " nor http://")  # fmt: skip
    if "@" in told["url"].split("/")[2]:
        raise BadSettings(f"{where} is not right", because="its url has a name or a password in it",
                          try_="NetBox wants a token: token = \"…\"")  # fmt: skip
    return NetBoxLogin(told["url"].rstrip("/"), Secret(told.get("token", "")))


def _configured(words: Mapping[str, str | Secret]) -> Configured:
    url = words.get("url", "")
    assert isinstance(url, str)  # only what is in SECRETS is hidden
    parts, options = _take_apart(url)
    told = {**words, **options}
    if parts.scheme in ("bridge", "ovs"):
        return _bridge(parts, told)
    host = parts.hostname
    if not host:
        raise _not_a_switch("it names no host")
    name = _text(told, "name") or (host if parts.port in (None, PORT) else f"{host}:{parts.port}")
    if parts.scheme == "ssh":
        return _terminal(parts, told, name, host)
    return _agent(parts, told, name, host)


def _take_apart(url: str) -> tuple[SplitResult, dict[str, str]]:
    try:
        parts = urlsplit(url if ":" in url else f"snmp://{url}")
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        port = parts.port
    except ValueError:  # its text would repeat the community
        raise _not_a_switch("its host, port or options cannot be read") from None
    if parts.scheme not in OPTIONS:
        raise _not_a_switch("it begins with none of " + ", ".join(f"{one}:" for one in OPTIONS))
    unknown = options.keys() - set(OPTIONS[parts.scheme])
    if unknown:
        raise _not_a_switch(f"{parts.scheme} has no option {', '.join(sorted(unknown))}")
    if port == 0 or parts.password is not None:
        because = "there is no port 0" if port == 0 else "everybody could read the password in it"
        raise _not_a_switch(because)
    return parts, options


def _bridge(parts: SplitResult, told: Mapping[str, str | Secret]) -> Configured:
    bridge, namespace = parts.path or parts.netloc, _text(told, "namespace")
    for one in filter(None, (bridge, namespace)):
        if one.startswith("-") or not _NAME.fullmatch(one):
            raise _not_a_switch("that is no name of a bridge, or of a namespace")
    if not bridge:
        raise _not_a_switch("it names no bridge")
    options = {"namespace": namespace} if namespace else {}
    return Configured(Way(_text(told, "name") or bridge, parts.scheme, bridge, options))


def _terminal(
    parts: SplitResult, told: Mapping[str, str | Secret], name: str, host: str
) -> Configured:
    user = unquote(parts.username or "") or _text(told, "user")
    platform = _text(told, "platform")
    if not user or not platform or user.startswith("-") or host.startswith("-"):
        raise _not_a_switch("ssh needs a user and a platform")
    password, config = _secret(told, "password") or NO_SECRET, _text(told, "ssh_config")
    login = Login(host, parts.port, user, platform, password, config)
    return Configured(Way(name, "ssh", host, {"platform": platform}), login)


def _agent(
    parts: SplitResult, told: Mapping[str, str | Secret], name: str, host: str
) -> Configured:
    given = unquote(parts.username or "")
    version = _text(told, "version") or ("3" if _text(told, "user") else "2c")
    if version not in VERSIONS:
        raise _not_a_switch(f"version is one of {', '.join(VERSIONS)}")
    third = version == "3"
    access = SnmpAccess(
        host,
        parts.port or PORT,
        version,
        Secret(given) if given and not third else _secret(told, "community") or PUBLIC,
        (given or _text(told, "user")) if third else "",
        _text(told, "auth") if third else "",
        _secret(told, "auth_password") or NO_SECRET,
        _text(told, "privacy") if third else "",
        _secret(told, "privacy_password") or NO_SECRET,
        _text(told, "context") if third else "",
    )
    if third:
        check(access)
    return Configured(Way(name, "snmp", str(access), {"version": version}), access)


def _text(told: Mapping[str, str | Secret], name: str) -> str:
    value = told.get(name, "")
    return value if isinstance(value, str) else ""


def _secret(told: Mapping[str, str | Secret], name: str) -> Secret | None:
    value = told.get(name)
    return value if isinstance(value, Secret) else None


def _not_a_switch(because: str) -> BadSettings:
    """Say what is wrong with a URL without repeating it: a community may stand in it."""
    return BadSettings("this is not a switch that can be asked", because=because, try_=FORMS)
