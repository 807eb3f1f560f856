"""What Sysmon's events tell of changes, each in the fields of its published manifest."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest

from tests.inquiry.imports.reading import is_complete, read
from whence.inquiry.imports._documents import document
from whence.model.reported import Altered, Started

ANNA = r"CORP\anna"
TASKS = r"C:\Windows\System32\Tasks"
RUN = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run"
SERVICES = r"HKLM\System\CurrentControlSet\Services"
IFEO = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Image File Execution Options"
WINLOGON = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon"


def event(identity: int, security: str = "S-1-5-18", **fields: str) -> str:
    given = {"UtcTime": "2026-11-20 08:40:00.123", **fields}
    data = "".join(f"<Data Name='{key}'>{escape(text)}</Data>" for key, text in given.items())
    return (
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        f"<Provider Name='Microsoft-Windows-Sysmon'/><EventID>{identity}</EventID>"
        "<TimeCreated SystemTime='2026-11-20T08:40:00.2345678Z'/><Computer>srv7</Computer>"
        f"<Security UserID='{security}'/></System><EventData>{data}</EventData></Event>"
    )


def run(command: str, image: str, **more: str) -> str:
    return event(1, ProcessGuid="{1}", ProcessId="4711", Image=image, CommandLine=command,
                 User=ANNA, **more)  # fmt: skip


def changes(*events: str) -> list[Altered]:
    rows, lines = read("\n".join(events), "windows_events")
    assert is_complete(rows, lines)
    assert not lines.strange_lines
    return [row for row in rows if isinstance(row, Altered)]


def left_out(*events: str) -> dict[str, int]:
    rows, lines = read("\n".join(events), "windows_events")
    assert not rows
    return dict(lines.left_out)


def system(program: str) -> str:
    return rf"C:\Windows\System32\{program}"


def test_a_change_has_its_moment_host_user_and_line() -> None:
    _, change = changes(
        event(16, Configuration="a.xml"),
        event(13, EventType="SetValue", Image=r"C:\inv\setup.exe", User=ANNA,
              TargetObject=rf"{RUN}\Inventory", Details=r'"C:\inv\inv.exe" --all'),
    )  # fmt: skip
    assert (
        datetime.fromtimestamp(change.at / 1e6, UTC).isoformat()[:23] == "2026-11-20T08:40:00.123"
    )
    assert (change.host, change.line, change.who) == ("srv7", 2, ANNA)


@pytest.mark.parametrize(
    ("told", "kind", "what", "things"),
    [
        (event(6, ImageLoaded=r"C:\drv\x.sys", Signed="true", Signature="Acme Ltd"), "kernel",
         r"the driver C:\drv\x.sys was loaded, signed by Acme Ltd", (r"C:\drv\x.sys",)),
        (event(6, ImageLoaded=r"C:\drv\x.sys", Signed="false", Signature="-"), "kernel",
         r"the driver C:\drv\x.sys was loaded, which is not signed", (r"C:\drv\x.sys",)),
        (event(11, Image=system("svchost.exe"), TargetFilename=rf"{TASKS}\Acme\Inventory"),
         "schedule", r"the scheduled task Acme\Inventory was written, by svchost.exe",
         (rf"{TASKS}\Acme\Inventory", r"Acme\Inventory", r"\Acme\Inventory")),
        (event(16, Configuration=r"C:\t\Sysmon64.exe -c C:\t\new.xml",
               ConfigurationFileHash="SHA256=AB"), "configuration",
         r"what Sysmon records was changed: C:\t\Sysmon64.exe -c C:\t\new.xml (SHA256=AB)",
         (r"C:\t\Sysmon64.exe", r"C:\t\new.xml", "Sysmon")),
        (event(19, EventType="WmiFilterEvent", Operation="Created", EventNamespace='"root"',
               Name=' "Updater"', Query=' "SELECT * FROM __InstanceModificationEvent"'), "schedule",
         "the WMI filter Updater was created: SELECT * FROM __InstanceModificationEvent",
         ("Updater",)),
        (event(20, EventType="WmiConsumerEvent", Operation="Modified", Name=' "Updater"',
               Type="Command Line", Destination=r' "C:\\inv\\inv.exe --all"'), "schedule",
         r"the WMI consumer Updater was changed: command line C:\inv\inv.exe --all",
         ("Updater", r"C:\inv\inv.exe")),
        (event(21, EventType="WmiBindingEvent", Operation="Created",
               Consumer=r' "CommandLineEventConsumer.Name=\"Updater\""',
               Filter=r' "__EventFilter.Name=\"Noon\""'), "schedule",
         "the WMI consumer Updater was bound to the filter Noon", ("Updater", "Noon")),
        (event(21, Operation="Deleted", Consumer='"Updater"', Filter='"Noon"'), "schedule",
         "the binding of the WMI consumer Updater to the filter Noon was deleted",
         ("Updater", "Noon")),
    ],
)  # fmt: skip
def test_what_events_tell(told: str, kind: str, what: str, things: tuple[str, ...]) -> None:
    (change,) = changes(told)
    assert (change.kind, change.what, change.things) == (kind, what, things)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (r"C:\Windows\SysWOW64\Tasks\Inventory", "schedule"),
        (r"C:\Windows\Tasks\At1.job", "schedule"),
        (r"C:\ProgramData\Microsoft\Windows\Start Menu\Programs\Startup\inv.lnk", "unit"),
        (r"C:\Users\anna\AppData\Roaming\Microsoft\Windows\Start Menu\Programs\StartUp\a.bat",
         "unit"),
        (r"C:\Windows\System32\GroupPolicy\Machine\Scripts\Startup\go.cmd", "unit"),
        (r"C:\Windows\System32\GroupPolicy\Machine\Scripts\scripts.ini", "unit"),
        (r"C:\Users\a\Documents\WindowsPowerShell\Microsoft.PowerShell_profile.ps1", "unit"),
    ],
)  # fmt: skip
def test_files_that_start_something(path: str, kind: str) -> None:
    (change,) = changes(event(11, Image="C:\\a.exe", TargetFilename=path))
    assert (change.kind, change.things[0]) == (kind, path)


@pytest.mark.parametrize(
    "path",
    [r"C:\Users\anna\notes.txt", r"C:\Tasks\plan.docx", r"C:\Windows\System32\TasksOld\a",
     r"C:\games\startup.ini", r"D:\photos\profile.ps1.jpg", ""],
)  # fmt: skip
def test_other_files_are_counted_and_left_out(path: str) -> None:
    told = event(11, Image="C:\\a.exe", TargetFilename=path)
    assert left_out(told, told) == {"events 11 of Microsoft-Windows-Sysmon": 2}


@pytest.mark.parametrize(
    ("target", "details", "thing"),
    [
        (rf"{RUN}\Inventory", r'"C:\Program Files\inv\inv.exe" --all',
         r"C:\Program Files\inv\inv.exe"),
        (r"HKU\S-1-5-21-1-2-3-1001\Software\Microsoft\Windows\CurrentVersion\RunOnce\a",
         r"C:\inv\inv.exe /q", r"C:\inv\inv.exe"),
        (r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Run\a",
         r"C:\Program Files\inv\inv.exe /q", r"C:\Program Files\inv\inv.exe"),
        (rf"{SERVICES}\Inventory\ImagePath", r"%SystemRoot%\inv.exe -k", "Inventory"),
        (rf"{SERVICES}\Inventory\ImagePath", r"%SystemRoot%\inv.exe -k", r"%SystemRoot%\inv.exe"),
        (r"HKLM\System\ControlSet001\Services\Inventory\Parameters\ServiceDll",
         r"C:\inv\inv.dll", "Inventory"),
        (rf"{IFEO}\sethc.exe\Debugger", r"C:\inv\inv.exe", r"C:\inv\inv.exe"),
        (rf"{WINLOGON}\Userinit", r"C:\Windows\system32\userinit.exe,C:\inv\inv.exe",
         r"C:\inv\inv.exe"),
    ],
)  # fmt: skip
def test_values_that_start_something(target: str, details: str, thing: str) -> None:
    (change,) = changes(event(13, EventType="SetValue", Image=system("reg.exe"),
                              TargetObject=target, Details=details))  # fmt: skip
    assert change.kind == "unit"
    assert change.what == f"the registry value {target} was set to {details}, by reg.exe"
    assert change.things[0] == target
    assert thing in change.things


@pytest.mark.parametrize(
    ("identity", "happened", "target", "what"),
    [
        (
            12,
            "DeleteValue",
            rf"{RUN}\Inventory",
            rf"the registry value {RUN}\Inventory was deleted",
        ),
        (12, "DeleteKey", rf"{SERVICES}\Inv", rf"the registry key {SERVICES}\Inv was deleted"),
        (12, "CreateKey", rf"{IFEO}\sethc.exe", rf"the registry key {IFEO}\sethc.exe was created"),
        (14, "RenameValue", rf"{RUN}\a", rf"the registry value {RUN}\a was renamed to {RUN}\b"),
    ],
)
def test_keys_and_values_come_and_go(identity: int, happened: str, target: str, what: str) -> None:
    new = {"NewName": rf"{RUN}\b"} if identity == 14 else {}
    (change,) = changes(event(identity, EventType=happened, TargetObject=target, **new))
    assert change.what == what


@pytest.mark.parametrize(
    ("identity", "happened", "target"),
    [
        (13, "SetValue", r"HKLM\SOFTWARE\Acme\Run\Speed"),
        (13, "SetValue", rf"{SERVICES}\W32Time\Parameters\Type"),
        (13, "SetValue", rf"{WINLOGON}\LastLogOffEndTimePerfCounter"),
        (13, "SetValue", rf"{SERVICES}\bam\State\UserSettings\S-1-5-18\Version"),
        (12, "CreateKey", RUN),
        (12, "CreateKey", rf"{SERVICES}\Tcpip\Parameters"),
        (14, "RenameKey", r"HKU\S-1-5-21\Software\Acme"),
    ],
)
def test_the_rest_of_the_registry_is_left_out(identity: int, happened: str, target: str) -> None:
    told = event(identity, EventType=happened, TargetObject=target, Details="DWORD (0x1)")
    assert left_out(told) == {f"events {identity} of Microsoft-Windows-Sysmon": 1}


@pytest.mark.parametrize("identity", [2, 4, 5, 6, 7, 8, 16, 19, 20, 21, 23, 255])
def test_events_without_what_they_should_tell_are_left_out(identity: int) -> None:
    told = event(identity)
    assert left_out(told) == {f"events {identity} of Microsoft-Windows-Sysmon": 1}


def test_old_sysmon_names_the_user_only_when_a_process_begins() -> None:
    _, change = (
        row for row in read("\n".join((
            event(1, ProcessGuid="{7}", ProcessId="7", Image=r"C:\x.exe", User=ANNA),
            event(13, EventType="SetValue", ProcessGuid="{7}", TargetObject=rf"{RUN}\a"),
        )))[0]
    )  # fmt: skip
    assert isinstance(change, Altered)
    assert change.who == ANNA
    assert changes(event(6, ImageLoaded="C:\\x.sys"))[0].who == "S-1-5-18"


@pytest.mark.parametrize(
    ("image", "command", "kind", "what", "thing"),
    [
        ("schtasks.exe", r'schtasks /Create /SC MINUTE /TN "Acme\Inventory" /TR "C:\inv\inv.exe -a"'
         " /RP Secret1", "schedule",
         r"schtasks.exe was told to create the scheduled task Acme\Inventory: C:\inv\inv.exe -a",
         r"C:\inv\inv.exe"),
        ("schtasks.exe", r'schtasks -create -tn Inv -tr "\"C:\my inv\inv.exe\" --all"', "schedule",
         r'schtasks.exe was told to create the scheduled task Inv: "C:\my inv\inv.exe" --all',
         r"C:\my inv\inv.exe"),
        ("schtasks.exe", r"schtasks.exe /change /tn Inv /disable", "schedule",
         "schtasks.exe was told to change the scheduled task Inv", "Inv"),
        ("SCHTASKS.EXE", r"schtasks /delete /tn Inv /f", "schedule",
         "schtasks.exe was told to delete the scheduled task Inv", "Inv"),
        ("sc.exe", r'sc create Inv binPath= "C:\inv\inv.exe --all" start= auto password= Secret1',
         "unit", r"sc.exe was told to create the service Inv: binpath= C:\inv\inv.exe --all,"
         " start= auto", r"C:\inv\inv.exe"),
        ("sc.exe", r"sc \\srv8 config Inv start=disabled", "unit",
         "sc.exe was told to change the service Inv: start= disabled", "Inv"),
        ("sc.exe", "sc delete Inv", "unit", "sc.exe was told to delete the service Inv", "Inv"),
        ("msiexec.exe", r'"C:\Windows\System32\msiexec.exe" /i "C:\dl\inv 4.msi" /qn', "package",
         r"msiexec.exe was told to install C:\dl\inv 4.msi", "inv 4.msi"),
        ("msiexec.exe", "msiexec /x{90160000-008C-0000-0000-0000000FF1CE} /qn", "package",
         "msiexec.exe was told to remove {90160000-008C-0000-0000-0000000FF1CE}",
         "{90160000-008C-0000-0000-0000000FF1CE}"),
        ("net.exe", "net user eve Secret1 /add", "account",
         "net.exe was told to add the account eve", "eve"),
        ("net1.exe", "net1 user eve /delete", "account",
         "net1.exe was told to delete the account eve", "eve"),
        ("net.exe", "net localgroup Administrators eve /add", "account",
         "net.exe was told to add eve to the group Administrators", "eve"),
        ("reg.exe", r'reg add "HKCU\Software\Acme" /v Server /t REG_SZ /d 10.9.3.7 /f',
         "configuration",
         r"reg.exe was told to add to the registry HKCU\Software\Acme, value Server: 10.9.3.7",
         r"HKCU\Software\Acme\Server"),
    ],
)  # fmt: skip
def test_commands_that_change(image: str, command: str, kind: str, what: str, thing: str) -> None:
    rows, lines = read(run(command, system(image)), "windows_events")
    started, change = rows
    assert is_complete(rows, lines)
    assert isinstance(started, Started)
    assert started.command_line == command
    assert isinstance(change, Altered)
    assert (change.kind, change.what, change.who) == (kind, what, ANNA)
    assert thing in change.things
    assert "Secret1" not in str((change.what, change.things))


@pytest.mark.parametrize(
    ("image", "command"),
    [
        ("schtasks.exe", "schtasks /query /tn Inv"),
        ("schtasks.exe", "schtasks /run /tn create"),
        ("sc.exe", "sc query Inv"),
        ("sc.exe", "sc"),
        ("msiexec.exe", r"C:\Windows\system32\msiexec.exe /V"),
        ("msiexec.exe", r"C:\Windows\syswow64\MsiExec.exe -Embedding 7C1D7AF1 C Global\MSI0000"),
        ("net.exe", "net use Z: \\\\srv\\share /add"),
        ("net.exe", "net user eve"),
        ("net.exe", "net"),
        ("reg.exe", r"reg query HKLM\Software\add"),
        ("notepad.exe", "notepad schtasks /create /tn x"),
        ("mysc.exe", "sc create x"),
    ],
)
def test_commands_that_only_ask(image: str, command: str) -> None:
    (row,) = read(run(command, system(image)), "windows_events")[0]
    assert isinstance(row, Started)


def test_a_password_in_the_registry_is_not_told() -> None:
    (change,) = changes(run("reg add HKCU\\Acme /v Password /d Secret1", system("reg.exe")))
    assert "Secret1" not in str((change.what, change.things))


def test_net_that_has_net1_do_it_is_told_once() -> None:
    _, change, _ = read("\n".join((
        run("net user eve pw /add", system("net.exe")),
        run("net1 user eve pw /add", system("net1.exe"), ParentProcessId="9",
            ParentImage=system("net.exe")),
    )))[0]  # fmt: skip
    assert isinstance(change, Altered)
    assert change.what.startswith("net.exe was told")


def test_documents_name_what_it_is_about() -> None:
    told = [document(change, "", 0) for change in changes(
        event(13, EventType="SetValue", TargetObject=rf"{RUN}\a", User=ANNA),
        event(6, ImageLoaded=r"C:\x.sys"),
        run("sc delete Inv", system("sc.exe")),
    )]  # fmt: skip
    assert (told[0]["registry"], told[0]["user"]) == ({"path": rf"{RUN}\a"}, {"name": ANNA})
    assert (told[1]["file"], told[1]["user"]) == ({"path": r"C:\x.sys"}, {"id": "S-1-5-18"})
    assert told[2]["service"] == {"name": "Inv"}


def test_an_endless_command_line_is_read_soon_and_cut() -> None:
    (change,) = changes(run("schtasks /create /tn " + '"\\' * 300_000, system("schtasks.exe")))
    assert len(change.what) < 1000
