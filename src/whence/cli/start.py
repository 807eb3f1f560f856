"""Where `whence` begins: a ^C while Python still imports ends it without a traceback."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Import the command line with ^C in its raw form, then hand over to it."""
    python_listens = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if python_listens:  # otherwise ^C is ignored, as under nohup, and stays so
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from whence.cli.main import main as run  # not before: this is what takes its time

    try:
        if python_listens:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        run()
    except KeyboardInterrupt:  # just before `run` would have caught it, or just after
        sys.exit(130)
    finally:
        if python_listens:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
