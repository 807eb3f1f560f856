import os
from pathlib import Path

import pytest

from whence.model import CannotAsk
from whence.world import EPOCH, lease_files
from whence.world.lease_files import TheseLeaseFiles


def files(*given: Path, root: str = "/") -> TheseLeaseFiles:
    return TheseLeaseFiles(given, "here", lambda: EPOCH, root)


def test_files_in_usual_places_are_found(tmp_path: Path) -> None:
    for name in ("var/lib/kea/kea-leases4.csv", "var/lib/kea/kea-leases4.csv.2",
                 "var/lib/misc/dnsmasq.leases", "var/lib/misc/other"):  # fmt: skip
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    found = files(root=str(tmp_path)).files().text.split()
    assert [os.path.relpath(name, tmp_path) for name in found] == [
        "var/lib/kea/kea-leases4.csv",
        "var/lib/kea/kea-leases4.csv.2",
        "var/lib/misc/dnsmasq.leases",
    ]


def test_the_files_that_the_user_names_stand_in_their_place(tmp_path: Path) -> None:
    assert files(tmp_path / "mine").files().text == f"{tmp_path}/mine\n"


def test_what_powershell_writes_is_read(tmp_path: Path) -> None:
    file = tmp_path / "leases.csv"
    file.write_bytes('"IPAddress","HostName"\r\n"192.0.2.7","Büro"\r\n'.encode("utf-16"))
    assert files().contents(str(file)).text == '"IPAddress","HostName"\n"192.0.2.7","Büro"\n'


def test_a_file_that_is_too_long_or_gone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease_files, "LARGEST", 10)
    (tmp_path / "long").write_bytes(b"x" * 11)
    with pytest.raises(CannotAsk, match="is too long"):
        files().contents(f"{tmp_path}/long")
    with pytest.raises(CannotAsk, match="is not there"):
        files().contents(f"{tmp_path}/gone")
