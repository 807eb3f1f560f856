import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from whence.cli.main import main

Whence = Callable[..., tuple[int, str, str]]


def squeezed(text: str) -> str:
    """Make each run of spaces one: columns are as wide as what is in them."""
    return re.sub(" +", " ", text)


@pytest.fixture
def whence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Whence:
    """Run whence with a state folder of its own; give exit status, stdout and stderr."""
    monkeypatch.setenv("WHENCE_STATE", str(tmp_path / "state"))

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["whence", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return run
