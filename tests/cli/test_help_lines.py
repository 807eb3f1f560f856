import pytest

from tests.cli.conftest import Whence


@pytest.mark.parametrize("group", ["lab", "case"])
def test_what_a_command_does_is_said_to_the_end(whence: Whence, group: str) -> None:
    lines = whence(group, "--help")[1].partition("Commands:")[2].splitlines()
    assert len(lines) > 3
    assert not [line for line in lines if line.endswith("...")]
