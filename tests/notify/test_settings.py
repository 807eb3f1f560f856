from __future__ import annotations

from pathlib import Path

import pytest

from whence.model import BadSettings
from whence.notify.mail import MailSettings
from whence.notify.settings import read_settings
from whence.world.post import Secret


def write(path: Path, text: str, mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_password_from_the_file_is_for_the_server_only(tmp_path: Path) -> None:
    path = write(tmp_path / "notify.toml", '[mail]\nserver = "mx"\npassword = "hunter2"\n')
    settings = read_settings("fw1", {}, path)
    mail = settings.section("mail", MailSettings)
    assert mail.password.reveal() == "hunter2"
    assert "hunter2" not in repr((settings, mail))


def test_the_environment_goes_before_the_file() -> None:
    settings = read_settings("fw1", {"WHENCE_SMTP_PASSWORD": "new"})
    assert settings.secret("WHENCE_SMTP_PASSWORD", Secret("old")).reveal() == "new"


def test_the_file_of_the_user_is_found(tmp_path: Path) -> None:
    write(tmp_path / ".config/whence/notify.toml", '[mail]\nserver = "mx"\n')
    assert read_settings("fw1", {"HOME": str(tmp_path)}).sections == {"mail": {"server": "mx"}}


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_file_that_others_can_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path / "notify.toml", "", mode)
    with pytest.raises(BadSettings, match="others can read it") as told:
        read_settings("fw1", {}, path)
    assert told.value.try_ == f"chmod 600 {path}"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[mail\n", "is not TOML"),
        ('server = "mx"\n', "outside of a section"),
    ],
)
def test_a_file_that_cannot_be_understood(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(BadSettings, match=what):
        read_settings("fw1", {}, write(tmp_path / "notify.toml", text))


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "notify.toml"
    path.write_bytes(b"\xff\xfe")
    path.chmod(0o600)
    with pytest.raises(BadSettings, match="could not read"):
        read_settings("fw1", {}, path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="could not read"):
        read_settings("fw1", {}, tmp_path / "absent.toml")
