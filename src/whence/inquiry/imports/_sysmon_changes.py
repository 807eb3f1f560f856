"""What Sysmon tells of changes: drivers, autostarts, scheduled tasks, WMI, its own settings."""

from __future__ import annotations

import re
from collections.abc import Mapping

from whence.inquiry.imports._windows_paths import base_name, paths_in
from whence.model.reported import Altered

Fields = Mapping[str, str]
LONGEST = 300  # characters of a value that are told
_FOLDERS = (  # files that start something just by lying there
    (re.compile(r"(?i)\\(?:System32|SysWOW64)\\Tasks\\(?P<name>.+)$"), "schedule",
     "the scheduled task {name} was written"),
    (re.compile(r"(?i)\\Windows\\Tasks\\(?P<name>[^\\]+)\.job$"), "schedule",
     "the scheduled task {name} was written"),
    (re.compile(r"(?i)\\GroupPolicy(?:Users)?\\.*\\Scripts\\(?:Startup|Shutdown|Logon|Logoff)\\"
                r"(?P<name>[^\\]+)$"), "unit",
     "{name} was put with the scripts of the group policy"),
    (re.compile(r"(?i)\\GroupPolicy(?:Users)?\\.*\\Scripts\\(?P<name>(?:ps)?scripts\.ini)$"),
     "unit", "the list of scripts of the group policy was written, {name}"),
    (re.compile(r"(?i)\\Startup\\(?P<name>[^\\]+)$"), "unit",
     "{name} was put into the startup folder"),
    (re.compile(r"(?i)\\(?:Windows)?PowerShell\\(?:.*\\)?(?P<name>(?:Microsoft\.\w+_)?profile\.ps1)$"),
     "unit", "the profile of PowerShell was written, {name}"),
)  # fmt: skip
_RUN = r"\\CurrentVersion\\(?:Policies\\Explorer\\)?Run(?:Once|OnceEx|Services|ServicesOnce)?\\"
_SERVICES = r"\\(?:CurrentControlSet|ControlSet\d+)\\Services\\(?P<service>[^\\]+)"
_VALUES = re.compile(  # that name what is to be started
    r"(?i)(?:" + _RUN + r"(?:.*\\)?[^\\]+"
    r"|" + _SERVICES + r"\\(?:ImagePath|FailureCommand|Parameters\\(?:ServiceDll|Application))"
    r"|\\Image File Execution Options\\(?:[^\\]+\\)+(?:Debugger|GlobalFlag|VerifierDlls)"
    r"|\\SilentProcessExit\\[^\\]+\\(?:MonitorProcess|ReportingMode)"
    r"|\\Winlogon\\(?:Shell|Userinit|Taskman|System|VmApplet|AppSetup|GinaDLL|UIHost"
    r"|Notify\\[^\\]+\\DLLName)"
    r"|\\Windows NT\\CurrentVersion\\Windows\\(?:AppInit_DLLs|LoadAppInit_DLLs|Load|Run)"
    r"|\\Active Setup\\Installed Components\\[^\\]+\\StubPath"
    r"|\\Session Manager\\(?:BootExecute|AppCertDlls\\[^\\]+))$"
)
_KEYS = re.compile(  # that are themselves one thing that is started
    r"(?i)(?:" + _SERVICES + r"|\\Image File Execution Options\\[^\\]+"
    r"|\\SilentProcessExit\\[^\\]+)$"
)
_WMI = {19: "filter", 20: "consumer", 21: "binding"}
_HAPPENED = {"created": "created", "modified": "changed", "deleted": "deleted"}
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def told(line: int, at: int, host: str, identity: int, data: Fields, who: str) -> Altered | None:
    """Give the change that an event is, if it is about something that starts things."""
    found = _READERS[identity](data, identity) if identity in _READERS else None
    if found is None:
        return None
    kind, what, things = found
    kept = tuple(dict.fromkeys(thing[:LONGEST] for thing in things if thing))
    return Altered(line, at, host, kind, what, kept, who)


_Told = tuple[str, str, tuple[str, ...]] | None


