"""The programs that machines of the lab run: ordinary servers and ordinary clients, a backup."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
LOG = "outside.log"  # in the folder of the lab: who called the machines outside
RESPONDER = (sys.executable, "-I", str(HERE / "responder.py"))
CALLER = (sys.executable, "-I", str(HERE / "caller.py"))
SAVER = (sys.executable, "-I", str(HERE / "saver.py"))
REGISTRY = (sys.executable, "-I", str(HERE / "registry.py"))
