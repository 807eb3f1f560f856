import click
import pytest

from tests.cli.conftest import Whence
from whence.cli.main import COMMANDS, cli


@pytest.mark.parametrize(
    "group",
    [
        name
        for name in COMMANDS
        if isinstance(cli.get_command(click.Context(cli), name), click.Group)
    ],
)
def test_what_a_command_does_is_said_to_the_end(whence: Whence, group: str) -> None:
    lines = whence(group, "--help")[1].partition("Commands:")[2].splitlines()
    assert lines
    assert not [line for line in lines if line.endswith("...")]
