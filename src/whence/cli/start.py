"""Where `whence` begins: before anything is imported, ^C and closed streams are looked after."""

from __future__ import annotations

import os
import signal
import sys
from types import TracebackType


def main() -> None:
    """Import the command line with ^C in its raw form, then hand over to it."""
    _open_closed_streams()
    sys.excepthook = _show
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
    finally:  # all is said and put in order: who asks again need not wait for Python to end
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if python_listens:
            signal.signal(signal.SIGINT, signal.SIG_DFL)


def _open_closed_streams() -> None:
    """Put /dev/null where the caller closed a stream, lest a file of a case gets its number."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
            setattr(sys, name, os.fdopen(number, mode))


def _show(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
    """Show no traceback of an interrupt that came while another one was being answered."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, fault, trace)
