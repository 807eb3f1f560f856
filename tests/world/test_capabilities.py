"""Rights that are laid down for a try, and rights that are given up for good."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from whence.model import NotPermitted
from whence.world import capabilities

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to lay down")


def run(script: str) -> str:
    """Run it in a process of its own: rights do not come back."""
    done = subprocess.run(
        [sys.executable, "-c", f"import os\nfrom whence.world.capabilities import *\n{script}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@AS_ROOT
def test_what_was_laid_down_can_be_taken_back() -> None:
    script = "lower([CAP_BPF]); print(os.geteuid(), *held()); restore(); print(os.geteuid())"
    assert run(script).split() == ["65534", "39", "0"]


@AS_ROOT
def test_what_was_given_up_is_gone() -> None:
    script = (
        "give_up_all_but([CAP_BPF, CAP_PERFMON]); print(os.getresuid(), os.getresgid(), *held())\n"
        "try: os.setuid(0)\nexcept PermissionError: print('gone')"
    )
    nobody = "(65534, 65534, 65534)"
    assert run(script) == f"{nobody} {nobody} 38 39\ngone"


def test_what_we_do_not_have_cannot_be_kept() -> None:
    with pytest.raises(NotPermitted):
        capabilities.lower([63])
