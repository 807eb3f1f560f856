"""``python -m whence.lab up|down|status|demo [STORY] [--seed N] [--variant V]``."""

from __future__ import annotations

import argparse
import sys

from whence.lab import demo, describe, down, status, up
from whence.lab.told import FIRST
from whence.model import WhenceError


def main() -> int:
    """Do what the command line says and give the exit status."""
    parser = argparse.ArgumentParser(prog="python -m whence.lab")
    parser.add_argument("verb", choices=("up", "down", "status", "demo"))
    parser.add_argument("story", nargs="?")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--variant")
    options = parser.parse_args()
    try:
        return _do(options.verb, options.story, options.seed, options.variant)
    except WhenceError as e:
        print(f"{e}: {e.because}. Try: {e.try_}", file=sys.stderr)
        return e.exit_code


def _do(verb: str, story: str | None, seed: int | None, variant: str | None) -> int:
    if verb == "demo":
        return demo(seed=seed, variant=variant, name=story)
    if verb == "down":
        print("\n".join(down()) or "there was no lab")
        return 0
    office = up(story or FIRST, seed, variant) if verb == "up" else status()
    print(describe(office) if office else "the lab is down")
    return 0


if __name__ == "__main__":
    sys.exit(main())
