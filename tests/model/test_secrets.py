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
        r"net use z: \\srv\share s3cr3t /user:acme\anna",
        "ConvertTo-SecureString 's3cr3t' -AsPlainText -Force",
        "xfreerdp /u:anna /p:s3cr3t /v:198.51.100.7",
        "openssl enc -aes-256-cbc -in x -passin pass:s3cr3t",
        "sqlplus scott/s3cr3t@db",
        "nmcli device wifi connect Acme password s3cr3t",
        "PresharedKey = s3cr3t",
        'psk="s3cr3t"',
        "bindpw s3cr3t",
        "requirepass s3cr3t",
        "machine ftp.example.org login anna password s3cr3t",
        "  password s3cr3t",
        "username anna privilege 15 secret 0 s3cr3t",
        "username anna password s3cr3t",
        "set psksecret ENC s3cr3t",
        "server 192.0.2.9 key 7 s3cr3t",
        "neighbor 192.0.2.1 password s3cr3t",
        'pre-shared-key ascii-text "s3cr3t"; ## SECRET-DATA',
        "snmp-server community s3cr3t RO",
        "snmp-server host 192.0.2.1 traps version 2c s3cr3t",
        "trap2sink 192.0.2.1 s3cr3t",
        "com2sec local default s3cr3t",
        "poll 192.0.2.1 community s3cr3t",
        '{"community": "s3cr3t"}',
        "https://hooks.slack.com/services/T00000000/B00000000/s3cr3ts3cr3ts3cr3ts3cr3t",
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
        "trap2sink 192.0.2.1 public",
        "Zabbix community edition",
        "SNMP uses a community string",
        "it asks for a password 8 characters long; the user enters password again",
        "foreign key 7 of table sites",
        "docker run -p 8080:80 nginx",
        "mysql -p backup",
        "curl -o x -u anna https://example.org/",
        "echo $1$HOME; awk '{print $6}'",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_all_of_a_quoted_secret_is_hidden() -> None:
    told = redact("""x --password "s3 cr3t" --token 's3 cr3t' -v""")
    assert told == f"""x --password "{HIDDEN}" --token '{HIDDEN}' -v"""


@pytest.mark.parametrize(
    "command",
    ['x --password="s3cr3t"', 'x --password "s3 cr3t" y', "x --password s3cr3t", "token: 's3cr3t'"],
)
def test_a_command_line_in_json_is_hidden_and_stays_json(command: str) -> None:
    told = redact(json.dumps({"args": command, "next": "kept"}))
    assert HIDDEN in json.loads(told)["args"]
    assert json.loads(told)["next"] == "kept"
    assert "cr3t" not in told


@pytest.mark.parametrize("secret", ["--password s3cr3t", "password=s3cr3t", "/rp s3cr3t"])
def test_an_event_of_windows_stays_xml(secret: str) -> None:
    told = redact(f"<Data Name='CommandLine'>run {secret}</Data><Data Name='User'>anna</Data>")
    hidden = secret.replace("s3cr3t", HIDDEN)
    assert told == f"<Data Name='CommandLine'>run {hidden}</Data><Data Name='User'>anna</Data>"


PROGRAMS = [
    (["curl", "-sSu", "anna:s3cr3t", "https://example.org/"], "anna:"),
    (["curl", "--user=anna:s3cr3t"], "--user=anna:"),
    (["/usr/bin/mysqldump", "-ps3cr3t", "acme"], "-p"),
    (["timeout", "5", "sshpass", "-p", "s3cr3t", "ssh", "db1"], ""),
    (["snmpwalk", "-v2c", "-c", "s3cr3t", "192.0.2.1"], ""),
    (["snmpget", "-v3", "-u", "anna", "-A", "s3cr3t", "-X", "s3cr3t", "192.0.2.1"], ""),
    (["smbclient", "//srv/share", "-U", "acme/anna%s3cr3t"], "acme/anna%"),
    (["ldapsearch", "-x", "-D", "cn=anna", "-w", "s3cr3t"], ""),
    (["docker", "login", "-u", "anna", "-p", "s3cr3t"], ""),
    (["redis-cli", "-a", "s3cr3t", "ping"], ""),
    (["C:\\x\\plink.exe", "-pw", "s3cr3t", "anna@db1"], ""),
    (["ipmitool", "-U", "anna", "-P", "s3cr3t", "sel"], ""),
]


@pytest.mark.parametrize(("args", "before"), PROGRAMS)
def test_an_option_that_means_a_secret_for_its_program_alone(args: list[str], before: str) -> None:
    hidden = before + HIDDEN
    wanted = tuple(hidden if "s3cr3t" in one else one for one in args)
    assert redact_args(args) == wanted
    assert redact(f"* * * * * root {' '.join(args)} | cat") == (
        f"* * * * * root {' '.join(wanted)} | cat"
    )


@pytest.mark.parametrize("around", ['sh -c "{}"', "sh -c '{}'", '{{"args": "{}"}}', "<x>{}</x>"])
def test_a_command_line_inside_another_text(around: str) -> None:
    told = redact(around.format("cd / && curl -u anna:s3cr3t x; mysql -ps3cr3t"))
    assert told == around.format(f"cd / && curl -u anna:{HIDDEN} x; mysql -p{HIDDEN}")


@pytest.mark.parametrize(
    "form",
    [
        "$6$saltsalt$" + "a1b2" * 20,
        "$9$" + "Abc-./1" * 3,
        "ghp_" + "A1b2" * 9,
        "glpat-" + "A1b2" * 5,
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    ],
)
def test_what_tells_by_its_form_that_it_is_a_secret(form: str) -> None:
    assert redact(f"anna:{form}:19000") == f"anna:{HIDDEN}:19000"


def test_of_a_private_key_only_its_place_is_kept() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\n{0}\n{0}\n-----END RSA PRIVATE KEY-----"
    text = f"remote 192.0.2.1\n<key>\n{key}\n</key>\nverb 3"
    assert redact(text.format("TUlJRQ==")) == text.format(HIDDEN)
    alone = "grep: -----BEGIN PRIVATE KEY-----\nis what to look for\nverb 3"
    assert redact(alone) == alone
    one_line = json.dumps({"pem": key.format("TUlJRQ==")})
    assert json.loads(redact(one_line)).keys() == {"pem"}
    assert "TUlJRQ" not in redact(one_line)


def test_an_option_and_its_secret_in_two_arguments() -> None:
    assert redact_args(["x", "--password", "s3cr3t", "-v"]) == ("x", "--password", HIDDEN, "-v")


PARTS = st.sampled_from([
    "curl", " -u ", "a:b", '"', "'", "\\", " ", "\n", "mysql", " -p", "key 7 ", "d1", "community=",
    " password ", "username x", "$6$aa$", "=", ";", "<", "[", "]", "snmp ", "sqlplus a/b", "pass:",
    "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "TUlJ", HIDDEN, "bearer ", "@", "://",
])  # fmt: skip


@given(st.lists(PARTS, max_size=30).map("".join))
def test_redaction_of_what_looks_like_secrets_is_stable(text: str) -> None:
    assert redact(redact(text)) == redact(text)


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
