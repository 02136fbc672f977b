"""What a command does with the process that it runs in: its streams, and the signals that end it."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn


class Ended(BaseException):
    """The system asked the command to end; like an interrupt it may come anywhere, so that it is no Exception."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number
        """As shells have it: 143 for SIGTERM, 129 for SIGHUP."""


@contextmanager
def endings() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise Ended, so that a command cleans up; not where they are ignored or handled."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    changed = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in changed:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, _frame: object) -> NoReturn:
    raise Ended(number)


def prepare_streams() -> None:
    """Let no character that the terminal can't show stop a command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def abandon_stdout() -> None:
    """Send what is still buffered nowhere, so that Python's own flush at exit does not fail again."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, io.UnsupportedOperation):  # a stdout without a file behind it
        return


def speaks_utf8(stream: Any) -> bool:
    """Whether a stream shows every character."""
    return str(getattr(stream, "encoding", "") or "").lower().replace("-", "") == "utf8"
