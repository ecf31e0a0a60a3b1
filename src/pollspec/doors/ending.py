"""Ctrl-C, and being told to end, while a run goes on."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Protocol


class Endable(Protocol):
    """What goes on until it is `over`."""

    over: bool


@contextlib.contextmanager
def terminable(going: Endable) -> Iterator[None]:
    """Ctrl-C and being told to end (SIGTERM, as pipelines do) end a run while it goes on; its report is delivered."""

    def interrupt(number: int, frame: object) -> None:
        if not going.over:
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
