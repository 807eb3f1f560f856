"""Where `whence` begins: a ^C while Python still imports ends it without a traceback."""

from __future__ import annotations

import signal
import sys
from types import TracebackType


def main() -> None:
    """Import the command line with ^C in its raw form, then hand over to it."""
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


def _show(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
    """Show no traceback of an interrupt that came while another one was being answered."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, fault, trace)
