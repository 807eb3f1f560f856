"""Kill a writer with SIGKILL at a random moment, and hear what it had acknowledged until then."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable

Acknowledge = Callable[[str], None]


def killed_while(write: Callable[[Acknowledge], None], longest: float) -> list[str]:
    """Run ``write`` in a child for at most ``longest`` seconds; give what it acknowledged."""
    hearing, saying = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(hearing)
        run(write, saying)
    os.close(saying)
    time.sleep(random.uniform(0, longest))
    os.kill(child, signal.SIGKILL)
    with os.fdopen(hearing, "rb") as pipe:
        heard = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        raise RuntimeError("the writer ended by itself")
    return heard.split("\n")[:-1]  # the last may be cut: then it does not count


def run(write: Callable[[Acknowledge], None], saying: int) -> None:
    try:
        write(lambda words: _say(saying, words))
    except BaseException:  # the child must never return into its parent's code
        traceback.print_exc(file=sys.stderr)
    os._exit(1)


def _say(saying: int, words: str) -> None:
    os.write(saying, f"{words}\n".encode())
