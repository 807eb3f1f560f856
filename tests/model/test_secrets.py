import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whence.model.secrets import HIDDEN, redact, redact_args, redact_file


@pytest.mark.parametrize(
    "text",
    [
        "curl -H 'Authorization: Bearer s3cr3t-s3cr3t' https://example.org/",
        "curl https://user:s3cr3t@example.org/",
        "mysql --password=s3cr3t -u backup",
        "backup --api-key s3cr3t",
        "DB_PASSWORD='s3cr3t' /usr/bin/backup",
        '{"token": "s3cr3t"}',
        "https://example.org/?access_token=s3cr3t&page=2",
        "net user eve s3cr3t /add",
        r'"C:\Windows\System32\net1.exe" user "eve m" "s3cr3t s3cr3t" /domain /add',
        r"reg add HKCU\Software\Acme /v DbPassword /t REG_SZ /d s3cr3t /f",
        "schtasks /create /tn x /ru anna /rp s3cr3t /tr y",
    ],
)
def test_a_secret_is_not_shown(text: str) -> None:
    assert "s3cr3t" not in redact(text)
    assert HIDDEN in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "cd / && run-parts --report /etc/cron.hourly",
        "passwd -S root",
        "systemd-tty-ask-password-agent --watch",
        "ssh -o PasswordAuthentication=no backup@example.org",
        "root:x:0:0:root:/root:/bin/bash",
        "net user eve /add",
        "net use z: /add",
        "<Data Name='CommandLine'>backup --password </Data><Data Name='User'>anna</Data>",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize("secret", ["--password s3cr3t", "password=s3cr3t", "/rp s3cr3t"])
def test_an_event_of_windows_stays_xml(secret: str) -> None:
    told = redact(f"<Data Name='CommandLine'>run {secret}</Data><Data Name='User'>anna</Data>")
    hidden = secret.replace("s3cr3t", HIDDEN)
    assert told == f"<Data Name='CommandLine'>run {hidden}</Data><Data Name='User'>anna</Data>"


def test_an_option_and_its_secret_in_two_arguments() -> None:
    assert redact_args(["x", "--password", "s3cr3t", "-v"]) == ("x", "--password", HIDDEN, "-v")


@given(st.text(max_size=200))
def test_redaction_is_stable(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@given(st.dictionaries(st.sampled_from(["token", "password", "name"]), st.text(max_size=20)))
def test_json_stays_json(document: dict[str, str]) -> None:
    assert json.loads(redact(json.dumps(document))).keys() == document.keys()


def test_of_an_environment_only_the_names_are_kept_but_for_the_loaders() -> None:
    text = "LD_PRELOAD=/x.so\0TOKEN=abc\0HARMLESS=s3cret words\0odd\0"
    told = redact_file("/proc/42/environ", text)
    assert told == f"LD_PRELOAD=/x.so\0TOKEN={HIDDEN}\0HARMLESS={HIDDEN}\0odd\0"
    assert redact_file("/etc/environ", "LANG=C") == "LANG=C"
