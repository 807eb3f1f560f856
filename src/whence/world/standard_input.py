"""Standard input, as a file is named."""

from __future__ import annotations

from pathlib import Path

STANDARD_INPUT = Path("-")