def _driver(data: Fields, _identity: int) -> _Told:
    path = data.get("ImageLoaded", "")
    if not path:
        return None
    signature = data.get("Signature", "").strip(" -")
    by = f", signed by {signature[:LONGEST]}" if signature else ""
    by = ", which is not signed" if data.get("Signed", "").lower() == "false" else by
    return "kernel", f"the driver {path[:LONGEST]} was loaded{by}", (path,)


def _file(data: Fields, _identity: int) -> _Told:
    path = data.get("TargetFilename", "")
    for pattern, kind, words in _FOLDERS:
        if found := pattern.search(path):
            name = found["name"]
            what = words.format_map({"name": name[:LONGEST]})
            return kind, what + _by(data), (path, name, f"\\{name}")
    return None


def _registry(data: Fields, identity: int) -> _Told:
    """Take what is started by itself. Rights, sizes and the like of the same keys are not it."""
    target, renamed = data.get("TargetObject", ""), data.get("NewName", "")
    happened = data.get("EventType", "").lower()
    pattern = _KEYS if happened.endswith("key") else _VALUES
    found = pattern.search(target) or pattern.search(renamed)
    if found is None:
        return None
    service = found.groupdict().get("service") or ""
    name = target[:LONGEST]
    details = data.get("Details", "")
    value = "key" if happened.endswith("key") else "value"
    if identity == 13:
        what = f"the registry value {name} was set to {details[:LONGEST] or 'nothing'}"
    elif identity == 14:
        what = f"the registry {value} {name} was renamed to {renamed[:LONGEST]}"
    else:
        done = {"d": "deleted"}.get(happened[:1], "created")
        what = f"the registry {value} {name} was {done}"
    things = (target, renamed, service or target.rpartition("\\")[2], *paths_in(details))
    return "unit", what + _by(data), things


def _own_settings(data: Fields, _identity: int) -> _Told:
    given = data.get("Configuration", "")
    digest = data.get("ConfigurationFileHash", "").strip(" -")
    if not given and not digest:
        return None
    to = f": {given[:LONGEST]}" if given else ""
    to += f" ({digest[:LONGEST]})" if digest else ""
    return "configuration", f"what Sysmon records was changed{to}", (*paths_in(given), "Sysmon")


def _wmi(data: Fields, identity: int) -> _Told:
    done = _HAPPENED.get(data.get("Operation", "").lower())
    if not done:
        return None
    name = _bare(data.get("Name", ""))
    if identity == 21:
        ends = [_last_name(data.get(end, "")) for end in ("Consumer", "Filter")]
        what = f"the WMI consumer {ends[0]} was bound to the filter {ends[1]}"
        if done != "created":
            what = f"the binding of the WMI consumer {ends[0]} to the filter {ends[1]} was {done}"
        return ("schedule", what, tuple(ends)) if all(ends) else None
    starts = _bare(data.get("Destination" if identity == 20 else "Query", ""))
    kind = f"{data['Type'].lower()} " if identity == 20 and data.get("Type") else ""
    what = f"the WMI {_WMI[identity]} {name[:LONGEST]} was {done}"
    what += f": {kind}{starts[:LONGEST]}" if starts else ""
    things = (name, *(paths_in(starts) if identity == 20 else ()))
    return ("schedule", what, things) if name else None


def _bare(text: str) -> str:
    """Sysmon writes what WMI gave, with its quotes."""
    text = text.strip()
    inside = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    return re.sub(r'\\(["\\])', r"\1", inside) if inside is not text else text


def _last_name(text: str) -> str:
    r"""`"CommandLineEventConsumer.Name=\"Updater\""` names Updater."""
    named = _QUOTED.findall(_bare(text))
    return (named[-1] if named else _bare(text))[:LONGEST]


def _by(data: Fields) -> str:
    image = base_name(data.get("Image", ""))
    return f", by {image[:LONGEST]}" if image else ""


_READERS = {
    6: _driver, 11: _file, 12: _registry, 13: _registry, 14: _registry, 16: _own_settings,
    19: _wmi, 20: _wmi, 21: _wmi,
}  # fmt: skip
