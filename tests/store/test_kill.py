"""What was acknowledged survives kill -9. bench/durability does the same a hundred times."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "bench" / "durability"


@pytest.mark.parametrize("script", ["kill_case.py", "kill_history.py"])
def test_what_was_acknowledged_survives_kill_9(script: str) -> None:
    command = [sys.executable, str(SCRIPTS / script), "15"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(done.stdout)
    assert result["acknowledged"] > 0
    assert (result["kills"], result["lost"], result["problems"]) == (15, 0, [])
