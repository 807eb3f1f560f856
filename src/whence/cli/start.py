"""Where `whence` begins: before anything is imported, ^C and closed streams are looked after."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import time
from types import TracebackType

MOMENT = 0.01  # seconds in which what could not be interrupted ends


def main() -> None:
    """Import the command line with ^C in its raw form, then hand over to it."""
    _open_closed_streams()
    sys.excepthook = _show
    sys.unraisablehook = _interrupt_again
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


def _interrupt_again(told: sys.UnraisableHookArgs) -> None:
    """Let no interrupt be lost where Python can raise none, as where it ends an import."""
    if not issubclass(told.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(told)
        return
    of_terminal = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    _thread.start_new_thread(_interrupt_soon, (signal.SIGINT if of_terminal else signal.SIGTERM,))


def _interrupt_soon(number: signal.Signals) -> None:
    time.sleep(MOMENT)
    os.kill(os.getpid(), number)  # and not interrupt_main, which wakes nobody who waits
