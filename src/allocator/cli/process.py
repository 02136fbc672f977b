"""What a command does with the process that it runs in: its streams, the signals that end it, and its exit code.

What shows anything is imported when it is to be shown, as commands start with this file.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from rich.console import Console

    from allocator.wording.progress import Shown


DONE, NO_PLAN, UNUSABLE, STOPPED, OWN_MISTAKE, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 3, 70, 130, 141
"""Exit codes."""
_SOON = 0.02
"""Seconds after which a signal that was lost is sent again."""


class Ended(BaseException):
    """The system asked the command to end; like an interrupt it may come anywhere, so that it is no Exception."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
        self.exit_code = 128 + number
        """As shells have it: 143 for SIGTERM, 129 for SIGHUP."""


@contextmanager
def endings() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise Ended, so that a command cleans up; not where they are ignored or handled.

    One that comes while the interpreter runs a callback of its own is lost there, as an interrupt is: it is sent again.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    changed = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    came: list[int] = []

    def end(number: int, _frame: object) -> NoReturn:
        came.append(number)
        raise Ended(number)

    for number in changed:
        signal.signal(number, end)
    otherwise, again = sys.unraisablehook, list[threading.Timer]()

    def lost(what: Any) -> None:
        number = _sent(what.exc_value)
        if number is None:
            if not came:  # what an end leaves half made may be unable to close itself
                otherwise(what)
            return
        again.append(threading.Timer(_SOON, _send_again, [number]))
        again[-1].start()

    sys.unraisablehook = lost
    try:
        yield
    finally:
        sys.unraisablehook = otherwise
        for timer in again:
            timer.cancel()
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


def _send_again(number: int) -> None:
    """Send a signal to the main thread, whose waiting it ends; where threads have no signals, to the process."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        signal.raise_signal(number)


def _sent(error: BaseException | None) -> int | None:
    """Return the signal that raised an error; None for any other."""
    if isinstance(error, Ended):
        return error.number
    return int(signal.SIGINT) if isinstance(error, KeyboardInterrupt) else None


def prepare_streams() -> None:
    """Let no character that the terminal can't show stop a command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def own_stdout() -> None:
    """Keep standard output for what the command says: whatever else writes to descriptor 1 writes nowhere.

    Solvers and other compiled libraries print there past `sys.stdout`, and so do the processes that they start. Where
    there is no standard output, descriptor 1 must not go to the next file that is opened.
    """
    if sys.stdout is None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        sys.stdout = open(nowhere, "w", encoding="utf-8")  # noqa: SIM115, PTH123
        return
    try:
        descriptor = sys.stdout.fileno()
    except io.UnsupportedOperation:  # it is no file: nothing that others write reaches it
        return
    kept, nowhere = os.dup(descriptor), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
    sys.stdout = open(kept, "w", encoding=sys.stdout.encoding, errors=sys.stdout.errors)  # noqa: SIM115, PTH123


def abandon_stdout() -> None:
    """Send what is still buffered nowhere, so that Python's own flush at exit does not fail again."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, io.UnsupportedOperation):  # a stdout without a file behind it
        return


def speaks_utf8(stream: Any) -> bool:
    """Whether a stream shows every character."""
    return str(getattr(stream, "encoding", "") or "").lower().replace("-", "") == "utf8"


def console(*, stderr: bool = False) -> Console:
    """Return a console for stdout, or stderr, that shows text as it is."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)


@contextmanager
def progress_shown(*, quiet: bool) -> Iterator[Shown]:
    """Yield a progress callback for what works silently; it shows nothing when quiet or where nobody looks."""
    with _unheard():
        if quiet or not sys.stderr.isatty():
            yield lambda _text, _part: None
            return
        from allocator.console.progress import progress_display

        with progress_display(console(stderr=True)) as report:
            yield report


@contextmanager
def _unheard() -> Iterator[None]:
    """While work is done nothing goes to standard output, whatever library tries to."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):  # noqa: PTH123
        yield
