"""Programs of Windows whose very run is a change: tasks, services, installations, accounts.

That one was told to do it is not that it did.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from whence.inquiry.imports._windows_paths import base_name, paths_in, words_of
from whence.model.reported import Altered, Started
from whence.model.secrets import redact

LONGEST = 300  # characters of a value that are told
_Told = tuple[str, str, tuple[str, ...]] | None
_SET_UP = {"i": "install", "package": "install", "x": "remove", "uninstall": "remove",
           "p": "patch", "update": "patch", "a": "install", "j": "advertise", "ju": "advertise",
           "jm": "advertise"}  # fmt: skip
_REPAIR = re.compile(r"f[pecmsuvadomw]*")


def told(started: Started) -> Altered | None:
    """Give the change that a process was started for, if it is one of these programs."""
    program = base_name(started.program).removesuffix(".exe")
    reader = _READERS.get(program)
    if reader is None:
        return None
    # net.exe has net1.exe do it, with the same words.
    parent = base_name(started.parent.program) if started.parent else ""
    if program == "net1" and parent == "net.exe":
        return None
    found = reader(words_of(started.command_line)[1:])
    if found is None:
        return None
    kind, what, things = found
    kept = tuple(dict.fromkeys(thing[:LONGEST] for thing in things if thing))
    return Altered(started.line, started.at, started.host, kind,
                   redact(f"{program}.exe was told to {what}"), kept, started.user)  # fmt: skip


def _options(words: Sequence[str]) -> dict[str, str]:
    """Give each option in small letters, with the word after it, unless that is one, too."""
    options: dict[str, str] = {}
    for place, word in enumerate(words):
        if word[:1] in ("/", "-") and len(word) > 1:
            after = words[place + 1] if place + 1 < len(words) else ""
            options.setdefault(word[1:].lower(), "" if after[:1] == "/" else after)
    return options


def _task(words: Sequence[str]) -> _Told:
    options = _options(words)
    doing = next((one for one in ("create", "change", "delete") if one in options), "")
    name, runs = options.get("tn", ""), options.get("tr", "")
    if not doing:
        return None
    from_file = options.get("xml", "")
    what = f"{doing} the scheduled task {name[:LONGEST] or '(without a name)'}"
    what += f": {(runs or from_file)[:LONGEST]}" if runs or from_file else ""
    return "schedule", what, (name, name.lstrip("\\"), *paths_in(runs), *paths_in(from_file))


def _service(words: Sequence[str]) -> _Told:
    if words and words[0].startswith("\\\\"):
        words = words[1:]
    if len(words) < 2 or words[0].lower() not in ("create", "config", "delete"):
        return None
    doing, name = words[0].lower(), words[1]
    given = _pairs(words[2:])
    what = f"{doing if doing != 'config' else 'change'} the service {name[:LONGEST]}"
    shown = [
        f"{key}= {given[key][:LONGEST]}" for key in ("binpath", "start", "obj") if key in given
    ]
    what += f": {', '.join(shown)}" if shown else ""
    return "unit", what, (name, *paths_in(given.get("binpath", "")))


def _pairs(words: Sequence[str]) -> dict[str, str]:
    """Read `binPath= C:\\a.exe start=auto`: the value may stand in the next word."""
    found: dict[str, str] = {}
    place = 0
    while place < len(words):
        key, is_pair, value = words[place].partition("=")
        place += 1
        if is_pair and not value and place < len(words):
            value = words[place]
            place += 1
        if is_pair:
            found.setdefault(key.lower(), value)
    return found


def _installer(words: Sequence[str]) -> _Told:
    """Windows Installer also runs as a service (/V), and for itself (-Embedding)."""
    for place, word in enumerate(words):
        option = word[1:].lower() if word[:1] in ("/", "-") else ""
        after = words[place + 1] if place + 1 < len(words) else ""
        for short in ("i", "x"):  # /iC:\a.msi and /x{GUID} are written, too
            if option.startswith(short) and option[1:2] in ("{", '"', "c", "d", "\\"):
                option, after = short, word[2:].strip('"')
        doing = _SET_UP.get(option) or ("repair" if _REPAIR.fullmatch(option) else "")
        if doing and after:
            things = (after, *paths_in(after), base_name(after))
            return "package", f"{doing} {after[:LONGEST]}", things
    return None


def _account(words: Sequence[str]) -> _Told:
    """The word after the account is its password: it is not told."""
    small = [word.lower() for word in words]
    if len(words) < 3 or small[0] not in ("user", "localgroup", "group"):
        return None
    doing = next((one[1:] for one in small[2:] if one in ("/add", "/delete")), "")
    if not doing:
        return None
    name = words[1]
    members = [word for word in words[2:] if not word.startswith("/")]
    if small[0] == "user":
        return "account", f"{doing} the account {name[:LONGEST]}", (name,)
    if not members:
        return "account", f"{doing} the group {name[:LONGEST]}", (name,)
    who = ", ".join(members)[:LONGEST]
    to = "to" if doing == "add" else "from"
    return "account", f"{doing} {who} {to} the group {name[:LONGEST]}", (name, *members)


def _registry(words: Sequence[str]) -> _Told:
    if len(words) < 2 or words[0].lower() != "add":
        return None
    options, key = _options(words[2:]), words[1]
    name, value = options.get("v", ""), options.get("d", "")
    what = f"add to the registry {key[:LONGEST]}"
    what += f", value {name[:LONGEST]}" if name else ""
    what += f": {value[:LONGEST]}" if value else ""
    whole = f"{key}\\{name}" if name else key
    return "configuration", what, (whole, key, name, *paths_in(value))


_READERS = {
    "schtasks": _task, "sc": _service, "msiexec": _installer, "net": _account, "net1": _account,
    "reg": _registry,
}  # fmt: skip
