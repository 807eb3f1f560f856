from pathlib import Path

import pytest

from whence.model import BadSettings
from whence.world.online_settings import OnlineSettings, read_online_settings
from whence.world.outside import Server


def test_without_settings_the_usual_ones_are_asked(tmp_path: Path) -> None:
    assert read_online_settings({"HOME": str(tmp_path)}) == OnlineSettings()


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "online.toml"
    file.write_text('whois_server = "a.example"\npatience = 2\n[at]\n"x.example" = "127.0.0.1:1"\n')
    settings = read_online_settings(
        {"WHENCE_ONLINE": str(file), "WHENCE_ONLINE_WHOIS_SERVER": "b.example"}
    )
    assert (settings.whois_server, settings.patience) == ("b.example", 2.0)
    assert settings.at == {"x.example": "127.0.0.1:1"}


def test_each_setting_can_be_in_the_environment(tmp_path: Path) -> None:
    settings = read_online_settings(
        {
            "HOME": str(tmp_path),
            "WHENCE_ONLINE_PATIENCE": "0.5",
            "WHENCE_ONLINE_AT": "x.example:43=127.0.0.1:4343, y.example=127.0.0.1:1",
        }
    )
    assert settings.patience == 0.5
    assert settings.at == {"x.example:43": "127.0.0.1:4343", "y.example": "127.0.0.1:1"}


@pytest.mark.parametrize("text", ["whois = 1\n", "patience = 'long'\n", "= no toml", "at = 'x'\n"])
def test_what_is_not_right_is_said_so(tmp_path: Path, text: str) -> None:
    file = tmp_path / "online.toml"
    file.write_text(text)
    with pytest.raises(BadSettings):
        read_online_settings({"WHENCE_ONLINE": str(file)})


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(BadSettings):
        read_online_settings({"WHENCE_ONLINE": str(tmp_path / "none.toml")})


def test_every_setting_is_in_the_manual() -> None:
    page = Path(__file__).parents[2] / "docs/how-to/find-out-who-is-at-the-other-end.md"
    assert all(f"`{name}`" in page.read_text() for name in OnlineSettings.__slots__)


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("whois.example", "whois.example", 43),
        ("whois.example:4343", "whois.example", 4343),
        ("2001:db8::7", "2001:db8::7", 43),
        ("[2001:db8::7]:4343", "2001:db8::7", 4343),
    ],
)
def test_a_server_is_a_host_with_or_without_a_port(text: str, host: str, port: int) -> None:
    assert Server.of(text, 43) == Server(host, port)


@pytest.mark.parametrize("text", ["", ":43", "whois.example:x", "whois.example:0", "a:65536"])
def test_what_is_no_server_is_said_so(text: str) -> None:
    with pytest.raises(BadSettings):
        Server.of(text, 43)
