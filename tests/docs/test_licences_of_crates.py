"""The wheel carries the terms of all code that is linked into it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_crate_that_is_linked_is_named_with_its_terms() -> None:
    told = subprocess.run(
        ["cargo", "tree", "--locked", "--offline", "--package", "whence-native",
         "--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"],
        cwd=ROOT / "native", capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    linked = {
        f"{name} {version}"
        for name, version in re.findall(r"^(\S+) v(\S+)", told, re.MULTILINE)
        if not name.startswith("whence-")
    }
    text = (ROOT / "LICENSES-OF-CRATES.md").read_text("utf-8")
    named = set(re.findall(r"^- (\S+ [^\s,]+)", text, re.MULTILINE))
    assert len(linked) > 20
    assert linked <= named, "make licences"
